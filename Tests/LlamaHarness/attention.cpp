#include "LlamaHarness.h"

#include <ggml-cpu.h>
#include <ggml.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <random>

namespace {

constexpr int64_t head_length = 16;

ggml_tensor *halves(ggml_context *context, int64_t rows, int64_t heads, std::mt19937 &random) {
    std::uniform_real_distribution<float> value(-1, 1);
    ggml_tensor *tensor = ggml_new_tensor_3d(context, GGML_TYPE_F16, head_length, rows, heads);
    auto *element = static_cast<ggml_fp16_t *>(tensor->data);
    for (int64_t i = 0; i < ggml_nelements(tensor); i++) {
        element[i] = ggml_fp32_to_fp16(value(random));
    }
    return tensor;
}

// Each query sees one run of cells that lie anywhere: most of the others it sees none of.
ggml_tensor *make_mask(
    ggml_context *context, int64_t queries, int64_t cells, std::mt19937 &random) {
    ggml_tensor *mask = ggml_new_tensor_2d(context, GGML_TYPE_F16, cells, queries);
    auto *element = static_cast<ggml_fp16_t *>(mask->data);
    std::fill(element, element + cells * queries, ggml_fp32_to_fp16(-INFINITY));
    for (int64_t query = 0; query < queries; query++) {
        // Queries that follow each other see cells near each other.
        const int64_t first = std::uniform_int_distribution<int64_t>(0, 80)(random) +
                              (query / 64 * 2000 + 30) % (cells - 100);
        std::fill_n(element + query * cells + first, 20, ggml_fp32_to_fp16(0));
    }
    return mask;
}

const float *attend(ggml_context *context, ggml_tensor *const inputs[4], int threads) {
    ggml_tensor *result =
        ggml_flash_attn_ext(context, inputs[0], inputs[1], inputs[2], inputs[3], 0.25F, 0, 0);
    ggml_cgraph *graph = ggml_new_graph(context);
    ggml_build_forward_expand(graph, result);
    ggml_graph_compute_with_ctx(context, graph, threads);
    return static_cast<const float *>(result->data);
}

} // namespace

double harness_attention_difference(int64_t queries, int64_t cells, int64_t heads, int threads) {
    const std::unique_ptr<ggml_context, decltype(&ggml_free)> owner(
        ggml_init({size_t{512} << 20, nullptr, false}), ggml_free);
    ggml_context *context = owner.get();
    if (context == nullptr) {
        return -1;
    }
    std::mt19937 random(1);
    ggml_tensor *query = ggml_new_tensor_3d(context, GGML_TYPE_F32, head_length, queries, heads);
    std::normal_distribution<float> normal;
    for (int64_t i = 0; i < ggml_nelements(query); i++) {
        static_cast<float *>(query->data)[i] = normal(random);
    }
    ggml_tensor *keys = halves(context, cells, heads / 2, random);
    ggml_tensor *values = halves(context, cells, heads / 2, random);
    ggml_tensor *mask = make_mask(context, queries, cells, random);
    ggml_tensor *const all_inputs[] = {query, keys, values, mask};
    const float *all = attend(context, all_inputs, threads);
    double greatest = 0;
    for (int64_t i = 0; i < queries; i++) {
        ggml_tensor *const inputs[] = {
            ggml_view_3d(
                context,
                query,
                head_length,
                1,
                heads,
                query->nb[1],
                query->nb[2],
                static_cast<size_t>(i) * query->nb[1]),
            keys,
            values,
            ggml_view_2d(
                context, mask, cells, 1, mask->nb[1], static_cast<size_t>(i) * mask->nb[1])};
        const float *one = attend(context, inputs, threads);
        for (int64_t j = 0; j < head_length * heads; j++) {
            const double difference = std::abs(double{one[j]} - all[i * head_length * heads + j]);
            if (std::isnan(difference)) {
                return difference;
            }
            greatest = std::max(greatest, difference);
        }
    }
    return greatest;
}
