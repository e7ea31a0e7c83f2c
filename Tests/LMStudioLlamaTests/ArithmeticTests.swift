import LlamaHarness
import Testing

/// What this project adds to llama.cpp's arithmetic.
@Suite struct ArithmeticTests {
    #if arch(x86_64)
    /// Whole tiles of columns and what is left of them, by threads that share the rows unevenly.
    ///
    /// On other processors llama.cpp's own products of two columns may round otherwise.
    @Test(arguments: 1...9, [1, 3])
    func columnsAtOnceAreThoseOneByOne(columns: Int64, threads: Int32) {
        #expect(harness_q4_1_differences(28, 576, columns, threads) == 0)
    }

    @Test func rowsThatFillNoTileAreComputedToo() {
        #expect(harness_q4_1_differences(30, 64, 5, 2) == 0)
    }

    /// Half precision, which activations are not rounded to, would make 1e-5 of it.
    @Test(arguments: 1...9, [1, 3])
    func productsOfHalfPrecisionAreThoseOfTheDefinition(columns: Int64, threads: Int32) {
        let difference = harness_f16_difference(40, 576, columns, threads)
        #expect(difference >= 0 && difference < 1e-6)
    }

    /// Of many columns, blocks of them; left to llama.cpp: rows that fill no tile, and lengths no vector.
    @Test(arguments: [(16, 384, 155), (30, 64, 5), (16, 40, 5)])
    func allColumnsAreMultiplied(rows: Int64, length: Int64, columns: Int64) {
        let difference = harness_f16_difference(rows, length, columns, 2)
        #expect(difference >= 0 && difference < 1e-3)
    }
    #endif

    /// A table by half precision would differ by 0.004.
    @Test(arguments: [false, true])
    func geluIsThatOfItsFormula(isGated: Bool) {
        let difference = harness_gelu_difference(isGated)
        #expect(difference >= 0 && difference < 1e-5)
    }

    private static func attention(
        _ queries: Int64,
        _ cells: Int64,
        sequences: Int64 = 1,
        apart: Int64 = 1,
        isMasked: Bool = true,
        byHead: Bool = false
    ) -> harness_attention {
        harness_attention(
            queries: queries,
            cells: cells,
            sequences: sequences,
            apart: apart,
            masked: isMasked,
            masked_by_head: byHead
        )
    }

    /// Tiles of queries, some of which end early, and too few for a tile; one query whose cells the threads
    /// share; neighbours between the cells, caches of their own, heads that see different cells, no mask.
    private static let attentions = [
        attention(64, 512), attention(200, 700), attention(130, 9000), attention(20, 9000),
        attention(1, 9000), attention(1, 300), attention(1, 700, apart: 30, byHead: true),
        attention(8, 700, apart: 8), attention(70, 700, apart: 5),
        attention(70, 600, sequences: 3),
        attention(70, 600, sequences: 2, byHead: true),
        attention(5, 600, sequences: 2, byHead: true),
        attention(70, 130, isMasked: false), attention(3, 130, isMasked: false),
    ]

    /// Values are summed up in half precision; of 130 cells one too few makes 0.008.
    @Test(arguments: attentions.indices, [1, 3])
    func eachQuerySeesItsCellsAndNoOther(index: Int, threads: Int32) {
        let difference = withUnsafePointer(to: Self.attentions[index]) {
            harness_attention_difference($0, threads)
        }
        #expect(difference >= 0 && difference < 0.002)
    }
}
