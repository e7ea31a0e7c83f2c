import CABIHarness
import Testing

extension CABITests {
    @Suite struct CallTests {
        @Test func answerComesOnce() async throws {
            let store = try Store.endless()
            try await passes(harness_call_to_the_end, with: store)
        }

        @Test func smallCallsAreAnsweredAtOnce() async throws {
            let store = try Store.endless()
            await passes(harness_small_calls_are_answered_at_once, at: store.address)
        }

        @Test func silentServerTimesOut() async throws {
            await passes(harness_call_timeouts)
        }

        @Test(arguments: [0, -2, -1000, .min] as [Int64])
        func timeoutThatIsNoneIsRefused(milliseconds: Int64) async throws {
            let store = try Store.endless()
            try await passes(
                { harness_refused_timeout($0, milliseconds) },
                with: store
            )
        }

        @Test func cancelledCallEndsWithCancelled() async throws {
            await passes(harness_cancelling_a_call)
        }

        @Test func freeingWakesAWaiter() async throws {
            await passes(harness_freeing_a_call_while_waiting)
        }

        @Test func closingTheClientWakesAWaiter() async throws {
            await passes(harness_closing_while_calling)
        }

        @Test func silenceIsNoServer() async throws {
            await passes(harness_silence_is_no_server)
        }
    }
}
