#include "Graph.hpp"
#include "LlamaHarness.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <random>

namespace {

// A tensor of normally distributed values.
ggml_tensor *make_random(
    ggml_context *context, ggml_type type, int64_t length, int64_t rows, unsigned seed) {
    std::mt19937 random(seed);
    std::normal_distribution<float> normal;
    std::vector<float> values(static_cast<size_t>(rows * length));
    for (float &value : values) {
        value = normal(random);
    }
    ggml_tensor *tensor = ggml_new_tensor_2d(context, type, length, rows);
    ggml_quantize_chunk(type, values.data(), tensor->data, 0, rows, length, nullptr);
    return tensor;
}

// The larger one, what is no number being larger than all.
double larger(double a, double b) { return std::isnan(a) || a >= b ? a : b; }

// A column of a matrix.
ggml_tensor *view(ggml_context *context, ggml_tensor *matrix, int64_t column) {
    const size_t stride = matrix->nb[1];
    return ggml_view_2d(
        context, matrix, matrix->ne[0], 1, stride, static_cast<size_t>(column) * stride);
}

// A matrix times columns, all at once.
struct Multiplied {
    ggml_tensor *weights;
    ggml_tensor *activations;
    // nullptr: llama.cpp wrote beyond the memory that it asked for.
    const float *elements;
    // How many elements differ in any bit from those of one column at a time.
    int64_t differences = 0;
};

Multiplied multiply(
    ggml_context *context,
    ggml_type type,
    int64_t rows,
    int64_t length,
    int64_t columns,
    int threads) {
    Multiplied result{};
    result.weights = make_random(context, type, length, rows, 1);
    result.activations = make_random(context, GGML_TYPE_F32, length, columns, 2);
    result.elements = harness::compute(
        context, ggml_mul_mat(context, result.weights, result.activations), threads);
    for (int64_t column = 0; column < columns && result.elements != nullptr; column++) {
        ggml_tensor *one = view(context, result.activations, column);
        const float *elements =
            harness::compute(context, ggml_mul_mat(context, result.weights, one), threads);
        for (int64_t row = 0; row < rows; row++) {
            result.differences +=
                std::memcmp(elements + row, result.elements + column * rows + row, 4) != 0;
        }
    }
    return result;
}

} // namespace

int64_t harness_q4_1_differences(int64_t rows, int64_t length, int64_t columns, int threads) {
    const harness::Tensors tensors = harness::make_tensors(size_t{64} << 20);
    if (tensors == nullptr) {
        return -1;
    }
    const Multiplied product =
        multiply(tensors.get(), GGML_TYPE_Q4_1, rows, length, columns, threads);
    return product.elements == nullptr ? -2 : product.differences;
}

double harness_f16_difference(int64_t rows, int64_t length, int64_t columns, int threads) {
    const harness::Tensors tensors = harness::make_tensors(size_t{64} << 20);
    if (tensors == nullptr) {
        return -1;
    }
    const Multiplied product =
        multiply(tensors.get(), GGML_TYPE_F16, rows, length, columns, threads);
    if (product.elements == nullptr) {
        return -2;
    }
    double greatest = product.differences == 0 ? 0 : std::numeric_limits<double>::infinity();
    for (int64_t i = 0; i < rows * columns; i++) {
        const auto *w = static_cast<const ggml_fp16_t *>(product.weights->data) + i % rows * length;
        const auto *a = static_cast<const float *>(product.activations->data) + i / rows * length;
        double sum = 0;
        double amount = 0;
        for (int64_t l = 0; l < length; l++) {
            const double term = double{ggml_fp16_to_fp32(w[l])} * a[l];
            sum += term;
            amount += std::abs(term);
        }
        greatest = larger(greatest, std::abs(product.elements[i] - sum) / amount);
    }
    return greatest;
}

double harness_gelu_difference(bool gated) {
    const harness::Tensors tensors = harness::make_tensors(size_t{1} << 20);
    ggml_context *context = tensors.get();
    if (context == nullptr) {
        return -1;
    }
    // No whole number of vectors.
    constexpr int count = 2403;
    const float infinity = std::numeric_limits<float>::infinity();
    ggml_tensor *values = ggml_new_tensor_1d(context, GGML_TYPE_F32, count);
    auto *x = static_cast<float *>(values->data);
    for (int i = 0; i < count; i++) {
        x[i] = static_cast<float>(i - count / 2) / 100;
    }
    x[0] = -infinity;
    x[count - 1] = infinity;
    ggml_tensor *gates = make_random(context, GGML_TYPE_F32, count, 1, 1);
    const auto *g = static_cast<const float *>(gates->data);
    const float *gelu = harness::compute(
        context, gated ? ggml_geglu_split(context, values, gates) : ggml_gelu(context, values), 1);
    if (gelu == nullptr) {
        return -2;
    }
    double greatest = 0;
    for (int i = 0; i < count; i++) {
        const double v = x[i];
        // The formula is 0 times infinity at the one end.
        const double cubic = v + 0.044715 * v * v * v;
        const double plain = v < -12 ? 0 : 0.5 * v * (1 + std::tanh(std::sqrt(2 / M_PI) * cubic));
        const double expected = plain * (gated ? g[i] : 1);
        if (expected != gelu[i]) {
            greatest = larger(greatest, std::abs(expected - gelu[i]));
        }
    }
    return greatest;
}
