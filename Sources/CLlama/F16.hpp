// Weights in F16 times activations in F32, several rows and columns at once.
//
// build-llama.cmake adds this to ggml's sgemm.cpp, whose own product rounds the activations to F16 first, and
// then widens both sides again for each tile: a quarter of its time. An element is the same to the bit
// whichever columns it is computed beside, and alone.

#pragma once

#if (defined(__AVX512F__) && defined(__AVX512DQ__)) ||                                             \
    (defined(__AVX2__) && defined(__FMA__) && defined(__F16C__))
#define LMSTUDIO_F16

namespace lmstudio::f16 {

// A tile's sums and its columns' activations stay in registers; its rows' weights pass through one.
#if defined(__AVX512F__) && defined(__AVX512DQ__)
constexpr int rows = 8;
using Lanes = __m512;
inline Lanes widened(const ggml_fp16_t *p) {
    return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)p));
}
inline Lanes loaded(const float *p) { return _mm512_loadu_ps(p); }
inline Lanes fused(Lanes a, Lanes b, Lanes sum) { return _mm512_fmadd_ps(a, b, sum); }
inline __m256 folded(Lanes x) {
    return _mm256_add_ps(_mm512_castps512_ps256(x), _mm512_extractf32x8_ps(x, 1));
}
#else
constexpr int rows = 4;
using Lanes = __m256;
inline Lanes widened(const ggml_fp16_t *p) {
    return _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)p));
}
inline Lanes loaded(const float *p) { return _mm256_loadu_ps(p); }
inline Lanes fused(Lanes a, Lanes b, Lanes sum) { return _mm256_fmadd_ps(a, b, sum); }
inline __m256 folded(Lanes x) { return x; }
#endif
constexpr int columns = 3;
constexpr int64_t lanes = sizeof(Lanes) / sizeof(float);

// Bytes of columns that a thread multiplies by some rows before it goes on: they stay in its L2 cache.
constexpr int64_t block_bytes = 512 << 10;

// What llamafile_sgemm multiplies: C = A B, of rows and columns of k values each.
struct Product {
    int64_t k;
    const ggml_fp16_t *A;
    int64_t lda;
    const float *B;
    int64_t ldb;
    float *C;
    int64_t ldc;
};

// The sums of the lanes of four.
inline __m128 sums(Lanes a, Lanes b, Lanes c, Lanes d) {
    const __m256 parts =
        _mm256_hadd_ps(_mm256_hadd_ps(folded(a), folded(b)), _mm256_hadd_ps(folded(c), folded(d)));
    return _mm_add_ps(_mm256_castps256_ps128(parts), _mm256_extractf128_ps(parts, 1));
}

// The elements of a tile's rows from i0 on and N columns from j0 on.
//
// Always inline: GCC 12 otherwise clears and keeps its sums in memory, a tenth of the time of rows of 384.
template <int N>
__attribute__((always_inline)) inline void tile(const Product &product, int64_t i0, int64_t j0) {
    const ggml_fp16_t *A = product.A + product.lda * i0;
    const float *B = product.B + product.ldb * j0;
    Lanes products[N][rows] = {};
    for (int64_t l = 0; l < product.k; l += lanes) {
        Lanes activations[N];
        for (int j = 0; j < N; ++j) {
            activations[j] = loaded(B + product.ldb * j + l);
        }
        for (int i = 0; i < rows; ++i) {
            const Lanes weights = widened(A + product.lda * i + l);
            for (int j = 0; j < N; ++j) {
                products[j][i] = fused(weights, activations[j], products[j][i]);
            }
        }
    }
    float *C = product.C + product.ldc * j0 + i0;
    for (int j = 0; j < N; ++j) {
        for (int i = 0; i < rows; i += 4) {
            _mm_storeu_ps(
                C + product.ldc * j + i,
                sums(products[j][i], products[j][i + 1], products[j][i + 2], products[j][i + 3]));
        }
    }
}

// The elements of the only column, of rows from `first` on and before `end`, a multiple of four.
//
// Four rows at once keep the units busy, one from each quarter: each quarter is read in its order, as the
// processor fetches ahead.
inline void column(const Product &product, int64_t first, int64_t end) {
    const int64_t quarter = (end - first) / 4;
    for (int64_t i = first; i < first + quarter; ++i) {
        Lanes products[4] = {};
        for (int64_t l = 0; l < product.k; l += lanes) {
            const Lanes activations = loaded(product.B + l);
            for (int q = 0; q < 4; ++q) {
                const ggml_fp16_t *row = product.A + product.lda * (i + q * quarter);
                products[q] = fused(widened(row + l), activations, products[q]);
            }
        }
        alignas(16) float elements[4];
        _mm_store_ps(elements, sums(products[0], products[1], products[2], products[3]));
        for (int q = 0; q < 4; ++q) {
            product.C[i + q * quarter] = elements[q];
        }
    }
}

// This thread's share of the m rows times n columns; false: they are left to ggml.
inline bool multiply(
    const ggml_compute_params *params, int64_t m, int64_t n, const Product &product) {
    if (m % rows != 0 || product.k % lanes != 0) {
        return false;
    }
    const int64_t first = m / rows * params->ith / params->nth * rows;
    const int64_t end = m / rows * (params->ith + 1) / params->nth * rows;
    if (n == 1) {
        column(product, first, end);
        return true;
    }
    // Of three columns or two.
    const int64_t tiles = (n + columns - 1) / columns;
    const int64_t tile_bytes = columns * product.k * static_cast<int64_t>(sizeof(float));
    const int64_t block = MAX(block_bytes / tile_bytes, 1);
    for (int64_t t0 = 0; t0 < tiles; t0 += block) {
        for (int64_t i = first; i < end; i += rows) {
            for (int64_t t = t0; t < MIN(t0 + block, tiles); ++t) {
                const int64_t j = n * t / tiles;
                if (n * (t + 1) / tiles - j == columns) {
                    tile<columns>(product, i, j);
                } else {
                    tile<columns - 1>(product, i, j);
                }
            }
        }
    }
    return true;
}

} // namespace lmstudio::f16
#endif
