// The GPUs that models may lie on.
#include "CLlama.hpp"

#include <cstring>

namespace {

bool is_remote(ggml_backend_dev_t device) {
    return strcmp(ggml_backend_reg_name(ggml_backend_dev_backend_reg(device)), "RPC") == 0;
}

std::vector<ggml_backend_dev_t> devices_of(enum ggml_backend_dev_type type) {
    std::vector<ggml_backend_dev_t> found;
    for (size_t i = 0; i < ggml_backend_dev_count(); i++) {
        ggml_backend_dev_t device = ggml_backend_dev_get(i);
        if (ggml_backend_dev_type(device) == type && !is_remote(device)) {
            found.push_back(device);
        }
    }
    return found;
}

} // namespace

std::vector<ggml_backend_dev_t> cllama::gpus() {
    std::vector<ggml_backend_dev_t> found = devices_of(GGML_BACKEND_DEVICE_TYPE_GPU);
    return found.empty() ? devices_of(GGML_BACKEND_DEVICE_TYPE_IGPU) : found;
}

bool cllama_supports_gpu_offload(void) { return llama_supports_gpu_offload(); }

int32_t cllama_gpu_count(void) {
    try {
        return static_cast<int32_t>(cllama::gpus().size());
    } catch (...) {
        return 0;
    }
}

uint64_t cllama_gpu_free_bytes(int32_t index) {
    try {
        size_t free = 0;
        size_t total = 0;
        ggml_backend_dev_memory(cllama::gpus().at(static_cast<size_t>(index)), &free, &total);
        return free;
    } catch (...) {
        return 0;
    }
}
