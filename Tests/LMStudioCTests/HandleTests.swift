import CABIHarness
import Testing

extension CABITests {
    @Suite struct HandleTests {
        private let store: Store

        init() throws {
            store = try .endless()
        }

        @Test(arguments: [1, 15, 16, 0x7fff_ffff_fff0, UInt.max / 2, .max - 15, .max])
        func wildPointerIsRefused(value: UInt) async throws {
            try await passes(
                { harness_wild_handle($0, value) },
                with: store
            )
        }

        @Test func freedHandlesAreRefused() async throws {
            try await passes(harness_freed_handles, with: store)
        }

        @Test func handlesOfAnotherTypeAreRefused() async throws {
            try await passes(harness_handles_of_another_type, with: store)
        }

        @Test func pointerIntoAHandleIsRefused() async throws {
            try await passes(harness_misaligned_handle, with: store)
        }

        @Test func thousandHandlesOfEachTypeComeAndGo() async throws {
            try await passes(harness_thousand_handles, with: store)
        }

        @Test func finishedPredictionsAreFreedWithTheirResults() async throws {
            try await passes(
                harness_finished_predictions_are_freed,
                with: store
            )
        }

        @Test func handlesAreUsedFromManyThreads() async throws {
            try await passes(harness_handles_from_many_threads, with: store)
        }

        @Test func cPlusPlusWrapsThem() async throws {
            try await passes(harness_cpp_round_trip, with: store)
        }
    }
}
