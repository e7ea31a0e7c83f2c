// Images, as llama.cpp's mtmd library decodes, cuts and computes them.
#include "CLlama.hpp"
#include "WebP.hpp"
#include "mtmd-helper.h"
#include "mtmd.h"

#include <algorithm>
#include <memory>
#include <stdexcept>

// mtmd's own image decoder and hash. Its helper for files would start programs (ffprobe, ffmpeg) for
// those that it cannot decode.
extern "C" {
int stbi_info_from_memory(
    const unsigned char *bytes, int length, int *width, int *height, int *channels);
unsigned char *stbi_load_from_memory(
    const unsigned char *bytes, int length, int *width, int *height, int *channels, int wanted);
const char *stbi_failure_reason(void);
void stbi_image_free(void *pixels);
}
std::string hash_sha256_hex(const void *data, size_t length);

struct cllama_vision {
    mtmd::context_ptr mtmd;
    int32_t width = 0; // numbers of a vector
    // An assertion failed while it computed: see cllama_context.
    bool broken = false;
};

struct cllama_bitmap {
    mtmd::bitmap_ptr mtmd;
};

struct cllama_chunks {
    mtmd::input_chunks_ptr mtmd;
    // The vectors of the image that was computed last, until they are read.
    std::vector<float> vectors;
    size_t computed = SIZE_MAX;
};

namespace {

// What mtmd's own decoder reads: all but WebP.
mtmd::bitmap_ptr stb(const uint8_t *bytes, size_t length, uint32_t width, uint32_t height) {
    const int size = static_cast<int>(length);
    int found_width = 0;
    int found_height = 0;
    int channels = 0;
    if (!stbi_info_from_memory(bytes, size, &found_width, &found_height, &channels)) {
        throw std::runtime_error(stbi_failure_reason());
    }
    if (static_cast<uint32_t>(found_width) != width ||
        static_cast<uint32_t>(found_height) != height) {
        throw std::runtime_error("it says two different sizes");
    }
    std::unique_ptr<unsigned char, void (*)(void *)> pixels(
        stbi_load_from_memory(bytes, size, &found_width, &found_height, &channels, 3),
        stbi_image_free);
    if (!pixels) {
        throw std::runtime_error(stbi_failure_reason());
    }
    return mtmd::bitmap_ptr(mtmd_bitmap_init(width, height, pixels.get()));
}

mtmd::bitmap_ptr webp(const uint8_t *bytes, size_t length, uint32_t width, uint32_t height) {
    const std::vector<unsigned char> pixels = cllama::webp_pixels(bytes, length, width, height);
    return mtmd::bitmap_ptr(mtmd_bitmap_init(width, height, pixels.data()));
}

} // namespace

cllama_vision *cllama_vision_load(
    const cllama_model *model, const char *path, int32_t threads, char *error, size_t capacity) {
    cllama::Guard guard;
    return guard.run(
        [&]() -> cllama_vision * {
            mtmd_context_params params = mtmd_context_params_default();
            params.use_gpu = llama_supports_gpu_offload();
            params.print_timings = false;
            params.n_threads = threads;
            auto vision = std::make_unique<cllama_vision>();
            vision->mtmd.reset(mtmd_init_from_file(path, llama_of(model), params));
            vision->width = llama_model_n_embd_inp(llama_of(model));
            return vision->mtmd ? vision.release() : nullptr;
        },
        error,
        capacity);
}

void cllama_vision_free(cllama_vision *vision) {
    if (vision != nullptr && !vision->broken) {
        delete vision;
    }
}

bool cllama_vision_takes_images(const cllama_vision *vision) {
    return mtmd_support_vision(vision->mtmd.get());
}

bool cllama_vision_packs_positions(const cllama_vision *vision) {
    return mtmd_decode_use_mrope(vision->mtmd.get());
}

cllama_bitmap *cllama_bitmap_create(
    const uint8_t *bytes,
    size_t length,
    uint32_t width,
    uint32_t height,
    char *error,
    size_t capacity) {
    cllama::Guard guard;
    return guard.run(
        [&]() -> cllama_bitmap * {
            auto bitmap = std::make_unique<cllama_bitmap>();
            bitmap->mtmd = cllama::is_webp(bytes, length) ? webp(bytes, length, width, height)
                                                          : stb(bytes, length, width, height);
            mtmd_bitmap_set_id(bitmap->mtmd.get(), hash_sha256_hex(bytes, length).c_str());
            return bitmap.release();
        },
        error,
        capacity);
}

void cllama_bitmap_free(cllama_bitmap *bitmap) { delete bitmap; }

