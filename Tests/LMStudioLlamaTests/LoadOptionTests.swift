import CLlama
import Foundation
import LMStudio
import LMStudioTesting
import Synchronization
import Testing

@testable import LMStudioLlama

/// What load options make of tiny models.
@Suite(.onBothHosts) struct LoadOptionTests {
    private let store: TinyStore
    private let host: LocalHost
    private let client: LMStudioClient

    init() async throws {
        store = try TinyStore("dense")
        var mixture = TinyModel()
        (mixture.experts, mixture.usedExperts, mixture.contextLength) = (4, 2, 4096)
        try store.add("mixture", mixture)
        var bytes = TinyModel()
        bytes.tokenizer = .bytePairs
        try store.add("bytes", bytes)
        host = try store.host()
        client = try await HostTrait.client(of: host)
    }

    private func model(
        _ key: String,
        _ change: (inout LoadConfig) -> Void = { _ in }
    ) async throws -> LLM {
        var config = LoadConfig()
        change(&config)
        return try await client.llm.load(key, config: config)
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
        #expect(error?.code == HostTrait.refusal)
        #expect(error?.message == #"numExperts must be 1…4, the experts of "mixture", not 5"#)
    }

    @Test func aModelWithoutExpertsSaysSo() async {
        let error = await refusal("dense") { $0.expertCount = 2 }
        #expect(error?.code == HostTrait.refusal)
        #expect(error?.message.contains(#""dense" has no experts; leave it out"#) == true)
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

    // MARK: Positions

    @Test func otherPositionsThinkOtherwise() async throws {
        let usual = try await logProbs(model("dense"))
        #expect(try await logProbs(model("dense") { $0.ropeFrequencyBase = 10_000 }) == usual)
        #expect(try await logProbs(model("dense") { $0.ropeFrequencyBase = 0 }) == usual)
        #expect(try await logProbs(model("dense") { $0.ropeFrequencyScale = 1 }) == usual)
        let base = try await model("dense") { $0.ropeFrequencyBase = 100 }
        let scale = try await model("dense") { $0.ropeFrequencyScale = 0.25 }
        #expect(try await logProbs(base) != usual)
        #expect(try await logProbs(scale) != usual)
        #expect(try await logProbs(base) != logProbs(scale))
        #expect(try await base.loadConfig().ropeFrequencyBase == 100)
        #expect(try await scale.loadConfig().ropeFrequencyScale == 0.25)
    }

    // MARK: Memory

    /// Bytes of the contexts of the loaded models, the first loaded first.
    private var contextBytes: [Int64] {
        host.state.withLock { $0.instances.map(\.memory.contextBytes) }
    }

    @Test func cachesOfOtherTypesTakeOtherMemory() async throws {
        for type in [LoadConfig.CacheType.f16, .f32] {
            _ = try await model("dense") { $0.keyCacheType = type }
        }
        _ = try await model("dense") { ($0.keyCacheType, $0.valueCacheType) = (.f32, .f32) }
        // Two layers, two heads of eight numbers, 4,096 tokens, two bytes more for each.
        let difference: Int64 = 2 * 16 * 4096 * 2
        let bytes = contextBytes
        // What is computed with keys and values of two types takes some more.
        #expect(bytes[1] - bytes[0] >= difference)
        #expect(bytes[2] - bytes[0] >= 2 * difference)
    }

    @Test func aPromptIsReadInBatchesOfTheSizeThatWasAskedFor() throws {
        var config = LoadConfig.context(1024)
        config.evalBatchSize = 48
        let prompt = String(repeating: "one two three ", count: 40)
        let run = try LoopBench.alone(TestModels.starterFile, config, prompt, .pattern(1))
        let steps = zip(run.read, run.read.dropFirst()).map { $1 - $0 }
        #expect(steps.count > 2)
        #expect(steps.dropLast().allSatisfy { $0 == 48 })
        #expect(steps.last.map { $0 <= 48 } == true)
    }

    #if os(Linux)
    /// What the system tells of this process; it gives no more than a page at once.
    private func lines(of name: String) throws -> [String] {
        let file = try #require(fopen("/proc/self/\(name)", "r"))
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes.prefix(count), as: UTF8.self)
            .split(separator: "\n").map(String.init)
    }

    /// Whether the system has mapped the file of a model of this test's store.
    private func isMapped(_ key: String) throws -> Bool {
        let path = "\(store.path)/test/\(key)/\(key).gguf"
        return try lines(of: "maps").contains { $0.hasSuffix(path) }
    }

    @Test func aFileIsMappedUnlessItIsToBeRead() async throws {
        for reads in [false, true] {
            let key = reads ? "bytes" : "dense"
            let model = try await model(key) { if reads { $0.tryMmap = false } }
            #expect(try isMapped(key) == !reads)
            try await host.unload(.identifier(model.identifier))
            #expect(try !isMapped(key))
        }
    }

    /// Kilobytes of this process that stay in memory whatever happens.
    private var lockedSize: Int {
        get throws {
            let line = try #require(try lines(of: "status").first { $0.hasPrefix("VmLck:") })
            return try #require(Int(line.filter(\.isNumber)))
        }
    }

    @Test func weightsAreLockedInMemoryWhereTheSystemLetsThem() async throws {
        let before = try lockedSize
        let model = try await model("dense") { $0.keepModelInMemory = true }
        // Where they may not be locked they are used as they are.
        let limit = try lines(of: "limits").first { $0.hasPrefix("Max locked memory") }
        let softLimit = try #require(limit).split(separator: " ")[3]
        let mayLock = softLimit == "unlimited" || (Int(softLimit) ?? 0) >= 1 << 20
        #expect(try lockedSize > before || !mayLock)
        #expect(try await logProbs(model) == logProbs(self.model("dense")))
        try await host.unload(.identifier(model.identifier))
        #expect(try lockedSize == before)
    }
    #endif

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

    @Test(arguments: [nil, 1, 512])
    func thePoolHasSoManyThreadsAsThereAreCoresFor(size: Int?) throws {
        var config = LoadConfig()
        config.cpuThreadPoolSize = size
        let context = try LoopBench(TestModels.starterFile, config).context
        let most = size == 1 ? 1 : cllama_core_count()
        for (count, given) in [(nil, most), (1, 1), (512, most)] {
            context.useThreads(count)
            #expect(cllama_context_threads(context.pointer) == given)
        }
    }

    @Test func howManyThreadsThereAreIsRead() async throws {
        let most = Int(cllama_core_count())
        let model = try await model("dense") { $0.cpuThreadPoolSize = 512 }
        #expect(try await model.loadConfig().cpuThreadPoolSize == most)
        var config = PredictionConfig.greedy(1)
        config.cpuThreads = 512
        let result = try await model.complete("hello", config: config)
        #expect(result.predictionConfig.cpuThreads == most)
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
        #expect(error?.code == HostTrait.refusal)
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

    @Test(arguments: [0, 1, 3])
    func aMarkOfMoreTokensThanBytesEndsTheThinking(budget: Int) async throws {
        let model = try await model("dense")
        var config = PredictionConfig.template("{{ messages[0].content }}<think>")
        (config.maxTokens, config.temperature, config.reasoningBudget) = (40, 0, budget)
        config.logProbs = 2
        let stream = try model.respondStream("hello", config: config)
        var ids: [Int32] = []
        for try await fragment in stream { ids += fragment.tokens.map(\.id) }
        #expect(ids.count == 40)
        #expect(ids.allSatisfy { $0 >= 0 })
        #expect(try await stream.result().content.contains("</think>"))
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
