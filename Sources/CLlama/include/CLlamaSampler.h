/** @file CLlamaSampler.h  Choosing tokens; a part of CLlama.h. */
#ifndef CLLAMA_SAMPLER_H
#define CLLAMA_SAMPLER_H

#include "CLlama.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cllama_sampler cllama_sampler;

typedef struct cllama_sampler_options {
    float temperature;       /* ≤ 0: the likeliest token */
    int32_t top_k;           /* ≤ 0: off */
    float top_p;             /* ≥ 1: off */
    float min_p;             /* ≤ 0: off */
    float repeat_penalty;    /* 1: off */
    float presence_penalty;  /* 0: off */
    float frequency_penalty; /* 0: off */
    int32_t penalty_window;  /* last tokens that the penalties look at */
    float typical_p;         /* ≥ 1: off */
    float xtc_probability;   /* ≤ 0: off */
    float xtc_threshold;
    int32_t mirostat; /* 1 or 2; 0: off; top_k and what follows it up to xtc then rest */
    float mirostat_rate;
    float mirostat_entropy;
    const int32_t *bias_tokens; /* bias_count numbers of tokens, each once; may be NULL */
    const float *biases;        /* what is added to their logits; -INFINITY: never chosen */
    int32_t bias_count;
    bool keeps_logits; /* whether cllama_sampler_log_probs() will be called */
    uint32_t seed;
} cllama_sampler_options;

/** A token and the natural logarithm of its probability. */
typedef struct cllama_log_prob {
    int32_t token;
    float value;
} cllama_log_prob;

cllama_sampler *cllama_sampler_create(
    const cllama_model *model, const cllama_sampler_options *options);
void cllama_sampler_free(cllama_sampler *sampler);

/** Tell the sampler of a token that is part of the text from now on. */
void cllama_sampler_accept(cllama_sampler *sampler, int32_t token);

/** Choose a token. @return the token, or -1 if no logit is a finite number. */
int32_t cllama_sampler_draw(cllama_sampler *sampler, cllama_context *context, int32_t batch_index);

/**
 * Choose again, among some tokens only.
 *
 * @param mask a bit for each token of the vocabulary, the first in the lowest bit; 1: may be chosen.
 * @return the token, or -1 if none of them has a logit that is a finite number.
 */
int32_t cllama_sampler_redraw(
    cllama_sampler *sampler, cllama_context *context, int32_t batch_index, const uint64_t *mask);

/**
 * The model's own probabilities at the place of the last draw: of a token first, then of the
 * `count` likeliest, likeliest first.
 *
 * @param log_probs receives 1 + `count` entries, or fewer if the vocabulary is smaller.
 * @return the number of entries; 0 on failure.
 */
int32_t cllama_sampler_log_probs(
    cllama_sampler *sampler, int32_t token, int32_t count, cllama_log_prob *log_probs);

#ifdef __cplusplus
}
#endif

#endif
