import CABIHarness
import Testing

extension CABITests {
    @Suite struct ForkTests {
        private let store: Store

        init() throws {
            store = try .endless()
        }

        @Test func everyCallInAChildIsRefusedAndNoneHangs() async {
            await passes(harness_forked_calls, at: store.address)
        }

        @Test func errorInAChildSaysWhatIsWrong() async {
            await passes(harness_forked_errors, at: store.address)
        }

        @Test func childrenForkedWhileOtherThreadsCallDoNotHang() async {
            await passes(
                harness_forking_while_others_call,
                at: store.address
            )
        }
    }
}
