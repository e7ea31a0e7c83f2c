// GELU by its approximation 0.5 x (1 + tanh(√(2/π) (x + 0.044715 x³))), as ggml defines it (ggml_gelu_f32).
//
// build-llama.cmake adds this to ggml's vec.h, which looks it up in a table of 128 KB by x rounded to F16: a
// fourteenth of the time of an embedding.

#pragma once

// y[i] = GELU of x[i]; times g[i] unless g is NULL. y may be x.
static inline void lmstudio_gelu(int n, float *y, const float *x, const float *g) {
    // The form above is x / (1 + exp(-z)) of z = 2 √(2/π) (x + 0.044715 x³), and SiLU z / (1 + exp(-z)), of which
    // ggml has a form for each kind of processor.
    enum { block = 64 };
    float z[block];
    for (int first = 0; first < n; first += block) {
        const int count = n - first < block ? n - first : block;
        for (int i = 0; i < count; ++i) {
            const float v = x[first + i];
            z[i] = 2.0f * SQRT_2_OVER_PI * v * (1.0f + GELU_COEF_A * v * v);
        }
        ggml_vec_silu_f32(count, z, z);
        for (int i = 0; i < count; ++i) {
            const float v = x[first + i];
            const float gelu = z[i] / (2.0f * SQRT_2_OVER_PI * (1.0f + GELU_COEF_A * v * v));
            // ggml's bounds: beyond them the difference is less than a float's precision, and z overflows at last.
            const float bounded = v <= -10.0f ? 0.0f : v >= 10.0f ? v : gelu;
            y[first + i] = g == NULL ? bounded : bounded * g[first + i];
        }
    }
}
