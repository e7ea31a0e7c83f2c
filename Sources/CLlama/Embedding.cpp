#include "CLlama.hpp"

int32_t cllama_model_embedding_length(const cllama_model *model) {
    return llama_model_n_embd_out(llama_of(model));
}

void cllama_context_forget(cllama_context *context) {
    // Models that only read have no memory, and forget nothing.
    llama_memory_clear(llama_get_memory(context->llama), /* data */ false);
}

bool cllama_batch_add_text(
    cllama_context *context, const int32_t *tokens, int32_t count, int32_t sequence) {
    int32_t last = cllama_batch_add(context, tokens, count, /* position */ 0, sequence, 1);
    if (last < 0) {
        return false;
    }
    // Pooling needs what became of each token.
    for (int32_t at = last - count + 1; at < last; at++) {
        context->batch.logits[at] = 1;
    }
    return true;
}

const float *cllama_embedding(cllama_context *context, int32_t sequence) {
    return llama_get_embeddings_seq(context->llama, sequence);
}
