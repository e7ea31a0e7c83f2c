import LMStudio
import LMStudioLlama
import Testing

extension EngineTests {
    @Suite struct SamplerTests {
        private func text(_ change: (inout PredictionConfig) -> Void) async throws -> String {
            var config = PredictionConfig(maxTokens: 16, temperature: 1.2, seed: 11)
            change(&config)
            let model = try await TestModels.client().llm.model()
            return try await model.complete("Once upon a time", config: config).content
        }

        @Test func biasForcesAndForbidsTokens() async throws {
            let model = try await TestModels.client().llm.model()
            let token = try #require(try await model.tokenize(" cat").first)
            #expect(
                try await text {
                    $0.logitBias = [token: 1000]; $0.temperature = 0; $0.repeatPenalty = nil;
                    $0.maxTokens = 2
                } == " cat cat"
            )
            let greedy = try await text { $0.temperature = 0 }
            let first = try #require(try await model.tokenize(greedy).first)
            #expect(
                try await text {
                    $0.temperature = 0; $0.logitBias = [first: -.infinity]
                } != greedy
            )
        }

        @Test(arguments: [-1, 49_152, Int32.max])
        func biasOfATokenThatThereIsNotIsRefused(token: Int32) async throws {
            let error = await #expect(throws: LMStudioError.self) {
                _ = try await text { $0.logitBias = [token: 1] }
            }
            #expect(error?.code == .invalidArgument)
            #expect(error?.message.contains("0…49151") == true)
        }

        @Test func xtcLeavesTheLikeliestOut() async throws {
            let greedy = try await text { $0.topK = 1 }
            // Of tokens above a threshold of 0 only the least likely stays.
            let other = try await text {
                $0.topK = 2; $0.topP = nil; $0.minP = nil; $0.xtcProbability = 1;
                $0.xtcThreshold = 0
            }
            #expect(other != greedy)
            #expect(
                try await text {
                    $0.topK = 1; $0.xtcProbability = 1
                } == greedy
            )
        }

        @Test func typicalSamplingAndMirostatAreRepeatableAndDiffer() async throws {
            let plain = try await text { _ in }
            for change: @Sendable (inout PredictionConfig) -> Void in [
                { $0.typicalP = 0.1 }, { $0.mirostat = Mirostat(version: 1, targetEntropy: 9) },
                { $0.mirostat = Mirostat(version: 2, targetEntropy: 9) },
            ] {
                let first = try await text(change)
                #expect(first != plain)
                #expect(try await text(change) == first)
            }
        }

        @Test func atTemperatureZeroTheyRest() async throws {
            let greedy = try await text { $0.temperature = 0 }
            #expect(
                try await text {
                    $0.temperature = 0; $0.typicalP = 0.2; $0.xtcProbability = 1
                    $0.mirostat = Mirostat()
                } == greedy
            )
        }
    }
}
