#include "CLlama.hpp"

#include <memory>
#include <stdexcept>
#include <thread>

namespace {

ggml_type cache_type(const char *name) {
    if (name == nullptr) {
        return GGML_TYPE_F16;
    }
    for (int type = 0; type < GGML_TYPE_COUNT; type++) {
        const char *known = ggml_type_name(static_cast<ggml_type>(type));
        if (known != nullptr && std::string(known) == name) {
            return static_cast<ggml_type>(type);
        }
    }
    throw std::invalid_argument(std::string("no KV cache type is called ") + name);
}

bool is_aborted(void *data) {
    auto *context = static_cast<cllama_context *>(data);
    const auto *asked = context->beside == nullptr ? context : context->beside;
    if (!asked->abort.load(std::memory_order_relaxed) ||
        context->is_shifting.load(std::memory_order_relaxed)) {
        return false;
    }
    cllama::Guard::note_stop();
    return true;
}

void free_pool(cllama_context *context) {
    if (context->pool != nullptr) {
        llama_detach_threadpool(context->llama);
        ggml_threadpool_free(context->pool);
        context->pool = nullptr;
    }
}

} // namespace

cllama_context *cllama_context_create(
    cllama_model *model, const cllama_context_options *options, char *error, size_t capacity) {
    cllama::Guard guard;
    return guard.run(
        [&]() -> cllama_context * {
            auto context = std::make_unique<cllama_context>();
            llama_context_params params = llama_context_default_params();
            params.n_ctx = options->context_length;
            params.n_batch = options->batch_size;
            params.n_ubatch = options->micro_batch_size;
            params.n_seq_max = options->sequences;
            params.kv_unified = options->unified_kv_cache;
            params.n_threads = options->threads;
            params.n_threads_batch = options->threads;
            params.flash_attn_type = static_cast<llama_flash_attn_type>(options->flash_attention);
            params.type_k = cache_type(options->k_cache_type);
            params.type_v = cache_type(options->v_cache_type);
            params.rope_freq_base = options->rope_frequency_base;
            params.rope_freq_scale = options->rope_frequency_scale;
            params.offload_kqv = options->offload_kv_cache;
            // Layers that look at a window keep that window only, as llama.cpp's own tools do.
            params.swa_full = false;
            params.no_perf = true;
            if (options->embeddings) {
                params.embeddings = true;
                params.pooling_type = static_cast<enum llama_pooling_type>(options->pooling_type);
            }
            params.abort_callback = is_aborted;
            params.abort_callback_data = context.get();
            context->llama = llama_init_from_model(reinterpret_cast<llama_model *>(model), params);
            if (context->llama == nullptr) {
                return nullptr;
            }
            context->batch_capacity = static_cast<int32_t>(llama_n_batch(context->llama));
            context->batch =
                llama_batch_init(context->batch_capacity, /* embd */ 0, /* n_seq_max */ 1);
            context->beside = options->beside;
            if (context->beside == nullptr) {
                cllama_context_set_threads(context.get(), options->threads);
            }
            return context.release();
        },
        error,
        capacity);
}

void cllama_context_free(cllama_context *context) {
    if (context == nullptr || context->broken) {
        return;
    }
    free_pool(context);
    llama_batch_free(context->batch);
    llama_free(context->llama);
    delete context;
}

uint32_t cllama_max_sequences(void) {
    return static_cast<uint32_t>(llama_max_parallel_sequences());
}

uint32_t cllama_context_length(const cllama_context *context) {
    return llama_n_ctx(context->llama);
}

// Without a pool of its own ggml starts and joins its threads anew for every token.
void cllama_context_set_threads(cllama_context *context, int32_t threads) {
    if (threads == context->pool_threads || context->broken) {
        return;
    }
    free_pool(context);
    ggml_threadpool_params params = ggml_threadpool_params_default(threads);
    context->pool = ggml_threadpool_new(&params);
    context->pool_threads = threads;
    if (context->pool != nullptr) {
        llama_attach_threadpool(context->llama, context->pool, nullptr);
    }
    llama_set_n_threads(context->llama, threads, threads);
}

int32_t cllama_context_threads(const cllama_context *context) { return context->pool_threads; }

void cllama_context_abort(cllama_context *context, bool abort) {
    // Sequentially consistent: a canceller's "stop" must not become visible after its abort.
    context->abort.store(abort, std::memory_order_seq_cst);
}

void cllama_batch_clear(cllama_context *context) { context->batch.n_tokens = 0; }

int32_t cllama_batch_count(const cllama_context *context) { return context->batch.n_tokens; }

int32_t cllama_batch_add(
    cllama_context *context,
    const int32_t *tokens,
    int32_t count,
    int32_t position,
    int32_t sequence,
    int32_t logits) {
    llama_batch &batch = context->batch;
    if (count <= 0 || count > context->batch_capacity - batch.n_tokens) {
        return -1;
    }
    for (int32_t i = 0; i < count; i++) {
        int32_t at = batch.n_tokens + i;
        batch.token[at] = tokens[i];
        batch.pos[at] = position + i;
        batch.n_seq_id[at] = 1;
        batch.seq_id[at][0] = sequence;
        batch.logits[at] = i >= count - logits ? 1 : 0;
    }
    batch.n_tokens += count;
    return batch.n_tokens - 1;
}

int32_t cllama_decode(cllama_context *context) {
    cllama_context *beside = context->beside;
    if (context->broken || (beside != nullptr && beside->broken)) {
        return -99;
    }
    cllama::Guard guard;
    try {
        if (beside != nullptr) {
            llama_attach_threadpool(context->llama, beside->pool, nullptr);
            llama_set_n_threads(context->llama, beside->pool_threads, beside->pool_threads);
        }
        int32_t status = llama_decode(context->llama, context->batch);
        context->is_shifting.store(false, std::memory_order_relaxed);
        return status;
    } catch (...) {
        context->broken = true;
        if (beside != nullptr) {
            beside->broken = true;
        }
        return -99;
    }
}

uint64_t cllama_type_bytes(uint32_t type, uint64_t row_length, uint64_t rows) {
    if (type >= GGML_TYPE_COUNT) {
        return 0;
    }
    auto known = static_cast<ggml_type>(type);
    auto block = static_cast<uint64_t>(ggml_blck_size(known));
    if (block == 0 || ggml_type_size(known) == 0 || row_length % block != 0) {
        return 0;
    }
    uint64_t row_bytes = 0;
    uint64_t bytes = 0;
    bool overflow = __builtin_mul_overflow(row_length / block, ggml_type_size(known), &row_bytes) ||
                    __builtin_mul_overflow(row_bytes, rows, &bytes);
    return overflow ? 0 : bytes;
}
