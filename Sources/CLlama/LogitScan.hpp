// One pass over the logits of a whole vocabulary.
#pragma once

#include <cstdint>
#include <cstring>

namespace logit_scan {

constexpr int32_t lanes = 16;

// Whether any of 16 logits is above the threshold; NaN is not. Vector code without the optimizer's
// help: releases are built for size.
inline bool any_above(const float *logits, float threshold) {
    typedef float Block __attribute__((vector_size(lanes * sizeof(float))));
    Block block;
    std::memcpy(&block, logits, sizeof block);
    return __builtin_reduce_or(block > threshold) != 0;
}

// Calls `consider(token)` for each logit above `threshold`, which that call may raise.
template <typename Consider>
void scan(const float *logits, int32_t count, float &threshold, Consider consider) {
    int32_t at = 0;
    for (; at + lanes <= count; at += lanes) {
        if (!any_above(logits + at, threshold)) {
            continue;
        }
        for (int32_t i = at; i < at + lanes; i++) {
            if (logits[i] > threshold) {
                consider(i);
            }
        }
    }
    for (; at < count; at++) {
        if (logits[at] > threshold) {
            consider(at);
        }
    }
}

} // namespace logit_scan
