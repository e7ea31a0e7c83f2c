import LlamaHarness
import Testing

/// The products that this project adds to llama.cpp.
@Suite struct ProductTests {
    /// Tiles of four columns and what is left of them, by threads that share the rows unevenly.
    @Test(arguments: 1...9, [1, 3])
    func columnsAtOnceAreThoseOneByOne(columns: Int64, threads: Int32) {
        #expect(harness_q4_1_differences(28, 576, columns, threads) == 0)
    }

    @Test func rowsThatFillNoTileAreComputedToo() {
        #expect(harness_q4_1_differences(30, 64, 5, 2) == 0)
    }
}
