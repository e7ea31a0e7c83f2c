// What models and contexts take.
#include "CLlama.hpp"

#include <map>

// llama.cpp's own fitting uses these; their header, llama-ext.h, is not among those it installs. The
// version that is built is pinned.
struct llama_memory_breakdown_data {
    size_t model;
    size_t context;
    size_t compute;
};
using llama_memory_breakdown = std::map<ggml_backend_buffer_type_t, llama_memory_breakdown_data>;
llama_memory_breakdown llama_get_memory_breakdown(const struct llama_context *context);

namespace {

bool is_on_gpu(ggml_backend_buffer_type_t type) {
    ggml_backend_dev_t device = ggml_backend_buft_get_device(type);
    if (device == nullptr || ggml_backend_buft_is_host(type)) {
        return false;
    }
    return ggml_backend_dev_type(device) == GGML_BACKEND_DEVICE_TYPE_GPU ||
           ggml_backend_dev_type(device) == GGML_BACKEND_DEVICE_TYPE_IGPU;
}

} // namespace

bool cllama_context_memory(const cllama_context *context, cllama_memory *memory) {
    *memory = cllama_memory{};
    try {
        for (const auto &[type, bytes] : llama_get_memory_breakdown(context->llama)) {
            memory->model += bytes.model;
            memory->context += bytes.context + bytes.compute;
            if (is_on_gpu(type)) {
                memory->gpu_model += bytes.model;
                memory->gpu_context += bytes.context + bytes.compute;
            }
        }
        return true;
    } catch (...) {
        return false;
    }
}
