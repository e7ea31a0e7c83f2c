import CLlama
import LMStudio
import LMStudioTesting
import Testing

@testable import LMStudioLlama

/// What load options make of tiny models.
@Suite struct LoadOptionTests {
    private let store: TinyStore
    private let host: LocalHost

    init() throws {
        store = try TinyStore("dense")
        var mixture = TinyModel()
        (mixture.experts, mixture.usedExperts, mixture.contextLength) = (4, 2, 4096)
        try store.add("mixture", mixture)
        var bytes = TinyModel()
        bytes.tokenizer = .bytePairs
        try store.add("bytes", bytes)
        host = try store.host()
    }

    private func model(
        _ key: String,
        _ change: (inout LoadConfig) -> Void = { _ in }
    ) async throws -> LLM {
        var config = LoadConfig()
        change(&config)
        return try await LMStudioClient(host: host).llm.load(key, config: config)
    }

    private func refusal(
        _ key: String,
        _ change: (inout LoadConfig) -> Void
    ) async -> LMStudioError? {
        await #expect(throws: LMStudioError.self) { try await model(key, change) }
    }

    // MARK: Experts

    /// How likely a model thinks its first tokens are.
    private func logProbs(_ model: LLM) async throws -> [Double] {
        var config = PredictionConfig.greedy(4)
        config.logProbs = 0
        let stream = try model.completeStream("hello", config: config)
        var all: [Double] = []
        for try await fragment in stream { all += fragment.tokens.map(\.logProb) }
        return all
    }

    @Test func otherNumbersOfExpertsThinkOtherwise() async throws {
        let usual = try await logProbs(model("mixture"))
        #expect(usual.count == 4)
        #expect(try await logProbs(model("mixture") { $0.expertCount = 2 }) == usual)
        #expect(try await logProbs(model("mixture") { $0.expertCount = 0 }) == usual)
        for count in [1, 3, 4] {
            let model = try await model("mixture") { $0.expertCount = count }
            #expect(try await logProbs(model) != usual)
            #expect(try await model.loadConfig().expertCount == count)
        }
    }

    @Test func moreExpertsThanThereAreAreRefused() async {
        let error = await refusal("mixture") { $0.expertCount = 5 }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message == #"numExperts must be 1…4, the experts of "mixture", not 5"#)
    }

    @Test func aModelWithoutExpertsSaysSo() async {
        let error = await refusal("dense") { $0.expertCount = 2 }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains(#""dense" has no experts; leave it out"#) == true)
    }

    @Test func aCacheOfOtherExpertsIsIgnored() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/cache"
        try await model("mixture").saveCache(ofPrompt: "hello", to: path)
        let loaded = try await model("mixture") { $0.expertCount = 1 }.loadCache(from: path)
        #expect(loaded.tokensCount == 0)
        #expect(loaded.warning?.contains("numExperts 1") == true)
    }

    @Test func theFirstLayersKeepTheirExpertsOffTheGPU() async throws {
        cllama_log_set { _, text in
            if let text { LogLines.recorder.record(String(cString: text)) }
        }
        defer { cllama_log_set(nil) }
        let model = try await model("mixture") { $0.cpuExpertLayersRatio = 0.5 }
        let moved = LogLines.recorder.values.filter { $0.contains("overridden to CPU") }
        for part in ["gate", "up", "down"] {
            #expect(moved.contains { $0.contains("blk.0.ffn_\(part)_exps.weight") })
        }
        #expect(!moved.contains { $0.contains("blk.1.") })
        #expect(try await model.loadConfig().cpuExpertLayersRatio == 0.5)
    }

    // MARK: GPUs

    @Test func withoutAGPUItsOptionsAreToldAndChangeNothing() async throws {
        let usual = try await logProbs(model("dense"))
        let model = try await model("dense") { config in
            (config.mainGPU, config.gpuSplitStrategy) = (1, .favorMainGPU)
            (config.disabledGPUs, config.strictVRAMCap) = ([0], true)
        }
        let config = try await model.loadConfig()
        #expect((config.mainGPU, config.gpuSplitStrategy) == (1, .favorMainGPU))
        #expect((config.disabledGPUs, config.strictVRAMCap) == ([0], true))
        #expect(try await logProbs(model) == usual)
    }

    // MARK: Threads

    @Test func thePoolHasSoManyThreads() throws {
        var config = LoadConfig()
        config.cpuThreadPoolSize = 3
        let context = try LoopBench(TestModels.starterFile, config).context
        let threads = { (count: Int?) in
            context.useThreads(count)
            return cllama_context_threads(context.pointer)
        }
        #expect(threads(nil) == 3)
        #expect(threads(2) == 2)
        #expect(threads(8) == 3)
    }

    // MARK: Templates

    @Test func theTemplateOfTheLoadMakesPrompts() async throws {
        let model = try await model("dense") { config in
            config.promptTemplate = "{% for m in messages %}<{{ m.content }}>{% endfor %}"
        }
        #expect(try await model.applyPromptTemplate("Hi") == "<Hi>")
        let own = PredictionConfig.template("[{{ messages[0].content }}]")
        #expect(try await model.applyPromptTemplate("Hi", config: own) == "[Hi]")
        let content = try await model.respond("Hi", config: .greedy(4)).content
        #expect(content == (try await model.complete("<Hi>", config: .greedy(4)).content))
    }

    @Test func aFaultyTemplateIsRefusedWithTheLoad() async throws {
        let error = await refusal("dense") { $0.promptTemplate = "{% for %}" }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains("the prompt template fails: line 1") == true)
        #expect(try await host.loadedIdentifiers == [])
    }

    @Test(arguments: ["Enough of it.", ""])
    func aMessageEndsTheThinkingWithItsBudget(message: String) async throws {
        let model = try await model("bytes") { $0.reasoningBudgetMessage = message }
        var config = PredictionConfig.template("{{ messages[0].content }}<think>")
        (config.maxTokens, config.temperature, config.reasoningBudget) = (40, 0, 3)
        let result = try await model.respond("hello", config: config)
        let thought = result.reasoningContent
        #expect(thought.hasSuffix(message))
        #expect(thought.utf8.count > message.utf8.count)
        #expect(result.content.hasPrefix("\(thought)</think>"))
    }

    @Test func aMessageWithTheMarkEndsThere() async throws {
        let model = try await model("bytes") { $0.reasoningBudgetMessage = "no</think>SECRET" }
        var config = PredictionConfig.template("{{ messages[0].content }}<think>")
        (config.maxTokens, config.temperature, config.reasoningBudget) = (40, 0, 1)
        let result = try await model.respond("hello", config: config)
        #expect(result.reasoningContent.hasSuffix("no"))
        #expect(!result.content.contains("SECRET"))
    }
}

extension PredictionConfig {
    fileprivate static func template(_ source: String) -> PredictionConfig {
        var config = PredictionConfig()
        config.promptTemplate = PromptTemplate(.jinja(source))
        return config
    }
}

/// llama.cpp's log lines.
private enum LogLines {
    static let recorder = Recorder<String>()
}
