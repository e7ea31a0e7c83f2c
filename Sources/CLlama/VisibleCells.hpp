// Which cells of a cache the queries of an attention see: told once for all of its heads.
//
// build-llama.cmake adds this to ggml's ops.cpp. There each head of each query looks through the whole mask
// again, cell by cell, which in a unified cache is mostly that of other texts.

#pragma once

namespace lmstudio {

// A bit for each cell of each row of a mask; set: the row's query sees it.
class VisibleCells {
  public:
    static constexpr int64_t word_cells = 64;
    static_assert(ggml_fa_tile_config::KV == word_cells, "any(...) takes a word for a tile");

    // The bits of `mask` at the end of what the threads have to work in; nullptr: no mask, all is seen.
    VisibleCells(const ggml_compute_params *params, const ggml_tensor *mask) : mask(mask) {
        if (mask != nullptr) {
            row_words = (mask->ne[0] + word_cells - 1) / word_cells;
            const size_t others = params->wsize / sizeof(*bits) - ggml_nrows(mask) * row_words;
            bits = (uint64_t *)params->wdata + others;
        }
    }

    // Fills this thread's share of them.
    void look(int ith, int nth) const {
        if (mask == nullptr) {
            return;
        }
        // By words and not by rows: a single query has one row.
        const int64_t words = ggml_nrows(mask) * row_words;
        for (int64_t i = words * ith / nth; i < words * (ith + 1) / nth; ++i) {
            const int64_t row = i / row_words;
            const int64_t first = i % row_words * word_cells;
            const int64_t i3 = row / (mask->ne[1] * mask->ne[2]);
            const int64_t i2 = row / mask->ne[1] % mask->ne[2];
            const int64_t i1 = row % mask->ne[1];
            const char *cells =
                (const char *)mask->data + i1 * mask->nb[1] + i2 * mask->nb[2] + i3 * mask->nb[3];
            const int64_t count = std::min(word_cells, mask->ne[0] - first);
            bits[i] = word((const ggml_fp16_t *)cells + first, count);
        }
    }

    // The words of a query; those of the next follow. nullptr: it sees all.
    const uint64_t *row(int64_t query, int64_t head, int64_t sequence) const {
        if (mask == nullptr) {
            return nullptr;
        }
        const int64_t matrix = sequence % mask->ne[3] * mask->ne[2] + head % mask->ne[2];
        return bits + (matrix * mask->ne[1] + query) * row_words;
    }

    // Whether one of `count` queries from `row` on sees a cell of the tile.
    bool any(const uint64_t *row, int64_t count, int64_t tile) const {
        bool seen = row == nullptr;
        for (int64_t i = 0; i < count && !seen; ++i) {
            seen = row[i * row_words + tile] != 0;
        }
        return seen;
    }

    // The first cell from `cell` on that the query sees; at most `end`.
    static int64_t next(const uint64_t *row, int64_t cell, int64_t end) {
        if (row == nullptr) {
            return cell;
        }
        uint64_t word = row[cell / word_cells] >> cell % word_cells << cell % word_cells;
        int64_t first = cell - cell % word_cells;
        while (word == 0 && first + word_cells < end) {
            first += word_cells;
            word = row[first / word_cells];
        }
        return word == 0 ? end : std::min(end, first + __builtin_ctzll(word));
    }

  private:
    // Cells are hidden by -inf, which is told by its bits.
    static uint64_t word(const ggml_fp16_t *cells, int64_t count) {
        constexpr uint16_t hidden = 0xFC00;
        uint64_t word = 0;
        int64_t i = 0;
#if defined(__SSE2__)
        const __m128i eight = _mm_set1_epi16((int16_t)hidden);
        for (; i + 16 <= count; i += 16) {
            const __m128i *cell = (const __m128i *)(cells + i);
            const __m128i low = _mm_cmpeq_epi16(_mm_loadu_si128(cell), eight);
            const __m128i high = _mm_cmpeq_epi16(_mm_loadu_si128(cell + 1), eight);
            word |= uint64_t(0xFFFF ^ _mm_movemask_epi8(_mm_packs_epi16(low, high))) << i;
        }
#endif
        for (; i < count; ++i) {
            word |= uint64_t{cells[i] != hidden} << i;
        }
        return word;
    }

    const ggml_tensor *mask;
    int64_t row_words = 0;
    uint64_t *bits = nullptr;
};

} // namespace lmstudio
