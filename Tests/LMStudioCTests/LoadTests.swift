import CABIHarness
import Testing

extension CABITests {
    @Suite struct LoadTests {
        private let store: Store

        init() throws {
            store = try .starter()
        }

        @Test func progressRisesToOneAndThenTheModelIsThere() async throws {
            try await passes(harness_load_to_the_end, with: store)
        }

        @Test func longestTimeToLiveIsTaken() async throws {
            try await passes(harness_load_for_ever, with: store)
        }

        @Test func whatIsVerifiedAndNotAsAskedForIsAnError() async throws {
            try await passes(harness_load_verified, with: store)
        }

        @Test func cancelledLoadEndsWithCancelled() async throws {
            try await passes(harness_cancelling_a_load, with: store)
        }

        @Test func freedLoadsLeaveNothingBehind() async throws {
            try await passes(harness_freeing_a_load, with: store)
        }

        @Test func freeingALoadWakesAWaiter() async throws {
            try await passes(
                harness_freeing_a_load_while_waiting,
                with: store
            )
        }

        @Test func closingTheClientEndsALoadWithCancelled() async throws {
            try await passes(harness_closing_while_loading, with: store)
        }

        @Test func unknownModelIsNotFound() async throws {
            try await passes(harness_unknown_model, with: store)
        }
    }
}
