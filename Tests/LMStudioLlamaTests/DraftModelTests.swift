import Dispatch
import LMStudio
import LMStudioCore
import LMStudioTesting
import Synchronization
import Testing

@testable import LMStudioLlama

extension EngineTests {
    /// A second instance of the starter model guesses for the first.
    @Suite(.onBothHosts) struct DraftModelTests {
        private static let draftName = "guesser"
        private static let prompt = "Once upon a time"

        private func models() async throws -> (client: LMStudioClient, model: LLM) {
            let client = try await HostTrait.client(of: LocalHost())
            let model = try await client.llm.model(TestModels.starterFile)
            _ = try await client.llm.load(TestModels.starterFile, identifier: Self.draftName)
            return (client, model)
        }

        private func drafted(_ config: PredictionConfig) -> PredictionConfig {
            var config = config
            config.speculativeDecoding.draftModel = Self.draftName
            return config
        }

        /// A result with the draft model is that without one.
        private func compare(
            _ config: PredictionConfig,
            prompt: String = prompt
        ) async throws -> PredictionResult {
            let (_, model) = try await models()
            let plain = try await model.complete(prompt, config: LookupTests.plain(config))
            let result = try await model.complete(prompt, config: drafted(config))
            #expect(result.content == plain.content)
            #expect(result.stats.stopReason == plain.stats.stopReason)
            #expect(result.stats.predictedTokensCount == plain.stats.predictedTokensCount)
            #expect(plain.stats.drafts == nil)
            return result
        }

        @Test func theTextIsTheSameAndTheCountsAddUp() async throws {
            let result = try await compare(LookupTests.repeating(32))
            let drafts = try #require(result.stats.drafts)
            #expect(drafts.modelKey == TestModels.starterKey)
            // It is as wise as the model itself: what it guesses is right.
            #expect(drafts.acceptedCount > 4)
            #expect(drafts.rejectedCount < drafts.acceptedCount)
            #expect(drafts.acceptedCount < 32)
        }

        @Test func exactNumbersOfGuessesAreMade() async throws {
            var config = LookupTests.repeating(24)
            config.speculativeDecoding.numDraftTokensExact = 3
            let drafts = try #require(try await compare(config).stats.drafts)
            #expect(drafts.acceptedCount >= 12)
        }

        @Test func shortGuessesAreIgnored() async throws {
            var config = LookupTests.repeating(24)
            config.speculativeDecoding.maxTokensToDraft = 4
            config.speculativeDecoding.minDraftLengthToConsider = 5
            let drafts = try #require(try await compare(config).stats.drafts)
            #expect(drafts.acceptedCount == 0 && drafts.rejectedCount == 0)
            #expect(drafts.ignoredCount > 0)
        }

        @Test func whatItIsNotSureOfIsNotGuessed() async throws {
            var config = LookupTests.repeating(24)
            config.speculativeDecoding.minContinueDraftingProbability = 1
            let drafts = try #require(try await compare(config).stats.drafts)
            #expect(drafts.totalCount == 0)
        }

        @Test func sampledTextIsTheSame() async throws {
            var config = PredictionConfig(maxTokens: 24, temperature: 0.7, seed: 5)
            config.cpuThreads = 1
            let drafts = try #require(try await compare(config).stats.drafts)
            #expect(drafts.totalCount > 0)
        }

