import CABIHarness
import Testing

extension CABITests {
    @Suite struct ForkTests {
        private let store: Store

        init() throws {
            store = try .endless()
        }

        @Test func everyCallInAChildIsRefusedAndNoneHangs() async {
            #expect(await failures(of: harness_forked_calls, at: store.address) == "")
        }

        @Test func errorInAChildSaysWhatIsWrong() async {
            let found = await failures(of: harness_forked_errors, at: store.address)
            #expect(found == "")
        }

        @Test func childrenForkedWhileOtherThreadsCallDoNotHang() async {
            let found = await failures(
                of: harness_forking_while_others_call,
                at: store.address
            )
            #expect(found == "")
        }
    }
}
