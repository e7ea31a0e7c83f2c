// Which cells of a cache the queries of an attention see: told once for all of its heads.
//
// build-llama.cmake adds this to ggml's ops.cpp. There each head of each query looks through the whole mask
// again, cell by cell, of a unified cache that holds mostly the texts of others.

#pragma once

namespace lmstudio {

// A bit for each cell of each row of a mask; set: the row's query sees it.
//
// Words for the same cells lie side by side, those of the next query behind those of the one before.
class VisibleCells {
  public:
    static constexpr int64_t word_cells = 64;
    static_assert(ggml_fa_tile_config::KV == word_cells, "any(...) takes a word for a tile");

    // The bits of `mask` at the end of what the threads have to work in, from those of a query of a head on;
    // nullptr: no mask, all is seen.
    VisibleCells(
        const ggml_compute_params *params,
        const ggml_tensor *mask,
        int64_t query = 0,
        int64_t head = 0,
        int64_t sequence = 0)
        : mask(mask) {
        if (mask == nullptr) {
            return;
        }
        row_words = (mask->ne[0] + word_cells - 1) / word_cells;
        const size_t before = params->wsize / sizeof(*bits) - ggml_nrows(mask) * row_words;
        const int64_t matrix = sequence % mask->ne[3] * mask->ne[2] + head % mask->ne[2];
        bits = (uint64_t *)params->wdata + before + matrix * row_words * mask->ne[1] + query;
    }

    // Fills this thread's share of the bits of the whole mask.
    void look(int ith, int nth) const {
        if (mask == nullptr) {
            return;
        }
        // By words and not by rows: a single query has one row.
        const int64_t words = ggml_nrows(mask) * row_words;
        for (int64_t i = words * ith / nth; i < words * (ith + 1) / nth; ++i) {
            const int64_t row = i / row_words;
            const int64_t word = i % row_words;
            const int64_t first = word * word_cells;
            const auto *cells = (const ggml_fp16_t *)mask->data + row * mask->ne[0] + first;
            const int64_t matrix = row / mask->ne[1];
            bits[(matrix * row_words + word) * mask->ne[1] + row % mask->ne[1]] =
                bits_of(cells, std::min(word_cells, mask->ne[0] - first));
        }
    }

    // Whether one of `count` queries from this one on sees a cell of the tile.
    bool any(int64_t count, int64_t tile) const {
        bool seen = mask == nullptr;
        for (int64_t i = 0; i < count && !seen; ++i) {
            seen = bits[tile * mask->ne[1] + i] != 0;
        }
        return seen;
    }

    // The first cell from `cell` on that the query sees; at most `end`.
    int64_t next(int64_t cell, int64_t end) const {
        if (mask == nullptr) {
            return cell;
        }
        int64_t word = cell / word_cells;
        const int64_t shift = cell % word_cells;
        uint64_t seen = bits[word * mask->ne[1]] >> shift << shift;
        while (seen == 0 && (word + 1) * word_cells < end) {
            seen = bits[++word * mask->ne[1]];
        }
        return seen == 0 ? end : std::min(end, word * word_cells + __builtin_ctzll(seen));
    }

  private:
    // Cells are hidden by -inf, which is told by its bits.
    static uint64_t bits_of(const ggml_fp16_t *cells, int64_t count) {
        constexpr uint64_t hidden = 0xFC00;
        uint64_t seen = 0;
        int64_t i = 0;
#if defined(__SSE2__)
        const __m128i hidden_cells = _mm_set1_epi16((int16_t)hidden);
        for (; i + 16 <= count; i += 16) {
            const auto *cell = (const __m128i *)(cells + i);
            const __m128i low = _mm_cmpeq_epi16(_mm_loadu_si128(cell), hidden_cells);
            const __m128i high = _mm_cmpeq_epi16(_mm_loadu_si128(cell + 1), hidden_cells);
            seen |= uint64_t(0xFFFF ^ _mm_movemask_epi8(_mm_packs_epi16(low, high))) << i;
        }
#else
        // Mostly all four are.
        for (; i + 4 <= count; i += 4) {
            uint64_t four;
            memcpy(&four, cells + i, sizeof(four));
            if (four != hidden * 0x0001000100010001) {
                for (int64_t j = i; j < i + 4; ++j) {
                    seen |= uint64_t{cells[j] != hidden} << j;
                }
            }
        }
#endif
        for (; i < count; ++i) {
            seen |= uint64_t{cells[i] != hidden} << i;
        }
        return seen;
    }

    const ggml_tensor *mask;
    int64_t row_words = 0;
    uint64_t *bits = nullptr;
};

} // namespace lmstudio
