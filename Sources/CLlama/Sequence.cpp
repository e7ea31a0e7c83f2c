#include "CLlama.hpp"

#include <algorithm>

namespace {

llama_memory_t memory_of(const cllama_context *context) { return llama_get_memory(context->llama); }

// Layers that look at a window keep little more than that window: whether a token at a position that
// lies behind the last one would see all of it. The token itself is part of its window.
bool has_window(const cllama_context *context, llama_seq_id sequence, llama_pos position) {
    const int32_t window = std::max(1, llama_model_n_swa(llama_get_model(context->llama)));
    const llama_pos first = llama_memory_seq_pos_min(memory_of(context), sequence);
    return first >= 0 && first <= std::max(0, position + 1 - window) &&
           llama_memory_seq_pos_max(memory_of(context), sequence) == position - 1;
}

bool forget(cllama_context *context, llama_seq_id sequence) {
    llama_memory_seq_rm(memory_of(context), sequence, -1, -1);
    return false;
}

// Runs what changes the context's books; what breaks off half-way leaves nothing that can be used.
template <typename Work> bool change(cllama_context *context, Work work) {
    if (context->broken) {
        return false;
    }
    cllama::Guard guard;
    try {
        return work();
    } catch (...) {
        context->broken = true;
        return false;
    }
}

} // namespace

bool cllama_sequence_truncate(cllama_context *context, int32_t sequence, int32_t position) {
    return change(context, [&] {
        llama_memory_t memory = memory_of(context);
        if (position <= 0) {
            forget(context, sequence);
            return true;
        }
        const llama_pos last = llama_memory_seq_pos_max(memory, sequence);
        if (last == position - 1) {
            return true;
        }
        // A recurrent model cannot forget a part.
        if (last < position || !llama_memory_seq_rm(memory, sequence, position, -1) ||
            !has_window(context, sequence, position)) {
            return forget(context, sequence);
        }
        return true;
    });
}

int32_t cllama_sequence_first(const cllama_context *context, int32_t sequence) {
    return llama_memory_seq_pos_min(memory_of(context), sequence);
}

bool cllama_checkpoint_restore(
    cllama_context *context,
    int32_t from,
    int32_t to,
    const uint8_t *bytes,
    size_t count,
    int32_t position) {
    if (context->broken) {
        return false;
    }
    cllama::Guard guard;
    try {
        if (from != to) {
            forget(context, to);
            llama_memory_seq_cp(memory_of(context), from, to, 0, position);
        }
        const size_t read = llama_state_seq_set_data_ext(
            context->llama, bytes, count, to, LLAMA_STATE_SEQ_FLAGS_PARTIAL_ONLY);
        // The layers that see everything still have the later tokens.
        if (read == count && llama_memory_seq_rm(memory_of(context), to, position, -1) &&
            has_window(context, to, position)) {
            return true;
        }
    } catch (...) {
    }
    return forget(context, to);
}

bool cllama_sequence_copy(cllama_context *context, int32_t from, int32_t to, int32_t position) {
    return change(context, [&] {
        llama_memory_t memory = memory_of(context);
        forget(context, to);
        const llama_pos last = llama_memory_seq_pos_max(memory, from);
        llama_memory_seq_cp(memory, from, to, 0, position);
        if (llama_memory_seq_pos_max(memory, to) != position - 1 ||
            (last >= position && !has_window(context, to, position))) {
            return forget(context, to);
        }
        return true;
    });
}

bool cllama_sequence_shift(
    cllama_context *context, int32_t sequence, int32_t position, int32_t count) {
    return change(context, [&] {
        llama_memory_t memory = memory_of(context);
        if (!llama_memory_can_shift(memory) || llama_memory_seq_pos_min(memory, sequence) != 0 ||
            !llama_memory_seq_rm(memory, sequence, position, position + count)) {
            return false;
        }
        llama_memory_seq_add(memory, sequence, position + count, -1, -count);
        context->is_shifting.store(true, std::memory_order_relaxed);
        return true;
    });
}
