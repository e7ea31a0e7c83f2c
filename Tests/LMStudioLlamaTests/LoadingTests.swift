import LMStudio
import LMStudioTesting
import Testing

@testable import LMStudioLlama

extension EngineTests {
    @Suite(.onBothHosts) struct LoadingTests {
        @Test func progressRisesFromZeroToOne() async throws {
            let steps = Recorder<Double>()
            _ = try await TestModels.client().llm.model { steps.record($0) }
            #expect(steps.values.first == 0)
            #expect(steps.values.last == 1)
            #expect(zip(steps.values, steps.values.dropFirst()).allSatisfy { $0 < $1 })
        }

        @Test func aLoadedModelIsTakenAsItIs() async throws {
            let client = try await TestModels.client()
            let first = try await client.llm.model()
            let steps = Recorder<Double>()
            let second = try await client.llm.model(TestModels.starterKey) { steps.record($0) }
            #expect(first == second)
            #expect(steps.values == [1])
            #expect(try await client.llm.listLoaded() == [first])
        }

        @Test(arguments: [
            "smollm2-135m-instruct", "SmolLM2-135M-Instruct", "huggingfacetb", "smollm2",
        ])
        func aModelAnswersToItsNames(name: String) async throws {
            let model = try await TestModels.client().llm.model(name)
            #expect(model.identifier == TestModels.starterKey)
        }

        @Test(arguments: ["SMOLLM2-135M-Instruct", "huggingfacetb"])
        func aLoadedModelAnswersToItsNames(name: String) async throws {
            let client = try await TestModels.client()
            let loaded = try await client.llm.model()
            let model = LLM(client: client, identifier: name)
            #expect(try await model.info().identifier == loaded.identifier)
        }

        @Test func aPathIsANameToo() async throws {
            let model = try await TestModels.client().llm.model(TestModels.starterFile)
            #expect(try await model.countTokens("Hello") == 1)
        }

        @Test func howTheFileIsReadChangesNothingElse() async throws {
            let client = try await TestModels.client()
            let plain = try await client.llm.load(TestModels.starterKey)
                .complete("My name is", config: .greedy(8))
            var config = LoadConfig()
            config.tryDirectIO = true
            let direct = try await client.llm.load(TestModels.starterKey, config: config)
                .complete("My name is", config: .greedy(8))
            #expect(direct.content == plain.content)
            #expect(direct.loadConfig.tryDirectIO == true)
        }

        @Test func manyCallersShareOneLoad() async throws {
            let client = try await TestModels.client()
            let references = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<8 {
                    group.addTask { try await client.llm.model().info().instanceReference }
                }
                return try await group.reduce(into: Set<String>()) { $0.insert($1) }
            }
            #expect(references.count == 1)
        }

