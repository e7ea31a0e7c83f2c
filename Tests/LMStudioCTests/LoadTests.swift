import CABIHarness
import Testing

extension CABITests {
    @Suite struct LoadTests {
        private let store: Store

        init() throws {
            store = try .starter()
        }

        @Test func progressRisesToOneAndThenTheModelIsThere() async {
            #expect(await failures(of: harness_load_to_the_end, at: store.address) == "")
        }

        @Test func cancelledLoadEndsWithCancelled() async {
            #expect(await failures(of: harness_cancelling_a_load, at: store.address) == "")
        }

        @Test func freedLoadsLeaveNothingBehind() async {
            #expect(await failures(of: harness_freeing_a_load, at: store.address) == "")
        }

        @Test func freeingALoadWakesAWaiter() async {
            let found = await failures(
                of: harness_freeing_a_load_while_waiting,
                at: store.address
            )
            #expect(found == "")
        }

        @Test func closingTheClientEndsALoadWithCancelled() async {
            #expect(await failures(of: harness_closing_while_loading, at: store.address) == "")
        }

        @Test func unknownModelIsNotFound() async {
            #expect(await failures(of: harness_unknown_model, at: store.address) == "")
        }
    }
}
