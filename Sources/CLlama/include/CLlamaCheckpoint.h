/** @file CLlamaCheckpoint.h  Ways back where tokens cannot be taken back; a part of CLlama.h. */
#ifndef CLLAMA_CHECKPOINT_H
#define CLLAMA_CHECKPOINT_H

#include "CLlama.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A checkpoint holds what each token changes for good: a window, or a recurrent state. */

/** Position of the first token that a sequence still knows whole; < 0: none. */
int32_t cllama_sequence_first(const cllama_context *context, int32_t sequence);

/** Bytes that cllama_checkpoint_save() writes; 0 on failure. */
size_t cllama_checkpoint_size(cllama_context *context, int32_t sequence);

/** Copy what of a sequence cannot be taken back. @return the bytes written; 0 on failure. */
size_t cllama_checkpoint_save(
    cllama_context *context, int32_t sequence, uint8_t *bytes, size_t capacity);

/**
 * Take a sequence back to a checkpoint of it, or let another one begin with that.
 *
 * @param from the sequence that it was saved of, which still holds all that it had read then.
 * @param to the same one or another, which then shares cells with it.
 * @param position tokens that are left: as many as it had read, or of a window one fewer.
 * @return whether `to` can go on from there; if not, it is empty.
 */
bool cllama_checkpoint_restore(
    cllama_context *context,
    int32_t from,
    int32_t to,
    const uint8_t *bytes,
    size_t count,
    int32_t position);

#ifdef __cplusplus
}
#endif

#endif
