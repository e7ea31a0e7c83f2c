/** @file LlamaHarness.h  What of llama.cpp's arithmetic is tested where no prediction shows it. */
#ifndef LLAMA_HARNESS_H
#define LLAMA_HARNESS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Multiplies a matrix in Q4_1 by columns of activations, all at once and one by one.
 *
 * @param length  values in a row, a multiple of 32.
 * @return how many of the rows × columns elements differ in any bit; -1: there was no memory.
 */
int64_t harness_q4_1_differences(int64_t rows, int64_t length, int64_t columns, int threads);

/**
 * Attends from queries to cells of a cache, of which each query sees some, all queries at once and one by one.
 *
 * @param heads  query heads; half of them have a head of keys and values.
 * @return the greatest difference of two elements, which lie between -1 and 1; -1: there was no memory.
 */
double harness_attention_difference(int64_t queries, int64_t cells, int64_t heads, int threads);

#ifdef __cplusplus
}
#endif

#endif
