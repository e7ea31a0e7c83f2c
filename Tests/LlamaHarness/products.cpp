#include "LlamaHarness.h"

#include <ggml-cpu.h>
#include <ggml.h>

#include <cstring>
#include <memory>
#include <random>
#include <vector>

namespace {

const float *product(
    ggml_context *context, ggml_tensor *weights, ggml_tensor *columns, int threads) {
    ggml_tensor *elements = ggml_mul_mat(context, weights, columns);
    ggml_cgraph *graph = ggml_new_graph(context);
    ggml_build_forward_expand(graph, elements);
    ggml_graph_compute_with_ctx(context, graph, threads);
    return static_cast<const float *>(elements->data);
}

} // namespace

int64_t harness_q4_1_differences(int64_t rows, int64_t length, int64_t columns, int threads) {
    const std::unique_ptr<ggml_context, decltype(&ggml_free)> context(
        ggml_init({size_t{256} << 20, nullptr, false}), ggml_free);
    if (context == nullptr) {
        return -1;
    }
    std::mt19937 random(1);
    std::normal_distribution<float> normal;
    std::vector<float> values(static_cast<size_t>(rows * length));
    for (float &value : values) {
        value = normal(random);
    }
    ggml_tensor *weights = ggml_new_tensor_2d(context.get(), GGML_TYPE_Q4_1, length, rows);
    ggml_quantize_chunk(GGML_TYPE_Q4_1, values.data(), weights->data, 0, rows, length, nullptr);
    ggml_tensor *activations = ggml_new_tensor_2d(context.get(), GGML_TYPE_F32, length, columns);
    float *activation = static_cast<float *>(activations->data);
    for (int64_t i = 0; i < length * columns; i++) {
        activation[i] = normal(random);
    }
    const float *all = product(context.get(), weights, activations, threads);
    int64_t differences = 0;
    for (int64_t column = 0; column < columns; column++) {
        ggml_tensor *one = ggml_view_2d(
            context.get(),
            activations,
            length,
            1,
            activations->nb[1],
            static_cast<size_t>(column) * activations->nb[1]);
        const float *elements = product(context.get(), weights, one, threads);
        for (int64_t row = 0; row < rows; row++) {
            differences += std::memcmp(elements + row, all + column * rows + row, 4) != 0;
        }
    }
    return differences;
}
