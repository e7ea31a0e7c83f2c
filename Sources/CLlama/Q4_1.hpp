// Weights in Q4_1 times activations in Q8_1, several rows and columns at once.
//
// build-llama.cmake adds this to ggml's sgemm.cpp, which has such products of Q4_0, Q5_0 and Q8_0 but none of
// Q4_1: there each element is a dot product of its own, which unpacks its row anew. Each sum is made in the
// order of ggml_vec_dot_q4_1_q8_1, so that an element is the same to the bit,
// whichever way it was made (where the compiler fuses products and sums there, as by default).

#pragma once

#if defined(__AVX2__) && defined(__FMA__) && defined(__F16C__)
#define LMSTUDIO_Q4_1

namespace lmstudio::q4_1 {

// Rows of a tile: as many as an __m128 has lanes.
constexpr int64_t rows = 4;
// Columns of a tile at most: their sums stay in registers.
constexpr int64_t columns = VECTOR_REGISTERS == 32 ? 4 : 2;

// The 32 values of a block, 0 to 15.
inline __m256i unpack(const block_q4_1 &block) {
    const __m128i bytes = _mm_loadu_si128((const __m128i *)block.qs);
    return _mm256_and_si256(_mm256_set1_epi8(15), MM256_SET_M128I(_mm_srli_epi16(bytes, 4), bytes));
}

// The sums of four products each. Values of 0 to 15 keep those of two within 16 bits.
inline __m256 dot(__m256i u, __m256i s) {
#if defined(__AVX512VNNI__) && defined(__AVX512VL__)
    const __m256i sums = _mm256_dpbusd_epi32(_mm256_setzero_si256(), u, s);
#else
    const __m256i sums = _mm256_madd_epi16(_mm256_set1_epi16(1), _mm256_maddubs_epi16(u, s));
#endif
    return _mm256_cvtepi32_ps(sums);
}

// What llamafile_sgemm multiplies: C = A B, of rows and columns of k blocks each.
struct Product {
    int64_t k;
    const block_q4_1 *A;
    int64_t lda;
    const block_q8_1 *B;
    int64_t ldb;
    float *C;
    int64_t ldc;
};

// The elements of four rows from i0 on and N columns from j0 on.
template <int N> NOINLINE void tile(const Product &product, int64_t i0, int64_t j0) {
    const block_q4_1 *A = product.A + product.lda * i0;
    const block_q8_1 *B = product.B + product.ldb * j0;
    const int64_t lda = product.lda;
    const int64_t ldb = product.ldb;
    const __m128i halves = _mm_setr_epi8(0, 1, 4, 5, 8, 9, 12, 13, 2, 3, 6, 7, 10, 11, 14, 15);
    __m256 products[N][rows] = {};
    __m128 minima[N] = {};
    for (int64_t l = 0; l < product.k; ++l) {
        const block_q4_1 *block[rows] = {A + l, A + lda + l, A + 2 * lda + l, A + 3 * lda + l};
        const __m128i dm = _mm_setr_epi32(block[0]->dm, block[1]->dm, block[2]->dm, block[3]->dm);
        const __m256 scales = _mm256_cvtph_ps(_mm_shuffle_epi8(dm, halves));
        const __m128 m = _mm256_extractf128_ps(scales, 1);
        __m256i values[rows];
        __m256 d[rows];
        for (int i = 0; i < rows; ++i) {
            values[i] = unpack(*block[i]);
            d[i] = _mm256_permutevar8x32_ps(scales, _mm256_set1_epi32(i));
        }
        for (int j = 0; j < N; ++j) {
            const block_q8_1 &b = B[ldb * j + l];
            const __m256i activations = _mm256_loadu_si256((const __m256i *)b.qs);
            const __m256 scale = _mm256_set1_ps(_cvtsh_ss(b.d));
            minima[j] = _mm_fmadd_ps(m, _mm_set1_ps(_cvtsh_ss(b.s)), minima[j]);
            for (int i = 0; i < rows; ++i) {
                products[j][i] = _mm256_fmadd_ps(
                    _mm256_mul_ps(d[i], scale), dot(values[i], activations), products[j][i]);
            }
        }
    }
    float *C = product.C + product.ldc * j0 + i0;
    for (int j = 0; j < N; ++j) {
        alignas(16) float minimum[rows];
        _mm_store_ps(minimum, minima[j]);
        for (int i = 0; i < rows; ++i) {
            C[product.ldc * j + i] = hsum(products[j][i]) + minimum[i];
        }
    }
}

// This thread's share of the m rows times n columns; false: they are left to ggml.
inline bool multiply(
    const ggml_compute_params *params, int64_t m, int64_t n, const Product &product) {
    if (m % rows != 0) {
        return false;
    }
    const int64_t tiles = m / rows;
    const int64_t end = tiles * (params->ith + 1) / params->nth * rows;
    for (int64_t i = tiles * params->ith / params->nth * rows; i < end; i += rows) {
        int64_t j = 0;
        for (; j + columns <= n; j += columns) {
            tile<columns>(product, i, j);
        }
        switch (n - j) {
        case 3:
            tile<3>(product, i, j);
            break;
        case 2:
            tile<2>(product, i, j);
            break;
        case 1:
            tile<1>(product, i, j);
            break;
        }
    }
    return true;
}

} // namespace lmstudio::q4_1
#endif
