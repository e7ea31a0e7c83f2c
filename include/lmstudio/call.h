/** @file call.h  How long calls may take, and calls that are waited for in slices. */
#ifndef LMSTUDIO_CALL_H
#define LMSTUDIO_CALL_H

#include "common.h"

#define LMS_TIMEOUT_DEFAULT (-1)     /**< the client's timeout, where a call is asked for one */
#define LMS_TIMEOUT_NONE (INT64_MAX) /**< wait as long as it takes */

/**
 * How long a call may take. Set it up with lms_call_options_init(); fields are only ever added.
 *
 * A timeout is in milliseconds, 1 or more, LMS_TIMEOUT_DEFAULT or LMS_TIMEOUT_NONE; anything else is
 * LMS_ERROR_INVALID_ARGUMENT. When one passes, the call fails with LMS_ERROR_TIMED_OUT and its work
 * is stopped, on a server too.
 */
typedef struct lms_call_options {
    size_t struct_size;      /**< sizeof of the struct the caller was compiled with */
    int64_t timeout_ms;      /**< from the start of the call to its end */
    int64_t idle_timeout_ms; /**< longest time in which nothing comes */
} lms_call_options;

LMS_BEGIN_DECLS

/**
 * Fill options with the defaults: those of the client.
 *
 * @param options     memory of `struct_size` bytes; NULL is a no-op.
 * @param struct_size `sizeof(lms_call_options)`; bytes past it are not touched.
 * @threads any.
 * @since 0.1
 */
LMS_API void lms_call_options_init(lms_call_options *options, size_t struct_size);

/**
 * Begin to call an endpoint, as lms_client_call() does, without waiting for the answer.
 *
 * @param client     live client, borrowed for the call; not NULL.
 * @param name_space NUL-terminated; not NULL.
 * @param endpoint   NUL-terminated; not NULL.
 * @param parameter  JSON, copied; empty: none.
 * @param options    borrowed for the call; NULL: the defaults.
 * @param call       receives the call, which the caller frees with lms_call_free(); not NULL.
 * @param error      receives details on failure, caller frees with lms_error_free(); may be NULL.
 * @return LMS_OK, LMS_ERROR_INVALID_ARGUMENT, LMS_ERROR_STATE (client closed, process forked).
 * @threads any. Does not block: the work goes on in the background.
 * @since 0.1
 */
LMS_API lms_status lms_call_begin(
    lms_client *client,
    const char *name_space,
    const char *endpoint,
    lms_text parameter,
    const lms_call_options *options,
    lms_call **call,
    lms_error **error);

/**
 * Wait for the answer of a call.
 *
 * @param call       live call, borrowed for the call; not NULL.
 * @param timeout_ms milliseconds to wait: 0 polls, negative waits for ever.
 * @param result     receives JSON on LMS_OK, which the caller frees with lms_text_free(); not NULL.
 * @param error      receives details on failure, caller frees with lms_error_free(); may be NULL.
 * @return LMS_OK once, LMS_END on every later call, LMS_PENDING (call again),
 *         LMS_ERROR_TIMED_OUT, LMS_ERROR_CANCELLED, LMS_ERROR_CONNECTION, and what
 *         lms_client_call() returns. A failure is for good.
 * @threads one thread at a time per call; lms_call_cancel() from any. Blocks.
 * @since 0.1
 */
LMS_API lms_status
lms_call_wait(lms_call *call, int64_t timeout_ms, lms_text *result, lms_error **error);

/**
 * Stop a call; lms_call_wait() then fails with LMS_ERROR_CANCELLED. A finished one is left alone.
 *
 * @param call live call; NULL is a no-op.
 * @threads any. Does not block.
 * @since 0.1
 */
LMS_API void lms_call_cancel(lms_call *call);

/**
 * Free a call; one that is not finished is cancelled.
 *
 * @param call call to free; NULL is a no-op. A thread that waits for it gets LMS_ERROR_CANCELLED.
 * @threads any.
 * @since 0.1
 */
LMS_API void lms_call_free(lms_call *call);

LMS_END_DECLS

#endif
