/** @file embedding.h  Embedding models, and the vectors they turn texts into. */
#ifndef LMSTUDIO_EMBEDDING_H
#define LMSTUDIO_EMBEDDING_H

#include "call.h"
#include "common.h"

LMS_BEGIN_DECLS

/**
 * The embedding model of a finished load with the domain LMS_DOMAIN_EMBEDDING.
 *
 * @param load  live load for which lms_load_next() returned LMS_END; not NULL.
 * @param model receives the model, which the caller frees with lms_embedding_model_free(); not NULL.
 * @param error receives details on failure, caller frees with lms_error_free(); may be NULL.
 * @return LMS_OK, LMS_ERROR_STATE (not finished), LMS_ERROR_INVALID_ARGUMENT (it loads a language
 *         model).
 * @threads any. Does not block.
 * @since 0.1
 */
LMS_API lms_status
lms_load_embedding_model(lms_load *load, lms_embedding_model **model, lms_error **error);

/**
 * Get an embedding model and wait until it is ready.
 *
 * @param client    live client, borrowed for the call; not NULL.
 * @param model_key key, identifier, path or unique part of a key; NULL: a loaded one, else the only
 *                  one on disk.
 * @param config    JSON object of load options; empty: the defaults.
 * @param model     receives the model, which the caller frees with lms_embedding_model_free(); not
 *                  NULL.
 * @param error     receives details on failure, caller frees with lms_error_free(); may be NULL.
 * @return LMS_OK, LMS_ERROR_INVALID_ARGUMENT (bad options, a language model), LMS_ERROR_STATE (client
 *         closed), and what lms_load_next() returns on failure.
 * @threads any. Blocks while the model loads.
 * @since 0.1
 */
LMS_API lms_status lms_client_embedding_model(
    lms_client *client,
    const char *model_key,
    lms_text config,
    lms_embedding_model **model,
    lms_error **error);

/**
 * A handle for an instance by its identifier, without asking whether it is loaded.
 *
 * @param client     live client, borrowed for the call; not NULL.
 * @param identifier NUL-terminated; not NULL, not empty.
 * @param model      receives the model, which the caller frees with lms_embedding_model_free(); not
 *                   NULL.
 * @param error      receives details on failure, caller frees with lms_error_free(); may be NULL.
 * @return LMS_OK, LMS_ERROR_INVALID_ARGUMENT, LMS_ERROR_STATE (client closed).
 * @threads any. Does not block.
 * @since 0.1
 */
LMS_API lms_status lms_client_embedding_model_handle(
    lms_client *client, const char *identifier, lms_embedding_model **model, lms_error **error);

/**
 * The instance's identifier.
 *
 * @param model live model; NULL gives empty text.
 * @return text lent until the model is freed.
 * @threads any.
 * @since 0.1
 */
LMS_API lms_text lms_embedding_model_identifier(const lms_embedding_model *model);

/**
 * What the model is: JSON with `modelKey`, `path`, `architecture`, `contextLength` and so on.
 *
 * @param model   live model, borrowed for the call; not NULL.
 * @param options borrowed for the call; NULL: the defaults.
 * @param json    receives JSON, which the caller frees with lms_text_free(); not NULL.
 * @param error   receives details on failure, caller frees with lms_error_free(); may be NULL.
 * @return LMS_OK, LMS_ERROR_INVALID_ARGUMENT, LMS_ERROR_MODEL_NOT_FOUND (unloaded),
 *         LMS_ERROR_CONNECTION, LMS_ERROR_TIMED_OUT.
 * @threads any. Blocks for the time the call takes.
 * @since 0.1
 */
LMS_API lms_status lms_embedding_model_info(
    const lms_embedding_model *model,
    const lms_call_options *options,
    lms_text *json,
    lms_error **error);

/**
 * Begin to ask for the load options in effect: a JSON object in the form that
 * lms_load_options.config takes.
 *
 * @param model   live model, borrowed for the call; not NULL.
 * @param options borrowed for the call; NULL: the defaults.
 * @param call    receives the call, which the caller frees with lms_call_free(); not NULL.
 * @param error   receives details on failure, caller frees with lms_error_free(); may be NULL.
 * @return LMS_OK, LMS_ERROR_INVALID_ARGUMENT, LMS_ERROR_STATE (client closed, process forked).
 * @threads any. Does not block: the work goes on in the background.
 * @since 0.1
 */
LMS_API lms_status lms_embedding_model_load_config_begin(
    const lms_embedding_model *model,
    const lms_call_options *options,
    lms_call **call,
    lms_error **error);

