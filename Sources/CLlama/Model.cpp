#include "CLlama.hpp"

#include <climits>

cllama_model *cllama_model_load(const cllama_model_options *options, char *error, size_t capacity) {
    cllama::Guard guard;
    return guard.run(
        [&] {
            llama_model_params params = llama_model_default_params();
            params.n_gpu_layers = options->gpu_layers;
            params.load_mode =
                options->use_direct_io ? LLAMA_LOAD_MODE_DIRECT_IO
                : options->use_mmap
                    ? (options->use_mlock ? LLAMA_LOAD_MODE_MMAP_MLOCK : LLAMA_LOAD_MODE_MMAP)
                    : (options->use_mlock ? LLAMA_LOAD_MODE_MLOCK : LLAMA_LOAD_MODE_NONE);
            if (options->is_empty) {
                params.no_alloc = true;
                params.load_mode = LLAMA_LOAD_MODE_NONE;
            }
            params.progress_callback = options->progress;
            params.progress_callback_user_data = options->progress_data;
            return reinterpret_cast<cllama_model *>(
                llama_model_load_from_file(options->path, params));
        },
        error,
        capacity);
}

void cllama_model_free(cllama_model *model) {
    llama_model_free(reinterpret_cast<llama_model *>(model));
}

int32_t cllama_model_vocabulary_size(const cllama_model *model) {
    return llama_vocab_n_tokens(vocabulary_of(model));
}

bool cllama_model_is_end_of_generation(const cllama_model *model, int32_t token) {
    return llama_vocab_is_eog(vocabulary_of(model), token);
}

bool cllama_model_is_recurrent(const cllama_model *model) {
    return llama_model_is_recurrent(llama_of(model)) || llama_model_is_hybrid(llama_of(model));
}

int32_t cllama_model_window(const cllama_model *model) {
    return llama_model_n_swa(llama_of(model));
}

bool cllama_model_adds_eos(const cllama_model *model) {
    return llama_vocab_get_add_eos(vocabulary_of(model));
}

int32_t cllama_model_bos(const cllama_model *model) {
    return llama_vocab_bos(vocabulary_of(model));
}

int32_t cllama_model_eos(const cllama_model *model) {
    return llama_vocab_eos(vocabulary_of(model));
}

int32_t cllama_tokenize(
    const cllama_model *model,
    const char *text,
    int32_t length,
    bool add_special,
    int32_t *tokens,
    int32_t capacity) {
    try {
        int32_t count = llama_tokenize(
            vocabulary_of(model),
            text,
            length,
            tokens,
            capacity,
            add_special,
            /* parse_special */ true);
        return count < 0 && count != INT32_MIN ? -count : count;
    } catch (...) {
        return INT32_MIN;
    }
}

int32_t cllama_token_bytes(
    const cllama_model *model, int32_t token, bool special, char *bytes, int32_t capacity) {
    try {
        return llama_token_to_piece(
            vocabulary_of(model), token, bytes, capacity, /* lstrip */ 0, special);
    } catch (...) {
        return INT32_MIN;
    }
}
