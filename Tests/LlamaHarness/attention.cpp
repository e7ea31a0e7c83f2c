#include "Graph.hpp"
#include "LlamaHarness.h"

#include <cmath>
#include <random>

namespace {

constexpr int64_t heads = 4;
constexpr int64_t key_heads = 2;
constexpr int64_t head_length = 16;

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

// Each query sees one run of cells that lie anywhere: of most tiles it sees nothing.
ggml_tensor *make_mask(ggml_context *context, const harness_attention &size, std::mt19937 &random) {
    const int64_t mask_heads = size.masked_by_head ? heads : 1;
    ggml_tensor *mask = ggml_new_tensor_4d(
        context, GGML_TYPE_F16, size.cells, size.queries, mask_heads, size.sequences);
    auto *element = static_cast<ggml_fp16_t *>(mask->data);
    std::fill_n(element, ggml_nelements(mask), ggml_fp32_to_fp16(-INFINITY));
    std::uniform_int_distribution<int64_t> offset(0, 80);
    for (int64_t row = 0; row < ggml_nrows(mask); row++) {
        // Rows that follow each other see cells near each other.
        const int64_t first = row / 64 * 2000 % (size.cells - 100) + offset(random);
        std::fill_n(element + row * size.cells + first, 20, ggml_fp32_to_fp16(0));
    }
    return mask;
}

// One of the rows of each matrix of a tensor.
ggml_tensor *row_of(ggml_context *context, ggml_tensor *tensor, int64_t row) {
    const size_t *stride = tensor->nb;
    return ggml_view_4d(
        context,
        tensor,
        tensor->ne[0],
        1,
        tensor->ne[2],
        tensor->ne[3],
        stride[1],
        stride[2],
        stride[3],
        static_cast<size_t>(row) * stride[1]);
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
    const auto attend = [&](ggml_tensor *query, ggml_tensor *mask) {
        return harness::compute(
            context, ggml_flash_attn_ext(context, query, keys, values, mask, 0.25F, 0, 0), threads);
    };
    const float *all = attend(query, mask);
    if (all == nullptr) {
        return -2;
    }
    constexpr int64_t length = head_length * heads;
    double greatest = 0;
    for (int64_t i = 0; i < size.queries; i++) {
        ggml_tensor *seen =
            mask == nullptr ? nullptr : ggml_cont(context, row_of(context, mask, i));
        const float *one = attend(row_of(context, query, i), seen);
        if (one == nullptr) {
            return -2;
        }
        for (int64_t j = 0; j < length * size.sequences; j++) {
            const int64_t same = (j / length * size.queries + i) * length + j % length;
            const double difference = std::abs(double{one[j]} - all[same]);
            if (std::isnan(difference)) {
                return difference;
            }
            greatest = std::max(greatest, difference);
        }
    }
    return greatest;
}
