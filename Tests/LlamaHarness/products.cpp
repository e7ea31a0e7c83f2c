#include "Graph.hpp"
#include "LlamaHarness.h"

#include <cstring>
#include <random>

int64_t harness_q4_1_differences(int64_t rows, int64_t length, int64_t columns, int threads) {
    const harness::Tensors tensors = harness::make_tensors(size_t{64} << 20);
    ggml_context *context = tensors.get();
    if (context == nullptr) {
        return -1;
    }
    std::mt19937 random(1);
    std::normal_distribution<float> normal;
    std::vector<float> values(static_cast<size_t>(rows * length));
    for (float &value : values) {
        value = normal(random);
    }
    ggml_tensor *weights = ggml_new_tensor_2d(context, GGML_TYPE_Q4_1, length, rows);
    ggml_quantize_chunk(GGML_TYPE_Q4_1, values.data(), weights->data, 0, rows, length, nullptr);
    ggml_tensor *activations = ggml_new_tensor_2d(context, GGML_TYPE_F32, length, columns);
    for (int64_t i = 0; i < length * columns; i++) {
        static_cast<float *>(activations->data)[i] = normal(random);
    }
    const float *all =
        harness::compute(context, ggml_mul_mat(context, weights, activations), threads);
    if (all == nullptr) {
        return -2;
    }
    int64_t differences = 0;
    for (int64_t column = 0; column < columns; column++) {
        const size_t stride = activations->nb[1];
        ggml_tensor *one = ggml_view_2d(
            context, activations, length, 1, stride, static_cast<size_t>(column) * stride);
        const float *elements =
            harness::compute(context, ggml_mul_mat(context, weights, one), threads);
        for (int64_t row = 0; row < rows; row++) {
            differences += std::memcmp(elements + row, all + column * rows + row, 4) != 0;
        }
    }
    return differences;
}
