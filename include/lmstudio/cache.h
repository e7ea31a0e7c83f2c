/** @file cache.h  What a model keeps of a prompt, saved in a file and taken back. */
#ifndef LMSTUDIO_CACHE_H
#define LMSTUDIO_CACHE_H

#include "call.h"
#include "common.h"

LMS_BEGIN_DECLS

/**
 * Begin to read a prompt and to save what the model keeps of it, for models in this process.
 *
 * lms_call_wait() gives `{"tokensCount": …}`, the prompt's tokens. It fails with
 * LMS_ERROR_UNSUPPORTED for models on a server, LMS_ERROR_INVALID_ARGUMENT if the file cannot be
 * written or the prompt is longer than the context, and as a prediction does.
 *
 * @param llm     live model, borrowed for the call; not NULL.
 * @param prompt  the beginning of later prompts: UTF-8, not empty, copied.
 * @param path    the file, NUL-terminated, copied; one that is there is replaced in one step; not NULL.
 * @param options borrowed for the call; NULL: the defaults.
 * @param call    receives the call, which the caller frees with lms_call_free(); not NULL.
 * @param error   receives details on failure, caller frees with lms_error_free(); may be NULL.
 * @return LMS_OK, LMS_ERROR_INVALID_ARGUMENT, LMS_ERROR_STATE (client closed, process forked).
 * @threads any. Does not block: the work goes on in the background.
 * @since 0.1
 */
LMS_API lms_status lms_llm_save_cache_begin(
    const lms_llm *llm,
    lms_text prompt,
    const char *path,
    const lms_call_options *options,
    lms_call **call,
    lms_error **error);

/**
 * Begin to read a chat and to save what the model keeps of it, for models in this process.
 *
 * @param llm     live model, borrowed for the call; not NULL.
 * @param chat    the beginning of later chats: JSON as for lms_llm_respond(), copied.
 * @param config  JSON object of prediction options, of which those count that concern templates;
 *                copied; empty: the defaults.
 * @param path    as for lms_llm_save_cache_begin().
 * @param options borrowed for the call; NULL: the defaults.
 * @param call    receives the call, as lms_llm_save_cache_begin() does; not NULL.
 * @param error   receives details on failure, caller frees with lms_error_free(); may be NULL.
 * @return LMS_OK, LMS_ERROR_INVALID_ARGUMENT, LMS_ERROR_STATE (client closed, process forked).
 * @threads any. Does not block: the work goes on in the background.
 * @since 0.1
 */
LMS_API lms_status lms_llm_save_chat_cache_begin(
    const lms_llm *llm,
    lms_text chat,
    lms_text config,
    const char *path,
    const lms_call_options *options,
    lms_call **call,
    lms_error **error);

/**
 * Begin to take back what was saved, so that the next prompt with that beginning is not read again.
 *
 * lms_call_wait() gives `{"tokensCount": …, "warning": …}`: how many tokens the file was of use for,
 * or 0 and why it was ignored: it is missing, damaged, of another model or of other load options. It
 * fails with LMS_ERROR_UNSUPPORTED for models on a server, LMS_ERROR_MODEL_NOT_FOUND (unloaded).
 *
 * @param llm     live model, borrowed for the call; not NULL.
 * @param path    the file, NUL-terminated, copied; not NULL.
 * @param options borrowed for the call; NULL: the defaults.
 * @param call    receives the call, which the caller frees with lms_call_free(); not NULL.
 * @param error   receives details on failure, caller frees with lms_error_free(); may be NULL.
 * @return LMS_OK, LMS_ERROR_INVALID_ARGUMENT, LMS_ERROR_STATE (client closed, process forked).
 * @threads any. Does not block: the work goes on in the background.
 * @since 0.1
 */
LMS_API lms_status lms_llm_load_cache_begin(
    const lms_llm *llm,
    const char *path,
    const lms_call_options *options,
    lms_call **call,
    lms_error **error);

LMS_END_DECLS

#endif
