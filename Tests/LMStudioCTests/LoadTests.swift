import CABIHarness
import Testing

extension CABITests {
    @Suite struct LoadTests {
        private let store: Store

        init() throws {
            store = try .starter()
        }

        @Test func progressRisesToOneAndThenTheModelIsThere() async {
            await passes(harness_load_to_the_end, at: store.address)
        }

        @Test func cancelledLoadEndsWithCancelled() async {
            await passes(harness_cancelling_a_load, at: store.address)
        }

        @Test func freedLoadsLeaveNothingBehind() async {
            await passes(harness_freeing_a_load, at: store.address)
        }

        @Test func freeingALoadWakesAWaiter() async {
            await passes(
                harness_freeing_a_load_while_waiting,
                at: store.address
            )
        }

        @Test func closingTheClientEndsALoadWithCancelled() async {
            await passes(harness_closing_while_loading, at: store.address)
        }

        @Test func unknownModelIsNotFound() async {
            await passes(harness_unknown_model, at: store.address)
        }
    }
}