bool cllama_bitmap_shrink(cllama_bitmap *bitmap, uint32_t width, uint32_t height) {
    try {
        const mtmd_bitmap *old = bitmap->mtmd.get();
        const uint64_t old_width = mtmd_bitmap_get_nx(old);
        const uint64_t old_height = mtmd_bitmap_get_ny(old);
        const unsigned char *from = mtmd_bitmap_get_data(old);
        std::vector<unsigned char> pixels(static_cast<size_t>(width) * height * 3);
        unsigned char *to = pixels.data();
        for (uint32_t y = 0; y < height; y++) {
            const uint64_t top = y * old_height / height;
            const uint64_t bottom = std::max(top + 1, (y + 1) * old_height / height);
            for (uint32_t x = 0; x < width; x++) {
                const uint64_t left = x * old_width / width;
                const uint64_t right = std::max(left + 1, (x + 1) * old_width / width);
                uint64_t sums[3] = {0, 0, 0};
                for (uint64_t row = top; row < bottom; row++) {
                    const unsigned char *pixel = from + (row * old_width + left) * 3;
                    for (uint64_t column = left; column < right; column++, pixel += 3) {
                        sums[0] += pixel[0];
                        sums[1] += pixel[1];
                        sums[2] += pixel[2];
                    }
                }
                const uint64_t count = (bottom - top) * (right - left);
                for (uint64_t sum : sums) {
                    *to++ = static_cast<unsigned char>((sum + count / 2) / count);
                }
            }
        }
        const std::string name = std::string(mtmd_bitmap_get_id(old)) + "@" +
                                 std::to_string(width) + "x" + std::to_string(height);
        mtmd::bitmap_ptr made(mtmd_bitmap_init(width, height, pixels.data()));
        mtmd_bitmap_set_id(made.get(), name.c_str());
        bitmap->mtmd = std::move(made);
        return true;
    } catch (...) {
        return false;
    }
}

cllama_chunks *cllama_chunks_create(
    const cllama_vision *vision,
    const cllama_part *parts,
    size_t count,
    char *error,
    size_t capacity) {
    cllama::Guard guard;
    return guard.run(
        [&]() -> cllama_chunks * {
            std::vector<mtmd_input_text> texts(count);
            std::vector<mtmd_input_part> given(count);
            std::vector<const mtmd_input_part *> pointers(count);
            for (size_t i = 0; i < count; i++) {
                const cllama_part &part = parts[i];
                if (part.image != nullptr) {
                    given[i] = {nullptr, part.image->mtmd.get()};
                } else {
                    texts[i] = {part.text.data, part.text.length, false, true};
                    given[i] = {&texts[i], nullptr};
                }
                pointers[i] = &given[i];
            }
            auto chunks = std::make_unique<cllama_chunks>();
            chunks->mtmd.reset(mtmd_input_chunks_init());
            const int32_t status = mtmd_tokenize_from_parts(
                vision->mtmd.get(), chunks->mtmd.get(), pointers.data(), count, true);
            return status == 0 ? chunks.release() : nullptr;
        },
        error,
        capacity);
}

void cllama_chunks_free(cllama_chunks *chunks) { delete chunks; }

size_t cllama_chunks_count(const cllama_chunks *chunks) {
    return mtmd_input_chunks_size(chunks->mtmd.get());
}

cllama_chunk cllama_chunk_at(
    const cllama_vision *vision, const cllama_chunks *chunks, size_t index) {
    const mtmd_input_chunk *chunk = mtmd_input_chunks_get(chunks->mtmd.get(), index);
    cllama_chunk found{};
    found.count = static_cast<int32_t>(mtmd_input_chunk_get_n_tokens(chunk));
    found.positions = mtmd_input_chunk_get_n_pos(chunk);
    found.is_causal = true;
    if (mtmd_input_chunk_get_type(chunk) == MTMD_INPUT_CHUNK_TYPE_TEXT) {
        size_t count = 0;
        found.tokens = mtmd_input_chunk_get_tokens_text(chunk, &count);
    } else {
        found.image = mtmd_input_chunk_get_id(chunk);
        found.is_causal = !mtmd_decode_use_non_causal(vision->mtmd.get(), chunk);
    }
    return found;
}

int32_t cllama_image_decode(
    cllama_context *context,
    cllama_vision *vision,
    cllama_chunks *chunks,
    size_t index,
    int32_t position,
    int32_t sequence) {
    if (context->broken || vision->broken) {
        return -99;
    }
    cllama::Guard guard;
    const mtmd_input_chunk *chunk = mtmd_input_chunks_get(chunks->mtmd.get(), index);
    try {
        if (chunks->computed != index) {
            if (mtmd_encode_chunk(vision->mtmd.get(), chunk) != 0) {
                return -2;
            }
            const float *made = mtmd_get_output_embd(vision->mtmd.get());
            const size_t count = mtmd_input_chunk_get_n_tokens(chunk);
            chunks->vectors.assign(made, made + count * static_cast<size_t>(vision->width));
            chunks->computed = index;
        }
    } catch (...) {
        vision->broken = true;
        return -99;
    }
    try {
        llama_pos end = position;
        const int32_t status = mtmd_helper_decode_image_chunk(
            vision->mtmd.get(),
            context->llama,
            chunk,
            chunks->vectors.data(),
            position,
            sequence,
            context->batch_capacity,
            &end,
            nullptr,
            nullptr);
        context->is_shifting.store(false, std::memory_order_relaxed);
        if (status == 0) {
            chunks->computed = SIZE_MAX;
            chunks->vectors = {};
        }
        return status;
    } catch (...) {
        context->broken = true;
        return -99;
    }
}
