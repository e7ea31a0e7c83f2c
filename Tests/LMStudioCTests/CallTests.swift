import CABIHarness
import Testing

extension CABITests {
    @Suite struct CallTests {
        private func failures(
            of scenario: @escaping @Sendable () -> UnsafePointer<CChar>?
        ) async -> String {
            await onThread { scenario().map { String(cString: $0) } ?? "" }
        }

        @Test func answerComesOnce() async throws {
            let store = try Store.endless()
            let found = await LMStudioCTests.failures(
                of: harness_call_to_the_end,
                at: store.address
            )
            #expect(found == "")
        }

        @Test func silentServerTimesOut() async {
            #expect(await failures(of: harness_call_timeouts) == "")
        }

        @Test(arguments: [0, -2, -1000, .min] as [Int64])
        func timeoutThatIsNoneIsRefused(milliseconds: Int64) async throws {
            let store = try Store.endless()
            let found = await LMStudioCTests.failures(
                of: { harness_refused_timeout($0, milliseconds) },
                at: store.address
            )
            #expect(found == "")
        }

        @Test func cancelledCallEndsWithCancelled() async {
            #expect(await failures(of: harness_cancelling_a_call) == "")
        }

        @Test func freeingWakesAWaiter() async {
            #expect(await failures(of: harness_freeing_a_call_while_waiting) == "")
        }

        @Test func closingTheClientWakesAWaiter() async {
            #expect(await failures(of: harness_closing_while_calling) == "")
        }

        @Test func silenceIsNoServer() async {
            #expect(await failures(of: harness_silence_is_no_server) == "")
        }
    }
}