/**
 * Begin to compute the vectors of texts, many of them at once.
 *
 * @param model      live model, borrowed for the call; not NULL.
 * @param texts      `count` texts of UTF-8, copied; each may be empty or hold NUL; invalid UTF-8 is
 *                   refused; NULL if `count` is 0.
 * @param count      number of texts; 0 gives no vectors.
 * @param options    borrowed for the call; NULL: the defaults.
 * @param embeddings receives the vectors to come, which the caller frees with lms_embeddings_free();
 *                   not NULL.
 * @param error      receives details on failure, caller frees with lms_error_free(); may be NULL.
 * @return LMS_OK, LMS_ERROR_INVALID_ARGUMENT, LMS_ERROR_STATE (client closed, process forked).
 * @threads any. Does not block: the work goes on in the background.
 * @since 0.1
 */
LMS_API lms_status lms_embedding_model_embed(
    const lms_embedding_model *model,
    const lms_text *texts,
    size_t count,
    const lms_call_options *options,
    lms_embeddings **embeddings,
    lms_error **error);

/**
 * Wait for vectors.
 *
 * @param embeddings live vectors, borrowed for the call; not NULL.
 * @param timeout_ms milliseconds to wait: 0 polls, negative waits for ever.
 * @param error      receives details on failure, caller frees with lms_error_free(); may be NULL.
 * @return LMS_OK when all are there (and on every later call), LMS_PENDING (call again),
 *         LMS_ERROR_INVALID_ARGUMENT (a text is longer than the context, or has no tokens),
 *         LMS_ERROR_MODEL_NOT_FOUND (no such embedding model is loaded), LMS_ERROR_ENGINE,
 *         LMS_ERROR_CANCELLED, LMS_ERROR_TIMED_OUT, LMS_ERROR_CONNECTION, LMS_ERROR_SERVER. A
 *         failure is for good.
 * @threads one thread at a time; lms_embeddings_cancel() from any. Blocks.
 * @since 0.1
 */
LMS_API lms_status
lms_embeddings_wait(lms_embeddings *embeddings, int64_t timeout_ms, lms_error **error);

/**
 * Stop the work; lms_embeddings_wait() then fails with LMS_ERROR_CANCELLED. A finished one is left
 * alone.
 *
 * @param embeddings live vectors; NULL is a no-op.
 * @threads any. Does not block.
 * @since 0.1
 */
LMS_API void lms_embeddings_cancel(lms_embeddings *embeddings);

/**
 * Number of vectors, one for each text.
 *
 * @param embeddings live vectors; NULL gives 0.
 * @return their number; 0 before lms_embeddings_wait() has returned LMS_OK.
 * @threads any.
 * @since 0.1
 */
LMS_API size_t lms_embeddings_count(const lms_embeddings *embeddings);

/**
 * Numbers that each vector has.
 *
 * @param embeddings live vectors; NULL gives 0.
 * @return the model's width; 0 where there is no vector.
 * @threads any.
 * @since 0.1
 */
LMS_API size_t lms_embeddings_dimension(const lms_embeddings *embeddings);

/**
 * The vector of a text: of length 1, so that the product of two is the cosine of their angle.
 *
 * @param embeddings live vectors; NULL gives NULL.
 * @param index      place of the text, from 0.
 * @return lms_embeddings_dimension() numbers, lent until the vectors are freed; those of the next
 *         text follow. NULL past the last.
 * @threads any.
 * @since 0.1
 */
LMS_API const float *lms_embeddings_vector(const lms_embeddings *embeddings, size_t index);

/**
 * Free vectors; work that is not finished is cancelled.
 *
 * @param embeddings vectors to free; NULL is a no-op. A thread that waits for them gets
 *                   LMS_ERROR_CANCELLED.
 * @threads any.
 * @since 0.1
 */
LMS_API void lms_embeddings_free(lms_embeddings *embeddings);

/**
 * Take the instance out of memory. Calls under way fail with LMS_ERROR_MODEL_NOT_FOUND.
 *
 * @param model   live model, borrowed for the call, still to be freed; not NULL.
 * @param options borrowed for the call; NULL: the defaults.
 * @param error   receives details on failure, caller frees with lms_error_free(); may be NULL.
 * @return LMS_OK, LMS_ERROR_INVALID_ARGUMENT, LMS_ERROR_MODEL_NOT_FOUND (already unloaded),
 *         LMS_ERROR_CONNECTION, LMS_ERROR_TIMED_OUT.
 * @threads any. Blocks until the memory is free.
 * @since 0.1
 */
LMS_API lms_status lms_embedding_model_unload(
    lms_embedding_model *model, const lms_call_options *options, lms_error **error);

/**
 * Free the handle. The instance stays loaded.
 *
 * @param model model to free; NULL is a no-op.
 * @threads any.
 * @since 0.1
 */
LMS_API void lms_embedding_model_free(lms_embedding_model *model);

LMS_END_DECLS

#endif
