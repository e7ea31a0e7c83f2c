import CABIHarness
import Testing

extension CABITests {
    @Suite struct BatchTests {
        private let store: Store

        init() throws {
            store = try .endless()
        }

        @Test func everyPromptHasAResultOrAnError() async {
            #expect(await failures(of: harness_many_completions, at: store.address) == "")
        }

        @Test func cancellingFreeingAndClosingEndTheWork() async {
            #expect(await failures(of: harness_ending_batches, at: store.address) == "")
        }

        @Test func badArgumentsAreRefused() async {
            #expect(await failures(of: harness_refused_batches, at: store.address) == "")
        }
    }
}
