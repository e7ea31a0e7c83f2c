/**
 * @file CLlamaImage.h  Images as parts of prompts, by llama.cpp's mtmd library; part of CLlama.h.
 *
 * Preparing images and prompts may be done on any thread; cllama_image_decode() belongs to the
 * context's.
 */
#ifndef CLLAMA_IMAGE_H
#define CLLAMA_IMAGE_H

#include "CLlama.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cllama_vision cllama_vision;
typedef struct cllama_bitmap cllama_bitmap;
typedef struct cllama_chunks cllama_chunks;

/**
 * Load what makes vectors of images for a model, which must outlive it.
 *
 * @return NULL on failure, with llama.cpp's own words in `error`.
 */
cllama_vision *cllama_vision_load(
    const cllama_model *model, const char *path, int32_t threads, char *error, size_t capacity);
void cllama_vision_free(cllama_vision *vision);

/** Whether it takes images; others take sound only. */
bool cllama_vision_takes_images(const cllama_vision *vision);
/** Whether an image takes fewer positions than tokens (M-RoPE). */
bool cllama_vision_packs_positions(const cllama_vision *vision);

/**
 * Decode a PNG, JPEG, WebP, GIF or BMP file of less than 2 GB that has so many pixels.
 *
 * @return NULL on failure, with the reason in `error`.
 */
cllama_bitmap *cllama_bitmap_create(
    const uint8_t *bytes,
    size_t length,
    uint32_t width,
    uint32_t height,
    char *error,
    size_t capacity);
void cllama_bitmap_free(cllama_bitmap *bitmap);

/** Make it smaller: pixels become averages of those that were there. False: no memory. */
bool cllama_bitmap_shrink(cllama_bitmap *bitmap, uint32_t width, uint32_t height);

/** A piece of a prompt: an image, or text where `image` is NULL. */
typedef struct cllama_part {
    cllama_text text;
    const cllama_bitmap *image;
} cllama_part;

/**
 * Make a prompt of its parts, with the tokens that the model wants around images.
 *
 * @return NULL on failure, with the reason in `error`.
 */
cllama_chunks *cllama_chunks_create(
    const cllama_vision *vision,
    const cllama_part *parts,
    size_t count,
    char *error,
    size_t capacity);
void cllama_chunks_free(cllama_chunks *chunks);
size_t cllama_chunks_count(const cllama_chunks *chunks);

/** A run of tokens, or an image, or a part of one. */
typedef struct cllama_chunk {
    const int32_t *tokens; /* `count` of them, lent; NULL: an image */
    int32_t count;         /* tokens, or vectors in their place */
    int32_t positions;     /* that it takes in a sequence */
    const char *image;     /* what tells the image from others, lent; NULL: text */
    bool is_causal;        /* whether its vectors may be read in more than one go */
} cllama_chunk;

cllama_chunk cllama_chunk_at(
    const cllama_vision *vision, const cllama_chunks *chunks, size_t index);

/**
 * Compute an image's vectors, unless that was done before, and let a sequence read them.
 *
 * @return as cllama_decode(); after all but 0 part of them may have been read.
 */
int32_t cllama_image_decode(
    cllama_context *context,
    cllama_vision *vision,
    cllama_chunks *chunks,
    size_t index,
    int32_t position,
    int32_t sequence);

#ifdef __cplusplus
}
#endif

#endif
