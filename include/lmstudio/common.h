/** @file common.h  Types that every other header needs. */
#ifndef LMSTUDIO_COMMON_H
#define LMSTUDIO_COMMON_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define LMS_BEGIN_DECLS extern "C" {
#define LMS_END_DECLS }
#else
#define LMS_BEGIN_DECLS
#define LMS_END_DECLS
#endif

#define LMS_API __attribute__((visibility("default")))

/** 0 or positive: success; negative: failure. The values are in error.h. */
typedef int32_t lms_status;

/**
 * UTF-8 text with its length; not NUL-terminated, and may hold NUL where a function says so.
 *
 * This struct is frozen for good. `data` may be NULL when `length` is 0.
 */
typedef struct lms_text {
    const char *data; /**< `length` bytes of UTF-8 */
    size_t length;    /**< bytes */
} lms_text;

#ifdef __cplusplus
#define LMS_TEXT_OF(pointer, size) (lms_text{(pointer), (size)})
#else
#define LMS_TEXT_OF(pointer, size) ((lms_text){(pointer), (size)})
#endif

/** A string literal as lms_text: `LMS_TEXT("My name is")`. */
#define LMS_TEXT(literal) LMS_TEXT_OF("" literal, sizeof(literal) - 1)

/** No text: where a function takes an optional text, this asks for the default. */
#define LMS_NO_TEXT LMS_TEXT_OF(NULL, 0)

typedef struct lms_error lms_error;           /**< why a call failed; error.h */
typedef struct lms_client lms_client;         /**< a place where models run; client.h */
typedef struct lms_call lms_call;             /**< a call on its way; call.h */
typedef struct lms_load lms_load;             /**< a model on its way into memory; model.h */
typedef struct lms_llm lms_llm;               /**< a loaded language model; model.h */
typedef struct lms_prediction lms_prediction; /**< text on its way; prediction.h */
typedef struct lms_result lms_result;         /**< a finished prediction's metadata; result.h */
typedef struct lms_batch lms_batch;           /**< many predictions at once; batch.h */
typedef struct lms_embedding_model lms_embedding_model; /**< a loaded one; embedding.h */
typedef struct lms_embeddings lms_embeddings;           /**< vectors of texts; embedding.h */

LMS_BEGIN_DECLS

/**
 * Free text that a function handed over ("the caller frees"), and empty it.
 *
 * @param text text to free; NULL and already emptied text are no-ops.
 * @threads any.
 * @since 0.1
 */
LMS_API void lms_text_free(lms_text *text);

/**
 * Number of live handles of all kinds in this process, for leak tests.
 *
 * @return handles that were created and not yet freed, errors included.
 * @threads any.
 * @since 0.1
 */
LMS_API size_t lms_live_handle_count(void);

LMS_END_DECLS

#endif
