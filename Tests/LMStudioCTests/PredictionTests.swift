import CABIHarness
import Testing

extension CABITests {
    @Suite struct PredictionTests {
        private let store: Store

        init() throws {
            store = try .endless()
        }

        @Test func eventsComeInOrderAndThenTheResult() async {
            await passes(harness_events_and_result, at: store.address)
        }

        @Test func pollingIsPendingAndLosesNothing() async {
            await passes(harness_polling, at: store.address)
        }

        @Test func timeoutEndsAPrediction() async {
            await passes(harness_prediction_timeout, at: store.address)
        }

        @Test func cancellingFromAnotherThreadEndsWithUserStopped() async {
            await passes(
                harness_cancelling_from_another_thread,
                at: store.address
            )
        }

        @Test func cancellingBeforeTheStartEndsWithUserStopped() async {
            await passes(
                harness_cancelling_before_the_start,
                at: store.address
            )
        }

        @Test func freeingWakesAWaiterWithCancelled() async {
            await passes(harness_freeing_while_waiting, at: store.address)
        }

        @Test func closingTheClientWakesAWaiterWithCancelled() async {
            await passes(harness_closing_while_waiting, at: store.address)
        }

        @Test func unloadingEndsWithModelUnloaded() async {
            await passes(harness_unloading_while_running, at: store.address)
        }

        @Test func closedClientRefusesEveryCall() async {
            await passes(harness_closed_client, at: store.address)
        }

        @Test func closedClientRefusesToStart() async {
            await passes(
                harness_starting_with_a_closed_client,
                at: store.address
            )
        }
    }
}