        @Test func stopStringsAndGrammarsHold() async throws {
            var config = LookupTests.repeating(60)
            config.speculativeDecoding.numDraftTokensExact = 6
            config.stopStrings = [" fish"]
            let stopped = try await compare(config, prompt: LookupTests.copying)
            #expect(stopped.stats.stopReason == .stopStringFound)
            config.stopStrings = []
            config.structured = .grammar(##"root ::= "Day " [0-9] ": the " [a-z ]* ".""##)
            let formed = try await compare(config, prompt: LookupTests.copying)
            #expect(formed.content.hasPrefix("Day 6: the "))
        }

        @Test func severalPredictionsGuessAtOnce() async throws {
            let (_, model) = try await models()
            let prompts = Array(BatchingTests.prompts.prefix(3))
            var alone: [String: String] = [:]
            for prompt in prompts {
                let config = LookupTests.plain(LookupTests.repeating(12))
                alone[prompt] = try await model.complete(prompt, config: config).content
            }
            let config = drafted(LookupTests.repeating(12))
            try await withThrowingTaskGroup(of: (String, PredictionResult).self) { group in
                for prompt in prompts {
                    group.addTask { (prompt, try await model.complete(prompt, config: config)) }
                }
                for try await (prompt, result) in group {
                    #expect(result.content == alone[prompt])
                    #expect(result.stats.drafts?.modelKey == TestModels.starterKey)
                }
            }
        }

        @Test func aDraftModelThatIsOnDiskIsLoaded() async throws {
            let model = try await TestModels.client().llm.model(TestModels.starterFile)
            try await model.preloadDraftModel(TestModels.starterKey)
            var config = LookupTests.repeating(8)
            config.speculativeDecoding.draftModel = TestModels.starterKey
            let stats = try await model.complete(Self.prompt, config: config).stats
            #expect(stats.drafts?.modelKey == TestModels.starterKey)
        }

        @Test func anotherVocabularyIsRefusedByName() async throws {
            let (_, model) = try await models()
            var config = LookupTests.repeating(8)
            config.speculativeDecoding.draftModel = TestModels.gemmaFile
            let error = await #expect(throws: LMStudioError.self) {
                try await model.complete(Self.prompt, config: config)
            }
            #expect(error?.code == HostTrait.refusal)
            #expect(error?.message.contains("gemma") == true)
            #expect(error?.message.contains(TestModels.starterKey) == true)
            let again = await #expect(throws: LMStudioError.self) {
                try await model.preloadDraftModel(TestModels.gemmaFile)
            }
            #expect(again?.message == error?.message)
        }

        @Test func aMissingDraftModelIsToldOf() async throws {
            let (_, model) = try await models()
            var config = LookupTests.repeating(8)
            config.speculativeDecoding.draftModel = "nobody"
            let error = await #expect(throws: LMStudioError.self) {
                try await model.complete(Self.prompt, config: config)
            }
            #expect(error?.code == .modelNotFound)
            #expect(error?.message.contains("nobody") == true)
        }

        @Test func unloadingTheDraftModelEndsItsGuessesOnly() async throws {
            let (client, model) = try await models()
            var config = drafted(LookupTests.repeating(120))
            config.speculativeDecoding.maxTokensToDraft = 2
            let stream = try model.completeStream(Self.prompt, config: config)
            var fragments = stream.makeAsyncIterator()
            while let fragment = try await fragments.next(), !fragment.containsDrafted {}
            try await client.llm.unload(Self.draftName)
            while try await fragments.next() != nil {}
            let stats = try await stream.result().stats
            #expect(stats.stopReason == .maxPredictedTokensReached)
            #expect(stats.predictedTokensCount == 120)
            #expect(try await client.llm.listLoaded().map(\.identifier) == [model.identifier])
        }

        @Test func cancellingStopsTheGuesses() async throws {
            let (client, model) = try await models()
            let stream = try model.completeStream(
                Self.prompt,
                config: drafted(LookupTests.repeating(2000))
            )
            var fragments = stream.makeAsyncIterator()
            _ = try await fragments.next()
            stream.cancel()
            while try await fragments.next() != nil {}
            #expect(try await stream.result().stats.stopReason == .userStopped)
            try await model.unload()
            try await client.llm.unload(Self.draftName)
        }

        @Test(.timeLimit(.minutes(10)))
        func cancellingDoesNotWaitForTheDraftModelToLoad() async throws {
            let (arrived, arrival) = AsyncStream.makeStream(of: Void.self)
            let gate = DispatchSemaphore(value: 0)
            let isClosed = Mutex(false)
            let host = try TinyStore("a", "b").host(
                memory: MemoryBudget {
                    if isClosed.withLock({ $0 }) {
                        arrival.finish()
                        gate.wait()
                    }
                    return nil
                }
            )
            let model = try await HostTrait.client(of: host).llm.model("a")
            isClosed.withLock { $0 = true }
            var config = PredictionConfig.greedy(8)
            config.speculativeDecoding.draftModel = "b"
            let stream = try model.completeStream("hello", config: config)
            for await _ in arrived {}
            stream.cancel()
            let error = await #expect(throws: LMStudioError.self) { try await stream.result() }
            #expect(error?.code == .cancelled)
            isClosed.withLock { $0 = false }
            gate.signal()
            try await host.load("b")
        }

        @Test func theModelItselfMayGuess() async throws {
            let (_, model) = try await models()
            var config = LookupTests.repeating(16)
            let plain = try await model.complete(Self.prompt, config: config).content
            config.speculativeDecoding.draftModel = model.identifier
            #expect(try await model.complete(Self.prompt, config: config).content == plain)
        }
    }
}
