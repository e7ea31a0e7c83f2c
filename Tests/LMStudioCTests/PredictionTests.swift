import CABIHarness
import Testing

extension CABITests {
    @Suite struct PredictionTests {
        private let store: Store

        init() throws {
            store = try .endless()
        }

        @Test func eventsComeInOrderAndThenTheResult() async throws {
            try await passes(harness_events_and_result, with: store)
        }

        @Test func pollingIsPendingAndLosesNothing() async throws {
            try await passes(harness_polling, with: store)
        }

        @Test func timeoutEndsAPrediction() async throws {
            try await passes(harness_prediction_timeout, with: store)
        }

        @Test func cancellingFromAnotherThreadEndsWithUserStopped() async throws {
            try await passes(
                harness_cancelling_from_another_thread,
                with: store
            )
        }

        @Test func cancellingBeforeTheStartEndsWithUserStopped() async throws {
            try await passes(
                harness_cancelling_before_the_start,
                with: store
            )
        }

        @Test func freeingWakesAWaiterWithCancelled() async throws {
            try await passes(harness_freeing_while_waiting, with: store)
        }

        @Test func closingTheClientWakesAWaiterWithCancelled() async throws {
            try await passes(harness_closing_while_waiting, with: store)
        }

        @Test func unloadingEndsWithModelUnloaded() async throws {
            try await passes(harness_unloading_while_running, with: store)
        }

        @Test func closedClientRefusesEveryCall() async throws {
            try await passes(harness_closed_client, with: store)
        }

        @Test func closedClientRefusesToStart() async throws {
            try await passes(
                harness_starting_with_a_closed_client,
                with: store
            )
        }
    }
}
