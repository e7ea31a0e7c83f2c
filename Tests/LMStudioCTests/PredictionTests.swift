import CABIHarness
import Testing

extension CABITests {
    @Suite struct PredictionTests {
        private let store: Store

        init() throws {
            store = try .endless()
        }

        @Test func eventsComeInOrderAndThenTheResult() async {
            #expect(await failures(of: harness_events_and_result, at: store.address) == "")
        }

        @Test func pollingIsPendingAndLosesNothing() async {
            #expect(await failures(of: harness_polling, at: store.address) == "")
        }

        @Test func timeoutEndsAPrediction() async {
            #expect(await failures(of: harness_prediction_timeout, at: store.address) == "")
        }

        @Test func cancellingFromAnotherThreadEndsWithUserStopped() async {
            let found = await failures(
                of: harness_cancelling_from_another_thread,
                at: store.address
            )
            #expect(found == "")
        }

        @Test func cancellingBeforeTheStartEndsWithUserStopped() async {
            let found = await failures(
                of: harness_cancelling_before_the_start,
                at: store.address
            )
            #expect(found == "")
        }

        @Test func freeingWakesAWaiterWithCancelled() async {
            #expect(await failures(of: harness_freeing_while_waiting, at: store.address) == "")
        }

        @Test func closingTheClientWakesAWaiterWithCancelled() async {
            #expect(await failures(of: harness_closing_while_waiting, at: store.address) == "")
        }

        @Test func unloadingEndsWithModelUnloaded() async {
            #expect(await failures(of: harness_unloading_while_running, at: store.address) == "")
        }

        @Test func closedClientRefusesEveryCall() async {
            #expect(await failures(of: harness_closed_client, at: store.address) == "")
        }

        @Test func closedClientRefusesToStart() async {
            let found = await failures(
                of: harness_starting_with_a_closed_client,
                at: store.address
            )
            #expect(found == "")
        }
    }
}
