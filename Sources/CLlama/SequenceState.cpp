// What a sequence has read, as bytes.
#include "CLlama.hpp"

namespace {

constexpr llama_state_seq_flags whole = 0;

size_t size_of(cllama_context *context, int32_t sequence, llama_state_seq_flags flags) {
    if (context->broken) {
        return 0;
    }
    cllama::Guard guard;
    try {
        return llama_state_seq_get_size_ext(context->llama, sequence, flags);
    } catch (...) {
        return 0;
    }
}

size_t save(
    cllama_context *context,
    int32_t sequence,
    uint8_t *bytes,
    size_t capacity,
    llama_state_seq_flags flags) {
    if (context->broken) {
        return 0;
    }
    cllama::Guard guard;
    try {
        return llama_state_seq_get_data_ext(context->llama, bytes, capacity, sequence, flags);
    } catch (...) {
        return 0;
    }
}

} // namespace

uint32_t cllama_state_version(void) { return LLAMA_STATE_SEQ_VERSION; }

int32_t cllama_sequence_length(const cllama_context *context, int32_t sequence) {
    return llama_memory_seq_pos_max(llama_get_memory(context->llama), sequence) + 1;
}

size_t cllama_sequence_state_size(cllama_context *context, int32_t sequence) {
    return size_of(context, sequence, whole);
}

size_t cllama_sequence_save(
    cllama_context *context, int32_t sequence, uint8_t *bytes, size_t capacity) {
    return save(context, sequence, bytes, capacity, whole);
}

size_t cllama_checkpoint_size(cllama_context *context, int32_t sequence) {
    return size_of(context, sequence, LLAMA_STATE_SEQ_FLAGS_PARTIAL_ONLY);
}

size_t cllama_checkpoint_save(
    cllama_context *context, int32_t sequence, uint8_t *bytes, size_t capacity) {
    return save(context, sequence, bytes, capacity, LLAMA_STATE_SEQ_FLAGS_PARTIAL_ONLY);
}

bool cllama_sequence_restore(
    cllama_context *context, int32_t sequence, const uint8_t *bytes, size_t count, int32_t length) {
    if (context->broken) {
        return false;
    }
    cllama::Guard guard;
    bool is_whole = false;
    try {
        is_whole = llama_state_seq_set_data(context->llama, bytes, count, sequence) == count &&
                   cllama_sequence_length(context, sequence) == length;
    } catch (...) {
        is_whole = false;
    }
    if (!is_whole) {
        llama_memory_seq_rm(llama_get_memory(context->llama), sequence, -1, -1);
    }
    return is_whole;
}
