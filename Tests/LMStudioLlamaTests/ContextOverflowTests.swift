import LMStudio
import LMStudioCore
import LMStudioTesting
import Testing

@testable import LMStudioLlama

extension EngineTests {
    @Suite struct ContextOverflowTests {
        private static let counting = (1...40).map { "\($0)," }.joined(separator: " ")
        private static let cutting = [ContextOverflowPolicy.truncateMiddle, .rollingWindow]

        private static func config(
            _ policy: ContextOverflowPolicy,
            _ maxTokens: Int?
        ) -> PredictionConfig {
            var config = PredictionConfig.pattern(maxTokens)
            config.contextOverflowPolicy = policy
            return config
        }

        @Test(arguments: cutting)
        func aFullContextForgetsAndTheTextGoesOn(policy: ContextOverflowPolicy) throws {
            let load = LoadConfig.parallel(2, context: 256)
            let config = Self.config(policy, 500)
            let run = try LoopBench.alone(TestModels.starterFile, load, Self.counting, config)
            #expect(run.stopReason == .maxPredictedTokensReached)
            #expect(run.tokenCount == 500)
            // The model counts on beyond what the context held at first.
            #expect(run.text.contains("130, 131, 132"))
        }

        @Test(arguments: cutting)
        func aMemoryThatCannotMoveIsReadAgain(policy: ContextOverflowPolicy) throws {
            // Gemma's windows are smaller than this context, so that llama.cpp cannot shift it.
            let load = LoadConfig.parallel(1, context: 1280)
            let prompt = (1...300).map { "\($0)," }.joined(separator: " ")
            let config = Self.config(policy, 60)
            let run = try LoopBench.alone(TestModels.gemmaFile, load, prompt, config)
            #expect(run.tokenCount == 60)
        }

        @Test(arguments: cutting)
        func aPromptLongerThanTheContextIsCut(policy: ContextOverflowPolicy) throws {
            let load = LoadConfig.parallel(1, context: 128)
            let config = Self.config(policy, 8)
            let run = try LoopBench.alone(TestModels.starterFile, load, Self.counting, config)
            let stats = try #require(run.outcome).get()
            #expect(stats.promptTokensCount == 96)
            #expect(stats.predictedTokensCount == 8)
            #expect(run.text.contains("41, 42"))
        }

        @Test func aPromptLongerThanTheContextIsRefusedAtTheLimit() throws {
            let load = LoadConfig.parallel(1, context: 64)
            let config = Self.config(.stopAtLimit, 8)
            let run = try LoopBench.alone(TestModels.starterFile, load, Self.counting, config)
            let error = #expect(throws: LMStudioError.self) { try #require(run.outcome).get() }
            #expect(error?.code == .invalidArgument)
            #expect(error?.message.contains("context of 64") == true)
            #expect(error?.message.contains("contextOverflowPolicy") == true)
        }

        @Test func aNeighbourThatSharesTheBeginningKeepsIt() throws {
            let load = LoadConfig.parallel(2, context: 512)
            let bench = try LoopBench(TestModels.starterFile, load)
            let prompt = String(repeating: "The rain in Spain. ", count: 30)
            let first = bench.submit(prompt, Self.config(.rollingWindow, 700))
            while first.text.isEmpty { bench.step() }
            let second = bench.submit(prompt + " Tell me", Self.config(.stopAtLimit, 20))
            bench.finishAll()
            #expect(try #require(second.cached) > 100)
            #expect(first.tokenCount == 700)
            let alone = try LoopBench.alone(
                TestModels.starterFile,
                load,
                prompt + " Tell me",
                Self.config(.stopAtLimit, 20)
            )
            #expect(second.text == alone.text)
        }

        @Test func cellsThatWereMovedAreNotShared() throws {
            let load = LoadConfig.parallel(2, context: 512)
            let file = TestModels.starterFile
            let bench = try LoopBench(file, load)
            let prompt = String(repeating: "red blue ", count: 240)
            let first = bench.submit(prompt, Self.config(.truncateMiddle, 700))
            while first.fragments.count < 40 { bench.step() }
            // What the first holds in the end begins like this one too, but half of that was moved.
            let second = bench.submit(
                String(repeating: "red blue ", count: 160),
                Self.config(.stopAtLimit, 8)
            )
            bench.step()
            #expect(try #require(second.cached) <= 256)
            #expect(first.outcome == nil)
        }

