/** @file CLlamaDraft.h  What one model's guessing for another takes; a part of CLlama.h. */
#ifndef CLLAMA_DRAFT_H
#define CLLAMA_DRAFT_H

#include "CLlama.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Whether the tokens of two models are the same, so that one can guess what the other writes. */
bool cllama_model_shares_vocabulary(const cllama_model *model, const cllama_model *other);

/**
 * The likeliest token, as the model has it.
 *
 * @param probability receives its probability, 0…1.
 * @return the token, or -1 if no logit is a finite number.
 */
int32_t cllama_likeliest(cllama_context *context, int32_t batch_index, float *probability);

#ifdef __cplusplus
}
#endif

#endif
