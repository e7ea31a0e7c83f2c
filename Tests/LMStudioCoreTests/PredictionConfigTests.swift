import LMStudioCore
import Testing

@Suite struct PredictionConfigTests {
    /// A change of one option, with what the refusal must name.
    struct Change: Sendable, CustomTestStringConvertible {
        let option: String
        let value: String
        let apply: @Sendable (inout PredictionConfig) -> Void

        init<Value: Sendable>(
            _ option: String,
            _ path: any WritableKeyPath<PredictionConfig, Value> & Sendable,
            _ value: Value
        ) {
            self.option = option
            self.value = "\(value)".replacing("Optional(", with: "").replacing(")", with: "")
            apply = { $0[keyPath: path] = value }
        }

        var testDescription: String { "\(option) = \(value)" }

        var config: PredictionConfig {
            var config = PredictionConfig()
            apply(&config)
            return config
        }
    }

    @Test func defaultsAreLMStudios() {
        let config = PredictionConfig()
        #expect(config.maxTokens == nil)
        #expect(config.temperature == 0.8)
        #expect(config.topK == 40)
        #expect(config.topP == 0.95)
        #expect(config.minP == 0.05)
        #expect(config.repeatPenalty == 1.1)
        #expect(config.presencePenalty == nil)
        #expect(config.frequencyPenalty == nil)
        #expect(config.seed == nil)
        #expect(config.stopStrings == [])
        #expect(config.cpuThreads == nil)
    }

    @Test(arguments: [
        Change("maxTokens", \.maxTokens, 1), Change("maxTokens", \.maxTokens, Int(Int32.max)),
        Change("temperature", \.temperature, 0), Change("temperature", \.temperature, 100),
        Change("topKSampling", \.topK, 0), Change("topKSampling", \.topK, -1),
        Change("topPSampling", \.topP, 0), Change("topPSampling", \.topP, 1),
        Change("minPSampling", \.minP, 0), Change("minPSampling", \.minP, nil),
        Change("repeatPenalty", \.repeatPenalty, 0.001),
        Change("presencePenalty", \.presencePenalty, -100),
        Change("frequencyPenalty", \.frequencyPenalty, 100),
        Change("seed", \.seed, UInt32.max),
        Change("stopStrings", \.stopStrings, [" "]),
        Change("cpuThreads", \.cpuThreads, 512),
        Change("draftModel", \.speculativeDecoding.draftModel, "tiny"),
        Change("numDraftTokensExact", \.speculativeDecoding.numDraftTokensExact, 1),
        Change("minDraftLengthToConsider", \.speculativeDecoding.minDraftLengthToConsider, 0),
        Change("probability", \.speculativeDecoding.minContinueDraftingProbability, 1),
        Change("maxTokensToDraft", \.speculativeDecoding.maxTokensToDraft, 0),
    ])
    func valueAtTheEdgeOfItsRangeIsTaken(change: Change) throws {
        try change.config.validate()
    }

    @Test(arguments: [
        Change("maxTokens", \.maxTokens, 0), Change("maxTokens", \.maxTokens, Int.min),
        Change("maxTokens", \.maxTokens, Int(Int32.max) + 1),
        Change("temperature", \.temperature, -0.1), Change("temperature", \.temperature, 100.5),
        Change("temperature", \.temperature, .nan), Change("temperature", \.temperature, .infinity),
        Change("topKSampling", \.topK, Int.max),
        Change("topPSampling", \.topP, -0.1), Change("topPSampling", \.topP, 1.5),
        Change("topPSampling", \.topP, .nan),
        Change("minPSampling", \.minP, -1), Change("minPSampling", \.minP, .nan),
        Change("repeatPenalty", \.repeatPenalty, 0), Change("repeatPenalty", \.repeatPenalty, -1),
        Change("repeatPenalty", \.repeatPenalty, .nan),
        Change("presencePenalty", \.presencePenalty, 101),
        Change("presencePenalty", \.presencePenalty, .nan),
        Change("frequencyPenalty", \.frequencyPenalty, -.infinity),
        Change("cpuThreads", \.cpuThreads, 0), Change("cpuThreads", \.cpuThreads, 513),
        Change(
            "speculativeDecodingNumDraftTokensExact",
            \.speculativeDecoding.numDraftTokensExact,
            0
        ),
        Change(
            "speculativeDecodingMinDraftLengthToConsider",
            \.speculativeDecoding.minDraftLengthToConsider,
            -1
        ),
        Change(
            "speculativeDecodingMinContinueDraftingProbability",
            \.speculativeDecoding.minContinueDraftingProbability,
            1.5
        ),
        Change(
            "speculativeDecodingMaxTokensToDraft",
            \.speculativeDecoding.maxTokensToDraft,
            -1
        ),
    ])
    func valueOutsideItsRangeIsRefusedByNameAndValue(change: Change) {
        let error = #expect(throws: LMStudioError.self) { try change.config.validate() }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.hasPrefix("\(change.option) must be ") == true)
        #expect(error?.message.hasSuffix("not \(change.value)") == true)
    }

    @Test func anyTopKOfZeroOrLessMeansAll() throws {
        try Change("topKSampling", \.topK, -2).config.validate()
    }

    @Test func emptyStopStringIsRefusedByName() {
        let config = PredictionConfig(stopStrings: ["\n", ""])
        let error = #expect(throws: LMStudioError.self) { try config.validate() }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains("stopStrings") == true)
    }
}
