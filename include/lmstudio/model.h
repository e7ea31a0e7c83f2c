/** @file model.h  Loading models, and what a loaded one can say of itself. */
#ifndef LMSTUDIO_MODEL_H
#define LMSTUDIO_MODEL_H

#include "call.h"
#include "common.h"

#define LMS_DOMAIN_LLM 0       /**< models that complete and answer text */
#define LMS_DOMAIN_EMBEDDING 1 /**< models that turn texts into vectors */

/** Which model to get. Set it up with lms_load_options_init(); fields are only ever added. */
typedef struct lms_load_options {
    size_t struct_size;      /**< sizeof of the struct the caller was compiled with */
    const char *model_key;   /**< key, identifier, path or unique part of a key; NULL: any model */
    const char *identifier;  /**< name of the new instance; NULL: its key, or `key:2`, `key:3`… */
    lms_text config;         /**< JSON object of load options, e.g. {"contextLength": 8192} */
    int64_t ttl_ms;          /**< idle time before the model may go, ms; negative (default): none */
    int32_t new_instance;    /**< 1: load another instance; 0 (default): take a loaded one if any */
    int32_t domain;          /**< LMS_DOMAIN_LLM (default) or LMS_DOMAIN_EMBEDDING */
    int64_t timeout_ms;      /**< as in lms_call_options, from the start of the load to its end */
    int64_t idle_timeout_ms; /**< as in lms_call_options; progress is a sign of life */
    int32_t verify;          /**< 1: fail where the model is loaded otherwise than `config` says */
} lms_load_options;

LMS_BEGIN_DECLS

/**
 * Fill options with the defaults.
 *
 * @param options     memory of `struct_size` bytes; NULL is a no-op.
 * @param struct_size `sizeof(lms_load_options)`; bytes past it are not touched.
 * @threads any.
 * @since 0.1
 */
LMS_API void lms_load_options_init(lms_load_options *options, size_t struct_size);

/**
 * Begin to get a model: a loaded one if there is one, else one from disk.
 *
 * Without a model key: a loaded model; else the only one on disk; else the starter model
 * (SmolLM2-135M-Instruct); else LMS_ERROR_MODEL_NOT_FOUND, which lists the keys.
 *
 * @param client  live client, borrowed for the call; not NULL.
 * @param options borrowed for the call; NULL: the defaults.
 * @param load    receives the load, which the caller frees with lms_load_free(); not NULL.
 * @param error   receives details on failure, caller frees with lms_error_free(); may be NULL.
 * @return LMS_OK, LMS_ERROR_INVALID_ARGUMENT (bad options), LMS_ERROR_STATE (client closed).
 * @threads any. Does not block: the work goes on in the background.
 * @since 0.1
 */
LMS_API lms_status lms_load_begin(
    lms_client *client, const lms_load_options *options, lms_load **load, lms_error **error);

/**
 * Wait for the next step of a load.
 *
 * @param load       live load, borrowed for the call; not NULL.
 * @param timeout_ms milliseconds to wait: 0 polls, negative waits for ever.
 * @param progress   receives the share done on LMS_OK, 0.0…1.0, rising; may be NULL.
 * @param error      receives details on failure, caller frees with lms_error_free(); may be NULL.
 * @return LMS_OK after a step, LMS_END when the model is ready (and on every later call),
 *         LMS_PENDING (call again), LMS_ERROR_CANCELLED, LMS_ERROR_MODEL_NOT_FOUND,
 *         LMS_ERROR_ENGINE (not a model, damaged, too large for the memory), LMS_ERROR_STATE (it is
 *         loaded otherwise than asked for, see lms_load_options.verify), LMS_ERROR_TIMED_OUT,
 *         LMS_ERROR_CONNECTION, LMS_ERROR_SERVER. A failure is for good.
 * @threads one thread at a time per load; lms_load_cancel() from any. Blocks.
 * @since 0.1
 */
LMS_API lms_status
lms_load_next(lms_load *load, int64_t timeout_ms, double *progress, lms_error **error);

/**
 * Stop a load; lms_load_next() then fails with LMS_ERROR_CANCELLED. A finished one is left alone.
 *
 * @param load live load; NULL is a no-op.
 * @threads any.
 * @since 0.1
 */
