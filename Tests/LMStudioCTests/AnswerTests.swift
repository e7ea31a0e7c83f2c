import CABIHarness
import Testing

extension CABITests {
    @Suite struct AnswerTests {
        private let store: Store

        init() throws {
            store = try .endless()
        }

        @Test func answerHasItsForm() async throws {
            try await passes(harness_answer_of_a_form, with: store)
        }

        @Test func toolCallComesStepByStep() async throws {
            try await passes(harness_tool_calls, with: store)
        }

        @Test func cutToolCallFailsWithItsText() async throws {
            try await passes(harness_cut_tool_call, with: store)
        }

        @Test func fragmentsTellTheirTokensIfAsked() async throws {
            try await passes(harness_tokens_of_fragments, with: store)
        }

        @Test func imageOfAChatIsSeen() async throws {
            try await passes(harness_image_in_a_chat, with: .seer())
        }

        @Test func promptIsMadeOfAChat() async throws {
            try await passes(harness_prompt_of_a_chat, with: store)
        }
    }
}
