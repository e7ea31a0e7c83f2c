import LMStudio
import LMStudioTesting
import Testing

@testable import LMStudioLlama

extension EngineTests {
    @Suite(.onBothHosts) struct CompleteManyTests {
        /// Of SmolLM2, whose bits are the same beside others; see ``PredictionLoop``.
        @Test func textsAreThoseOfOneByOne() async throws {
            let model = try await TestModels.client().llm.model()
            let many = try await model.completeMany(BatchingTests.prompts, config: .pattern(12))
            for (prompt, result) in zip(BatchingTests.prompts, many) {
                let alone = try await model.complete(prompt, config: .pattern(12))
                #expect(result.content == alone.content, "\(prompt)")
                #expect(result.stats.promptTokensCount == alone.stats.promptTokensCount)
            }
        }

        /// What is in the cache is not computed in the same pieces, so texts may differ.
        @Test func chatsAreAnsweredInTheirOrder() async throws {
            let model = try await TestModels.client().llm.model()
            let chats = (1...9).map { Chat(String(repeating: "Hello! ", count: $0)) }
            let many = try await model.respondMany(chats, config: .greedy(4))
            let each = try await model.respondEach(chats, config: .greedy(4))
            for (index, chat) in chats.enumerated() {
                let count = try await model.respond(chat, config: .greedy(1)).stats
                    .promptTokensCount
                #expect(many[index].stats.promptTokensCount == count)
                #expect(try each[index].get().stats.promptTokensCount == count)
                #expect(many[index].stats.predictedTokensCount == 4)
            }
        }

        @Test func aThousandPromptsKeepTheirOrder() async throws {
            let client = try await HostTrait.client(of: TinyStore("a").host())
            let model = try await client.llm.model("a")
            let prompts = (0..<1000).map { String(repeating: "x", count: $0 % 37 + 1) }
            let results = try await model.completeMany(prompts, config: .greedy(2))
            let counts = try await model.completeEach(
                Array(prompts.prefix(37)),
                config: .greedy(2)
            ).map { try $0.get().stats.promptTokensCount }
            #expect(
                results.enumerated().allSatisfy {
                    $1.stats.promptTokensCount == counts[$0 % 37]
                }
            )
        }

        @Test func aPromptThatIsTooLongIsNamed() async throws {
            let client = try await HostTrait.client(of: TinyStore("a").host())
            var config = LoadConfig()
            config.contextLength = 64
            let model = try await client.llm.model("a", config: config)
            let prompts = ["x", String(repeating: "long ", count: 200), "y"]
            let error = await #expect(throws: LMStudioError.self) {
                try await model.completeMany(prompts, config: .greedy(2))
            }
            #expect(error?.code == HostTrait.refusal)
            #expect(error?.message.hasPrefix("prompts[1]: ") == true)
            let outcomes = try await model.completeEach(prompts, config: .greedy(2))
            #expect(outcomes.map { (try? $0.get()) != nil } == [true, false, true])
        }

        @Test func cancellingTheTaskLeavesNothingRunning() async throws {
            let host = try TinyStore("a").host()
            let model = try await HostTrait.client(of: host).llm.model("a")
            let began = AsyncStream<Void>.makeStream()
            let task = Task {
                try await model.completeMany(
                    [String](repeating: "hello", count: 1000),
                    callbacks: .init(onPromptProgress: { _, _ in began.continuation.finish() })
                )
            }
            for await _ in began.stream {}
            task.cancel()
            let error = await #expect(throws: LMStudioError.self) { try await task.value }
            #expect(error?.code == .cancelled)
            let after = try await model.complete("hello", config: .greedy(2))
            #expect(after.stats.predictedTokensCount == 2)
        }
    }
}