        /// Many turns of a chat with a system prompt.
        private static let chat = Chat(
            [.system("Speak like a pirate.")]
                + (0..<40).flatMap {
                    [ChatMessage.user("Turn \($0)?"), .assistant("Yes, \($0).")]
                } + [.user("And the last?")]
        )

        @Test(arguments: cutting)
        func aChatKeepsWhatItsPolicySays(policy: ContextOverflowPolicy) throws {
            let context = try LoopBench(TestModels.starterFile, .context(256)).context
            let prompt = try context.model.prompt(of: Self.chat, config: .greedy(1), vision: nil)
            let whole = try prompt.tokens(by: context.model)
            var tokens = whole
            try policy.cut(&tokens, to: 256, hasImages: false)
            #expect(tokens.count == 192)
            // The first tokens, or the first half of the context; and the latest.
            let head = policy == .truncateMiddle ? 128 : 4
            #expect(tokens.prefix(head) == whole.prefix(head))
            #expect(tokens.dropFirst(head) == whole.suffix(192 - head))
            let bytes = tokens.flatMap { context.withBytes(of: $0) { Array($0) } }
            let text = String(decoding: bytes, as: UTF8.self)
            #expect(text.contains("Speak like a pirate.") == (policy == .truncateMiddle))
            #expect(text.contains("Turn 0?") == (policy == .truncateMiddle))
            #expect(!text.contains("Turn 20?"))
            #expect(text.contains("And the last?"))
        }

        @Test(.onBothHosts) func aChatIsCutInTheMiddleUnlessToldOtherwise() async throws {
            let model = try await TestModels.client().llm.model(config: .context(256))
            let result = try await model.respond(Self.chat, config: .greedy(2))
            #expect(result.stats.promptTokensCount == 192)
            // The first half of the context is still there, and nothing of what came behind it.
            let beginning = Chat(Array(Self.chat.messages.prefix(3)))
            let stream = try model.respondStream(beginning, config: .greedy(1))
            var cached: Int?
            while let event = try await stream.nextEvent() {
                if case .promptProgress(_, let counts?) = event {
                    cached = cached ?? counts.cachedTokensCount
                }
            }
            #expect(try #require(cached) > 16)
        }

        @Test func cellsThatAreNotThereAreAnError() throws {
            let bench = try LoopBench(TestModels.starterFile, .parallel(2, context: 256))
            let context = bench.context
            // Somebody else has most cells, and does not give them back.
            let others = try context.model.tokenize(Self.counting + " " + Self.counting)
            let count = min(others.count, 200)
            context.clearBatch()
            _ = context.addToBatch(others.prefix(count), at: 0, sequence: 1, logitsCount: 1)
            guard case .done = context.decode() else {
                Issue.record("the cells are not taken")
                return
            }
            let run = bench.submit(Self.counting, Self.config(.stopAtLimit, 8))
            bench.finishAll()
            let error = #expect(throws: LMStudioError.self) { try #require(run.outcome).get() }
            let promptCount = try context.model.tokenize(Self.counting).count
            #expect(error?.code == .engine)
            #expect(
                error?.message
                    == "the KV cache has no room for \(promptCount) tokens of a contextLength of 256; "
                    + "load the model with a larger contextLength"
            )
        }

        @Test func aTextThatNobodyReadsDoesNotGrowForEver() throws {
            let bench = try LoopBench(TestModels.starterFile, .parallel(1, context: 64))
            let run = bench.submit("1, 2, 3, 4, 5, 6,", Self.config(.rollingWindow, nil))
            var steps = 0
            while bench.step(reading: false) { steps += 1 }
            #expect(steps < 200)
            #expect(run.outcome == nil)
            // Others have its slot meanwhile.
            let other = bench.submit("My name is", Self.config(.stopAtLimit, 4))
            while bench.step(reading: false) {}
            #expect(other.tokenCount == 4)
            run.read()
            let length = run.text.count
            bench.lookAtCalled()
            while bench.step(reading: false) {}
            run.read()
            #expect(run.text.count > length)
            bench.cancel(run)
            #expect(run.stopReason == .userStopped)
        }
    }
}
