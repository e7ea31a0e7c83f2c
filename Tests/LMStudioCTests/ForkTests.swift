import CABIHarness
import Testing

extension CABITests {
    @Suite struct ForkTests {
        private let store: Store

        init() throws {
            store = try .endless()
        }

        @Test func everyCallInAChildIsRefusedAndNoneHangs() async throws {
            try await passes(harness_forked_calls, with: store)
        }

        @Test func errorInAChildSaysWhatIsWrong() async throws {
            try await passes(harness_forked_errors, with: store)
        }

        @Test func childrenForkedWhileOtherThreadsCallDoNotHang() async throws {
            try await passes(
                harness_forking_while_others_call,
                with: store
            )
        }
    }
}
