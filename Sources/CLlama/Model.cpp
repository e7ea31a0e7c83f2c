#include "CLlama.hpp"

#include <climits>
#include <cstring>

namespace {

// What llama.cpp's parameters point to, as long as they are in use.
struct Placement {
    std::vector<ggml_backend_dev_t> devices;
    std::vector<float> shares;
    std::vector<std::string> patterns;
    std::vector<llama_model_tensor_buft_override> buffers;
    llama_model_kv_override values[2]{};

    Placement(const cllama_model_options &options, llama_model_params &params) {
        place_on_gpus(options, params);
        keep_experts(options.cpu_expert_layers, params);
        if (options.override_key != nullptr) {
            values[0].tag = LLAMA_KV_OVERRIDE_TYPE_INT;
            strncpy(values[0].key, options.override_key, sizeof values[0].key - 1);
            values[0].val_i64 = options.override_value;
            params.kv_overrides = values;
        }
    }

    Placement(const Placement &) = delete;
    Placement &operator=(const Placement &) = delete;

  private:
    void place_on_gpus(const cllama_model_options &options, llama_model_params &params) {
        if (options.gpus == nullptr) {
            return;
        }
        const std::vector<ggml_backend_dev_t> known = cllama::gpus();
        for (int32_t i = 0; i < options.gpu_count; i++) {
            devices.push_back(known.at(static_cast<size_t>(options.gpus[i])));
        }
        devices.push_back(nullptr);
        params.devices = devices.data();
        if (options.gpu_shares != nullptr) {
            shares.assign(options.gpu_shares, options.gpu_shares + options.gpu_count);
            shares.resize(std::max(shares.size(), llama_max_devices()));
            params.tensor_split = shares.data();
        }
    }

    // As llama.cpp's tools do for --n-cpu-moe.
    void keep_experts(int32_t layers, llama_model_params &params) {
        for (int32_t layer = 0; layer < layers; layer++) {
            patterns.push_back(
                "^blk\\." + std::to_string(layer) + "\\.ffn_(up|down|gate|gate_up)_(ch|)exps");
        }
        for (const std::string &pattern : patterns) {
            buffers.push_back({pattern.c_str(), ggml_backend_cpu_buffer_type()});
        }
        if (!buffers.empty()) {
            buffers.push_back({nullptr, nullptr});
            params.tensor_buft_overrides = buffers.data();
        }
    }
};

} // namespace

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
            Placement placement(*options, params);
            return reinterpret_cast<cllama_model *>(
                llama_model_load_from_file(options->path, params));
        },
        error,
        capacity);
}

void cllama_model_free(cllama_model *model) {
    llama_model_free(reinterpret_cast<llama_model *>(model));
}

bool cllama_model_has_decoder(const cllama_model *model) {
    return llama_model_has_decoder(llama_of(model)) && !llama_model_has_encoder(llama_of(model));
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
