#include "Graph.hpp"
#include "LlamaHarness.h"

#include <cmath>
#include <random>

namespace {

constexpr int64_t heads = 4;
constexpr int64_t key_heads = 2;
constexpr int64_t head_length = 16;
constexpr float scale = 0.25F;

ggml_tensor *halves(ggml_context *context, const harness_attention &size, std::mt19937 &random) {
    std::uniform_real_distribution<float> value(-1, 1);
    ggml_tensor *tensor = ggml_new_tensor_4d(
        context, GGML_TYPE_F16, head_length, size.cells, key_heads, size.sequences);
    auto *element = static_cast<ggml_fp16_t *>(tensor->data);
    for (int64_t i = 0; i < ggml_nelements(tensor); i++) {
        element[i] = ggml_fp32_to_fp16(value(random));
    }
    return tensor;
}

// Each query sees some cells that lie anywhere, side by side or between those of others.
ggml_tensor *make_mask(ggml_context *context, const harness_attention &size, std::mt19937 &random) {
    const int64_t mask_heads = size.masked_by_head ? heads : 1;
    ggml_tensor *mask = ggml_new_tensor_4d(
        context, GGML_TYPE_F16, size.cells, size.queries, mask_heads, size.sequences);
    auto *element = static_cast<ggml_fp16_t *>(mask->data);
    std::fill_n(element, ggml_nelements(mask), ggml_fp32_to_fp16(-INFINITY));
    constexpr int64_t seen = 20;
    std::uniform_int_distribution<int64_t> offset(0, 80);
    for (int64_t row = 0; row < ggml_nrows(mask); row++) {
        // Rows that follow each other see cells near each other: of most tiles they see nothing.
        const int64_t room = size.cells - 80 - seen * size.apart;
        const int64_t first = row / 64 * 2000 % room + offset(random);
        for (int64_t i = 0; i < seen; i++) {
            element[row * size.cells + first + i * size.apart] = ggml_fp32_to_fp16(0);
        }
    }
    return mask;
}

// A row of a tensor.
template <typename Element>
const Element *row(const ggml_tensor *tensor, int64_t i1, int64_t i2, int64_t i3) {
    const auto *bytes = static_cast<const char *>(tensor->data);
    const size_t *stride = tensor->nb;
    return reinterpret_cast<const Element *>(
        bytes + static_cast<size_t>(i1) * stride[1] + static_cast<size_t>(i2) * stride[2] +
        static_cast<size_t>(i3) * stride[3]);
}

struct Tensors {
    const ggml_tensor *queries, *keys, *values, *mask;
};

// What a head of a query gets, by the definition: the softmax of its products with the keys it sees
// weighs the values.
std::vector<double> attend(const Tensors &given, int64_t query, int64_t head, int64_t sequence) {
    const int64_t key_head = head / (heads / key_heads);
    const auto *query_values = row<float>(given.queries, query, head, sequence);
    std::vector<double> sum(head_length);
    double weights = 0;
    for (int64_t cell = 0; cell < given.keys->ne[1]; cell++) {
        if (given.mask != nullptr) {
            const auto *seen =
                row<ggml_fp16_t>(given.mask, query, head % given.mask->ne[2], sequence);
            if (std::isinf(ggml_fp16_to_fp32(seen[cell]))) {
                continue;
            }
        }
        const auto *key = row<ggml_fp16_t>(given.keys, cell, key_head, sequence);
        const auto *value = row<ggml_fp16_t>(given.values, cell, key_head, sequence);
        double product = 0;
        for (int64_t i = 0; i < head_length; i++) {
            product += double{query_values[i]} * ggml_fp16_to_fp32(key[i]);
        }
        const double weight = std::exp(product * scale);
        weights += weight;
        for (size_t i = 0; i < sum.size(); i++) {
            sum[i] += weight * ggml_fp16_to_fp32(value[i]);
        }
    }
    for (double &element : sum) {
        element /= weights;
    }
    return sum;
}

} // namespace

double harness_attention_difference(const harness_attention *attention, int threads) {
    const harness_attention &size = *attention;
    const harness::Tensors tensors = harness::make_tensors(size_t{256} << 20);
    ggml_context *context = tensors.get();
    if (context == nullptr) {
        return -1;
    }
    std::mt19937 random(1);
    ggml_tensor *query = ggml_new_tensor_4d(
        context, GGML_TYPE_F32, head_length, size.queries, heads, size.sequences);
    std::normal_distribution<float> normal;
    for (int64_t i = 0; i < ggml_nelements(query); i++) {
        static_cast<float *>(query->data)[i] = normal(random);
    }
    ggml_tensor *keys = halves(context, size, random);
    ggml_tensor *values = halves(context, size, random);
    ggml_tensor *mask = size.masked ? make_mask(context, size, random) : nullptr;
    const float *element = harness::compute(
        context, ggml_flash_attn_ext(context, query, keys, values, mask, scale, 0, 0), threads);
    if (element == nullptr) {
        return -2;
    }
    const Tensors given{query, keys, values, mask};
    double greatest = 0;
    for (int64_t sequence = 0; sequence < size.sequences; sequence++) {
        for (int64_t i = 0; i < size.queries; i++) {
            for (int64_t head = 0; head < heads; head++) {
                for (const double expected : attend(given, i, head, sequence)) {
                    const double difference = std::abs(*element++ - expected);
                    if (std::isnan(difference)) {
                        return difference;
                    }
                    greatest = std::max(greatest, difference);
                }
            }
        }
    }
    return greatest;
}
