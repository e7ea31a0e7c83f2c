// What guessing for another model takes.
#include "CLlama.hpp"
#include "LogitScan.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>

namespace {

// As llama.cpp's own tools have it: vocabularies may differ in the first tokens, which are marks, and
// in how many unused ones there are at the end.
constexpr int32_t first_compared = 5;
constexpr int32_t size_tolerance = 128;

bool begins_alike(const llama_vocab *a, const llama_vocab *b) {
    bool adds = llama_vocab_get_add_bos(a);
    return adds == llama_vocab_get_add_bos(b) &&
           (!adds || llama_vocab_bos(a) == llama_vocab_bos(b));
}

bool ends_alike(const llama_vocab *a, const llama_vocab *b) {
    bool adds = llama_vocab_get_add_eos(a);
    return adds == llama_vocab_get_add_eos(b) &&
           (!adds || llama_vocab_eos(a) == llama_vocab_eos(b));
}

} // namespace

bool cllama_model_shares_vocabulary(const cllama_model *model, const cllama_model *other) {
    const llama_vocab *a = vocabulary_of(model);
    const llama_vocab *b = vocabulary_of(other);
    int32_t a_count = llama_vocab_n_tokens(a);
    int32_t b_count = llama_vocab_n_tokens(b);
    if (llama_vocab_type(a) != llama_vocab_type(b) || !begins_alike(a, b) || !ends_alike(a, b) ||
        std::abs(a_count - b_count) > size_tolerance) {
        return false;
    }
    for (int32_t token = first_compared; token < std::min(a_count, b_count); token++) {
        if (std::strcmp(llama_vocab_get_text(a, token), llama_vocab_get_text(b, token)) != 0) {
            return false;
        }
    }
    return true;
}

int32_t cllama_likeliest(cllama_context *context, int32_t batch_index, float *probability) {
    const float *logits = llama_get_logits_ith(context->llama, batch_index);
    if (logits == nullptr) {
        return -1;
    }
    const int32_t count =
        llama_vocab_n_tokens(llama_model_get_vocab(llama_get_model(context->llama)));
    float largest = -INFINITY;
    int32_t best = -1;
    logit_scan::scan(logits, count, largest, [&](int32_t token) {
        largest = logits[token];
        best = token;
    });
    // What is e^-16 as likely as the best adds nothing worth the time.
    float threshold = largest - 16;
    float sum = 0;
    logit_scan::scan(
        logits, count, threshold, [&](int32_t token) { sum += std::exp(logits[token] - largest); });
    *probability = best < 0 ? 0 : 1 / sum;
    return best;
}
