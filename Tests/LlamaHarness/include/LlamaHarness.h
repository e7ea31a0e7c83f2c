/** @file LlamaHarness.h  What of llama.cpp's arithmetic is tested where no prediction shows it. */
#ifndef LLAMA_HARNESS_H
#define LLAMA_HARNESS_H

#include <stdbool.h>
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
 * Multiplies a matrix in F16 by columns of activations, all at once and one by one, and by the definition.
 *
 * @return the greatest difference of an element from its definition, in parts of the sum of its products'
 * amounts; infinity: elements differ in any bit from those one by one; -1: there was no
 * memory; -2: llama.cpp wrote beyond the memory that it asked for.
 */
double harness_f16_difference(int64_t rows, int64_t length, int64_t columns, int threads);

/**
 * Takes GELU (its form with tanh) of values from -12 to 12 and of the infinite ones.
 *
 * @param gated  whether it is multiplied by other values.
 * @return the greatest difference from the definition; -1: there was no memory; -2: llama.cpp wrote beyond
 * the memory that it asked for.
 */
double harness_gelu_difference(bool gated);

/** What queries attend to. */
typedef struct {
    /** Queries of each of the sequences, and cells that each sequence has. */
    int64_t queries, cells, sequences;
    /** From one of the cells that a query sees to the next. */
    int64_t apart;
    /** Whether each query sees some of the cells only, and whether each of the four heads others. */
    bool masked, masked_by_head;
} harness_attention;

/**
 * Attends from queries to cells, by llama.cpp and by the definition.
 *
 * @return the greatest difference of two elements, which lie between -1 and 1; -1: there was no memory;
 * -2: llama.cpp wrote beyond the memory that it asked for.
 */
double harness_attention_difference(const harness_attention *attention, int threads);

#ifdef __cplusplus
}
#endif

#endif
