import CABIHarness
import Testing

extension CABITests {
    @Suite struct HandleTests {
        private let store: Store

        init() throws {
            store = try .endless()
        }

        @Test(arguments: [1, 15, 16, 0x7fff_ffff_fff0, UInt.max / 2, .max - 15, .max])
        func wildPointerIsRefused(value: UInt) async {
            await passes(
                { harness_wild_handle($0, value) },
                at: store.address
            )
        }

        @Test func freedHandlesAreRefused() async {
            await passes(harness_freed_handles, at: store.address)
        }

        @Test func handlesOfAnotherTypeAreRefused() async {
            await passes(harness_handles_of_another_type, at: store.address)
        }

        @Test func pointerIntoAHandleIsRefused() async {
            await passes(harness_misaligned_handle, at: store.address)
        }

        @Test func thousandHandlesOfEachTypeComeAndGo() async {
            await passes(harness_thousand_handles, at: store.address)
        }

        @Test func finishedPredictionsAreFreedWithTheirResults() async {
            await passes(
                harness_finished_predictions_are_freed,
                at: store.address
            )
        }

        @Test func handlesAreUsedFromManyThreads() async {
            await passes(harness_handles_from_many_threads, at: store.address)
        }

        @Test func cPlusPlusWrapsThem() async {
            await passes(harness_cpp_round_trip, at: store.address)
        }
    }
}