LMS_API void lms_load_cancel(lms_load *load);

/**
 * The model of a finished load.
 *
 * @param load  live load for which lms_load_next() returned LMS_END; not NULL.
 * @param llm   receives the model, which the caller frees with lms_llm_free(); not NULL.
 * @param error receives details on failure, caller frees with lms_error_free(); may be NULL.
 * @return LMS_OK, LMS_ERROR_STATE (not finished), LMS_ERROR_INVALID_ARGUMENT (it loads an embedding
 *         model, for lms_load_embedding_model()).
 * @threads any. Does not block.
 * @since 0.1
 */
LMS_API lms_status lms_load_llm(lms_load *load, lms_llm **llm, lms_error **error);

/**
 * Warnings about the load options, such as a misspelt name; see lms_prediction_warning().
 *
 * @param load  live load; NULL gives empty text.
 * @param index 0 for the first.
 * @return text lent until the load is freed; empty past the last.
 * @threads any.
 * @since 0.1
 */
LMS_API lms_text lms_load_warning(const lms_load *load, size_t index);

/**
 * What happened on the way, apart from progress, in order.
 *
 * Each is a JSON object: `{"type":"unloadingOther","info":…}` when another instance, which nobody
 * asked to stay, goes to make room; `{"type":"loading","info":…,"identifier":"…","ambiguous":[…]}`
 * when it is known what will be loaded, `ambiguous` being the keys of all models that the name fits,
 * if several do. Further types may come.
 *
 * @param load  live load; NULL gives empty text.
 * @param index 0 for the first.
 * @return text lent until the load is freed; empty past the last so far.
 * @threads any.
 * @since 0.1
 */
LMS_API lms_text lms_load_step(const lms_load *load, size_t index);

/**
 * Free a load; one that is not finished is cancelled.
 *
 * @param load load to free; NULL is a no-op.
 * @threads any.
 * @since 0.1
 */
LMS_API void lms_load_free(lms_load *load);

/**
 * Get a model and wait until it is ready: lms_load_begin() and the rest in one call.
 *
 * @param client    live client, borrowed for the call; not NULL.
 * @param model_key as in lms_load_options; NULL: any model.
 * @param config    JSON object of load options; empty: the defaults.
 * @param llm       receives the model, which the caller frees with lms_llm_free(); not NULL.
 * @param error     receives details on failure, caller frees with lms_error_free(); may be NULL.
 * @return LMS_OK, or what lms_load_begin() and lms_load_next() return on failure.
 * @threads any. Blocks while the model loads.
 * @since 0.1
 */
LMS_API lms_status lms_client_llm(
    lms_client *client, const char *model_key, lms_text config, lms_llm **llm, lms_error **error);

/**
 * A handle for an instance by its identifier, without asking whether it is loaded.
 *
 * @param client     live client, borrowed for the call; not NULL.
 * @param identifier NUL-terminated; not NULL, not empty.
 * @param llm        receives the model, which the caller frees with lms_llm_free(); not NULL.
 * @param error      receives details on failure, caller frees with lms_error_free(); may be NULL.
 * @return LMS_OK, LMS_ERROR_INVALID_ARGUMENT, LMS_ERROR_STATE (client closed).
 * @threads any. Does not block.
 * @since 0.1
 */
LMS_API lms_status
lms_client_llm_handle(lms_client *client, const char *identifier, lms_llm **llm, lms_error **error);

/**
 * The instance's identifier.
 *
 * @param llm live model; NULL gives empty text.
 * @return text lent until the model is freed.
 * @threads any.
 * @since 0.1
 */
LMS_API lms_text lms_llm_identifier(const lms_llm *llm);

/**
 * What the model is: JSON with `modelKey`, `path`, `architecture`, `contextLength` and so on.
 *
 * @param llm     live model, borrowed for the call; not NULL.
 * @param options borrowed for the call; NULL: the defaults.
 * @param json    receives JSON, which the caller frees with lms_text_free(); not NULL.
 * @param error   receives details on failure, caller frees with lms_error_free(); may be NULL.
 * @return LMS_OK, LMS_ERROR_INVALID_ARGUMENT, LMS_ERROR_MODEL_NOT_FOUND (unloaded),
 *         LMS_ERROR_CONNECTION, LMS_ERROR_TIMED_OUT.
 * @threads any. Blocks for the time the call takes.
 * @since 0.1
 */
