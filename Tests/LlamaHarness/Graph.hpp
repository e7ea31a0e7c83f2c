// A place for tensors, and the computing of one.
#pragma once

#include <ggml-cpu.h>
#include <ggml.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

namespace harness {

using Tensors = std::unique_ptr<ggml_context, decltype(&ggml_free)>;

inline Tensors make_tensors(size_t bytes) {
    return {ggml_init({bytes, nullptr, false}), ggml_free};
}

// The elements of a tensor; nullptr: llama.cpp wrote beyond the memory that it had planned for.
inline const float *compute(ggml_context *context, ggml_tensor *tensor, int threads) {
    constexpr size_t guard_bytes = 4096;
    constexpr uint8_t guard = 0xA5;
    ggml_cgraph *graph = ggml_new_graph(context);
    ggml_build_forward_expand(graph, tensor);
    ggml_cplan plan = ggml_graph_plan(graph, threads, nullptr);
    std::vector<uint8_t> memory(plan.work_size + guard_bytes, guard);
    plan.work_data = memory.data();
    ggml_graph_compute(graph, &plan);
    const auto end = memory.begin() + static_cast<std::ptrdiff_t>(plan.work_size);
    const bool is_whole =
        std::all_of(end, memory.end(), [](uint8_t byte) { return byte == guard; });
    return is_whole ? static_cast<const float *>(tensor->data) : nullptr;
}

} // namespace harness
