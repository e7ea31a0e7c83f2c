import CABIHarness
import Testing

extension CABITests {
    @Suite struct BatchTests {
        private let store: Store

        init() throws {
            store = try .endless()
        }

        @Test func everyPromptHasAResultOrAnError() async throws {
            try await passes(harness_many_completions, with: store)
        }

        @Test func cancellingFreeingAndClosingEndTheWork() async throws {
            try await passes(harness_ending_batches, with: store)
        }

        @Test func badArgumentsAreRefused() async throws {
            try await passes(harness_refused_batches, with: store)
        }
    }
}