LMS_API lms_status lms_llm_info(
    const lms_llm *llm, const lms_call_options *options, lms_text *json, lms_error **error);

/**
 * The load options in effect, as a JSON object in the form that lms_load_options.config takes.
 *
 * @param llm     live model, borrowed for the call; not NULL.
 * @param options borrowed for the call; NULL: the defaults.
 * @param json    receives JSON, which the caller frees with lms_text_free(); not NULL.
 * @param error   receives details on failure, caller frees with lms_error_free(); may be NULL.
 * @return LMS_OK, LMS_ERROR_INVALID_ARGUMENT, LMS_ERROR_MODEL_NOT_FOUND (unloaded),
 *         LMS_ERROR_CONNECTION, LMS_ERROR_TIMED_OUT.
 * @threads any. Blocks for the time the call takes.
 * @since 0.1
 */
LMS_API lms_status lms_llm_load_config(
    const lms_llm *llm, const lms_call_options *options, lms_text *json, lms_error **error);

/**
 * Begin to ask for the load options of a model, as lms_llm_load_config() does.
 *
 * @param llm     live model, borrowed for the call; not NULL.
 * @param options borrowed for the call; NULL: the defaults.
 * @param call    receives the call, which the caller frees with lms_call_free(); not NULL.
 * @param error   receives details on failure, caller frees with lms_error_free(); may be NULL.
 * @return LMS_OK, LMS_ERROR_INVALID_ARGUMENT, LMS_ERROR_STATE (client closed, process forked).
 * @threads any. Does not block: the work goes on in the background.
 * @since 0.1
 */
LMS_API lms_status lms_llm_load_config_begin(
    const lms_llm *llm, const lms_call_options *options, lms_call **call, lms_error **error);

/**
 * Split text into the model's tokens, as a prompt would be: with the model's own leading token.
 *
 * @param llm      live model, borrowed for the call; not NULL.
 * @param text     UTF-8, borrowed for the call; may hold NUL; invalid UTF-8 is refused.
 * @param options  borrowed for the call; NULL: the defaults.
 * @param tokens   receives at most `capacity` token ids in text order; NULL if `capacity` is 0.
 * @param capacity elements `tokens` has room for.
 * @param count    receives the number of tokens of the whole text; not NULL.
 * @param error    receives details on failure, caller frees with lms_error_free(); may be NULL.
 * @return LMS_OK (compare `count` with `capacity`), LMS_ERROR_INVALID_ARGUMENT,
 *         LMS_ERROR_MODEL_NOT_FOUND (unloaded), LMS_ERROR_ENGINE, LMS_ERROR_CONNECTION,
 *         LMS_ERROR_TIMED_OUT.
 * @threads any. Blocks for the time the call takes.
 * @since 0.1
 */
LMS_API lms_status lms_llm_tokenize(
    const lms_llm *llm,
    lms_text text,
    const lms_call_options *options,
    int32_t *tokens,
    size_t capacity,
    size_t *count,
    lms_error **error);

/**
 * Take the instance out of memory. Its running predictions end with stop reason "modelUnloaded".
 *
 * @param llm     live model, borrowed for the call, still to be freed; not NULL.
 * @param options borrowed for the call; NULL: the defaults.
 * @param error   receives details on failure, caller frees with lms_error_free(); may be NULL.
 * @return LMS_OK, LMS_ERROR_INVALID_ARGUMENT, LMS_ERROR_MODEL_NOT_FOUND (already unloaded),
 *         LMS_ERROR_CONNECTION, LMS_ERROR_TIMED_OUT.
 * @threads any. Blocks until the memory is free.
 * @since 0.1
 */
LMS_API lms_status lms_llm_unload(lms_llm *llm, const lms_call_options *options, lms_error **error);

/**
 * Free the handle. The instance stays loaded.
 *
 * @param llm model to free; NULL is a no-op.
 * @threads any.
 * @since 0.1
 */
LMS_API void lms_llm_free(lms_llm *llm);

LMS_END_DECLS

#endif
