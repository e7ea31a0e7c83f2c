import LlamaHarness
import Testing

/// What this project adds to llama.cpp's arithmetic.
@Suite struct ArithmeticTests {
    /// Tiles of four columns and what is left of them, by threads that share the rows unevenly.
    @Test(arguments: 1...9, [1, 3])
    func columnsAtOnceAreThoseOneByOne(columns: Int64, threads: Int32) {
        #expect(harness_q4_1_differences(28, 576, columns, threads) == 0)
    }

    @Test func rowsThatFillNoTileAreComputedToo() {
        #expect(harness_q4_1_differences(30, 64, 5, 2) == 0)
    }

    /// Masks of one word and of several for each row, tiles that end early, and too few queries for tiles.
    @Test(arguments: [(64, 512), (200, 700), (130, 9000), (20, 9000)], [1, 3])
    func queriesAtOnceSeeWhatEachSees(size: (queries: Int64, cells: Int64), threads: Int32) {
        let difference = harness_attention_difference(size.queries, size.cells, 4, threads)
        #expect(difference >= 0 && difference < 0.001)
    }
}
