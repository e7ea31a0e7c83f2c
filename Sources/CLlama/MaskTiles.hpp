// Which tiles of an attention's mask hide every cell from a query: told once for all of its heads.
//
// build-llama.cmake adds this to ggml's ops.cpp. There each head looks at the whole mask again, which with the
// texts that a unified cache keeps of others is larger than the processor's cache.

#pragma once

namespace lmstudio {

constexpr int64_t tile_cells = ggml_fa_tile_config::KV;
constexpr int64_t word_tiles = 64;

// A bit for each tile of each row of a mask; set: the row sees a cell of it.
class MaskTiles {
  public:
    // The bits of `mask` at the end of what the threads have to work in; nullptr: no mask.
    MaskTiles(const ggml_compute_params *params, const ggml_tensor *mask) : mask(mask) {
        if (mask != nullptr) {
            words_per_row = (mask->ne[0] + tile_cells * word_tiles - 1) / (tile_cells * word_tiles);
            const size_t size = params->wsize / sizeof(*bits) - ggml_nrows(mask) * words_per_row;
            bits = (uint64_t *)params->wdata + size;
        }
    }

    // Fills this thread's share of them.
    void look(int ith, int nth) const {
        if (mask == nullptr) {
            return;
        }
        const int64_t rows = ggml_nrows(mask);
        for (int64_t row = rows * ith / nth; row < rows * (ith + 1) / nth; ++row) {
            const int64_t i3 = row / (mask->ne[1] * mask->ne[2]);
            const int64_t i2 = row / mask->ne[1] % mask->ne[2];
            const int64_t i1 = row % mask->ne[1];
            const char *cells =
                (const char *)mask->data + i1 * mask->nb[1] + i2 * mask->nb[2] + i3 * mask->nb[3];
            look((const ggml_fp16_t *)cells, bits + row * words_per_row);
        }
    }

    // Goes through the tiles of `count` queries of a head in their order.
    void select(int64_t first, int64_t count, int64_t head, int64_t sequence) {
        if (mask == nullptr) {
            return;
        }
        const int64_t matrix = sequence % mask->ne[3] * mask->ne[2] + head % mask->ne[2];
        selected = bits + (matrix * mask->ne[1] + first) * words_per_row;
        selected_count = count;
    }

    // Whether one of them sees a cell of the tile.
    bool sees(int64_t tile) {
        if (mask == nullptr) {
            return true;
        }
        if (tile % word_tiles == 0) {
            word = 0;
            for (int64_t i = 0; i < selected_count; ++i) {
                word |= selected[i * words_per_row + tile / word_tiles];
            }
        }
        return (word >> tile % word_tiles & 1) != 0;
    }

  private:
    // Cells are hidden by -inf, which is told by its bits.
    void look(const ggml_fp16_t *cells, uint64_t *row) const {
        constexpr uint64_t hidden = 0xFC00FC00FC00FC00;
        memset(row, 0, words_per_row * sizeof(*row));
        for (int64_t tile = 0; tile * tile_cells < mask->ne[0]; ++tile) {
            const ggml_fp16_t *cell = cells + tile * tile_cells;
            const int64_t count = std::min(tile_cells, mask->ne[0] - tile * tile_cells);
            uint64_t seen = 0;
            int64_t i = 0;
            for (; i + 4 <= count; i += 4) {
                uint64_t four;
                memcpy(&four, cell + i, sizeof(four));
                seen |= four ^ hidden;
            }
            for (; i < count; ++i) {
                seen |= cell[i] ^ (hidden & 0xFFFF);
            }
            row[tile / word_tiles] |= uint64_t{seen != 0} << tile % word_tiles;
        }
    }

    const ggml_tensor *mask;
    int64_t words_per_row = 0;
    uint64_t *bits = nullptr;
    const uint64_t *selected = nullptr;
    int64_t selected_count = 0;
    uint64_t word = 0;
};

} // namespace lmstudio