        @Test func furtherInstancesAreNumbered() async throws {
            let client = try await TestModels.client()
            let first = try await client.llm.load(TestModels.starterKey)
            let second = try await client.llm.load(TestModels.starterKey)
            let named = try await client.llm.load(TestModels.starterKey, identifier: "mine")
            #expect(first.identifier == "smollm2-135m-instruct")
            #expect(second.identifier == "smollm2-135m-instruct:2")
            #expect(named.identifier == "mine")
            let error = await #expect(throws: LMStudioError.self) {
                try await client.llm.load(TestModels.starterKey, identifier: "MINE")
            }
            #expect(error?.message.contains("already exists") == true)
            try await client.llm.unload("mine")
            #expect(try await client.llm.listLoaded() == [first, second])
        }

        @Test(arguments: [
            "two\nlines", "\u{1B}[2J", "\u{9B}2J", String(repeating: "x", count: 1025),
        ])
        func anIdentifierCanBeShown(identifier: String) async throws {
            let client = try await TestModels.client()
            let error = await #expect(throws: LMStudioError.self) {
                try await client.llm.load(TestModels.starterKey, identifier: identifier)
            }
            #expect(error?.message.hasPrefix("an identifier has at most 1,024 characters") == true)
        }

        @Test func anUnloadTakesNoOtherInstanceOfTheModel() async throws {
            let models = try await TestModels.client().llm
            let mine = try await models.load(TestModels.starterKey, identifier: "mine")
            let other = try await models.load(TestModels.starterKey)
            try await other.unload()
            for name in [TestModels.starterKey, "HuggingFaceTB"] {
                let error = await #expect(throws: LMStudioError.self) {
                    try await models.unload(name)
                }
                #expect(error?.code == .modelNotFound)
            }
            #expect(try await models.listLoaded() == [mine])
            try await models.unload("MINE")
        }

        @Test func namesAndTimesThatAreNoneAreRefusedBeforeTheyAreSent() async throws {
            let models = try await TestModels.client().llm
            for load in [
                { try await models.model("") }, { try await models.load("x", identifier: "") },
                { try await models.load("x", ttl: .zero) },
                { try await models.model(ttl: .seconds(-1)) },
            ] as [@Sendable () async throws -> LLM] {
                let error = await #expect(throws: LMStudioError.self) { try await load() }
                #expect(error?.code == .invalidArgument)
                #expect(error?.message.contains("leave it out for") == true)
            }
        }

        @Test func cancellingTheTaskCancelsTheLoad() async throws {
            let client = try await TestModels.client()
            let task = Task {
                try await client.llm.model { _ in withUnsafeCurrentTask { $0?.cancel() } }
            }
            task.cancel()
            let error = await #expect(throws: LMStudioError.self) { try await task.value }
            #expect(error?.code == .cancelled)
            // And the next one is not spoilt.
            #expect(try await client.llm.model().identifier == TestModels.starterKey)
        }

        @Test func aLoadThatIsToStopReadsNoFurther() {
            let steps = Recorder<Double>()
            let error = #expect(throws: LMStudioError.self) {
                try LlamaModel(
                    path: TestModels.starterFile,
                    layout: ModelLayout(layers: 0),
                    config: LoadConfig(),
                    progress: {
                        steps.record($0)
                        return false
                    }
                )
            }
            #expect(error?.code == .cancelled)
            #expect(steps.count == 1)
        }

        @Test func anUnknownNameGetsTheNearestOnes() async throws {
            let error = await #expect(throws: LMStudioError.self) {
                try await TestModels.client().llm.model("smollm2-135m-instrukt")
            }
            #expect(error?.code == .modelNotFound)
            #expect(error?.message.contains("smollm2-135m-instruct") == true)
        }

        @Test func anEmptyStoreSaysWhatToDo() async throws {
            let directory = try TemporaryDirectory()
            let client = LMStudioClient(host: LocalHost(models: directory.path))
            let error = await #expect(throws: LMStudioError.self) { try await client.llm.model() }
            #expect(error?.code == .modelNotFound)
            #expect(error?.message.contains(directory.path) == true)
            #expect(try await client.llm.listDownloaded().isEmpty)
        }

        @Test func aPromptLongerThanTheContextIsRefusedWithBothNumbers() async throws {
            let model = try await TestModels.client().llm.model(config: .context(64))
            let prompt = (0..<100).map { "word\($0)" }.joined(separator: " ")
            let count = try await model.countTokens(prompt)
            let error = await #expect(throws: LMStudioError.self) {
                try await model.complete(prompt)
            }
            #expect(error?.code == HostTrait.refusal)
            #expect(error?.message.contains("\(count)") == true)
            #expect(error?.message.contains("64") == true)
        }

        @Test func optionsReachTheEngine() async throws {
            var config = LoadConfig.context(1024)
            config.evalBatchSize = 128
            config.physicalBatchSize = 64
            config.flashAttention = true
            config.keyCacheType = .q8_0
            config.valueCacheType = .q8_0
            config.tryMmap = false
            let model = try await TestModels.client().llm.model(config: config)
            var effective = config
            (effective.maxParallelPredictions, effective.useUnifiedKVCache) = (4, true)
            #expect(try await model.loadConfig() == effective)
            #expect(try await model.contextLength() == 1024)
            #expect(
                try await model.complete("My name is", config: .greedy(4)).stats
                    .predictedTokensCount == 4
            )
        }

        @Test func whatIsKeptWithinBoundsIsTold() async throws {
            var config = LoadConfig.context(256)
            config.evalBatchSize = 1024
            config.physicalBatchSize = 16
            config.maxParallelPredictions = 1023
            config.others = ["mlxDiskCache": "true"]
            let client = try await TestModels.client()
            let key = try await client.llm.listDownloaded()[0].modelKey
            let told = try await client.llm.load(key, config: config).loadConfig()
            #expect(told.evalBatchSize == 256)
            #expect(told.maxParallelPredictions == 16)
            #expect(told.others == [:])
        }

        @Test func aContextIsNotDividedIntoPartsOfNextToNothing() async throws {
            let client = try await TestModels.client()
            let key = try await client.llm.listDownloaded()[0].modelKey
            let divided = LoadConfig.parallel(64, context: 64, isUnified: false)
            let error = await #expect(throws: LMStudioError.self) {
                try await client.llm.load(key, config: divided)
            }
            #expect(error?.code == HostTrait.refusal)
            #expect(
                error?.message.contains("64 predictions, 1 tokens each; give at least 1024") == true
            )
            let few = LoadConfig.parallel(4, context: 64, isUnified: false)
            let model = try await client.llm.load(key, config: few)
            #expect(try await model.complete("Hi", config: .greedy(1)).content != "")
        }

        @Test func whatIsNotAsAskedForIsUnloadedAgain() async throws {
            var config = LoadConfig.context(256)
            config.evalBatchSize = 1024
            let client = try await TestModels.client()
            let key = try await client.llm.listDownloaded()[0].modelKey
            let error = await #expect(throws: LMStudioError.self) {
                try await client.llm.load(
                    key,
                    identifier: "verified",
                    config: config,
                    verify: true
                )
            }
            #expect(error?.code == .invalidState)
            #expect(error?.message.contains("evalBatchSize is 256, not 1024") == true)
            #expect(try await client.llm.listLoaded().map(\.identifier) == [])
            config.evalBatchSize = 128
            _ = try await client.llm.load(key, config: config, verify: true)
        }
    }
}
