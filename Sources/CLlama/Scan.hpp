// One pass over the logits of a vocabulary, at the speed of the memory.
#pragma once

#include <cstdint>

namespace cllama {

constexpr int32_t lanes = 16;

// Largest of 16 logits, without branches, so that the compiler makes vector code of it.
inline float largest(const float *logits) {
    float part[lanes];
    for (int32_t i = 0; i < lanes; i++) {
        part[i] = logits[i];
    }
    for (int32_t width = lanes / 2; width > 0; width /= 2) {
        for (int32_t i = 0; i < width; i++) {
            part[i] = part[i] > part[i + width] ? part[i] : part[i + width];
        }
    }
    return part[0];
}

// Calls `consider(token)` for each logit above `threshold`, which that call may raise.
template <typename Consider>
void scan(const float *logits, int32_t count, float &threshold, Consider consider) {
    int32_t at = 0;
    for (; at + lanes <= count; at += lanes) {
        if (largest(logits + at) <= threshold) {
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

} // namespace cllama
