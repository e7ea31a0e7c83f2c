/** @file batch.h  Many predictions at once: begin, pull, look at each. */
#ifndef LMSTUDIO_BATCH_H
#define LMSTUDIO_BATCH_H

#include "common.h"
#include "prediction.h"

/** What lms_batch_next() gives as progress of a prediction that has ended. */
#define LMS_BATCH_ENDED (-1.0)

LMS_BEGIN_DECLS

/**
 * Begin to complete many prompts, as many at once as the instance was loaded for.
 *
 * A server gets 256 of them at a time at most, and the next when one ends.
 *
 * @param llm        live model, borrowed for the call; not NULL.
 * @param prompts    `count` texts of UTF-8, not empty, copied; NULL if `count` is 0.
 * @param count      number of prompts; 0 ends at once.
 * @param config     JSON object of prediction options for all, as for lms_llm_complete(), copied;
 *                   empty: the defaults.
 * @param options    borrowed for the call; NULL: the defaults. The timeouts are of all together.
 * @param keep_going 0: the first failure ends the others, and lms_batch_next() returns it; else each
 *                   fails for itself, see lms_batch_error(), those with LMS_ERROR_TIMED_OUT that have
 *                   not ended when a timeout is over.
 * @param batch      receives the batch, which the caller frees with lms_batch_free(); not NULL.
 * @param error      receives details on failure, caller frees with lms_error_free(); may be NULL.
 * @return LMS_OK, LMS_ERROR_INVALID_ARGUMENT (bad options, invalid UTF-8, or, unless `keep_going`, a
 *         bad prompt, which the message names: `prompts[3]: …`), LMS_ERROR_UNSUPPORTED (an option),
 *         LMS_ERROR_STATE (client closed, process forked).
 * @threads any. Does not block: the work goes on in the background.
 * @since 0.1
 */
LMS_API lms_status lms_llm_complete_many(
    const lms_llm *llm,
    const lms_text *prompts,
    size_t count,
    lms_text config,
    const lms_complete_options *options,
    int32_t keep_going,
    lms_batch **batch,
    lms_error **error);

/**
 * Begin to answer many chats, as many at once as the instance was loaded for.
 *
 * @param llm        live model, borrowed for the call; not NULL.
 * @param chats      `count` chats, JSON as for lms_llm_respond(), copied; NULL if `count` is 0.
 * @param count      number of chats; 0 ends at once.
 * @param config     as for lms_llm_respond(), for all.
 * @param options    as for lms_llm_complete_many().
 * @param keep_going as for lms_llm_complete_many().
 * @param batch      receives the batch, which the caller frees with lms_batch_free(); not NULL.
 * @param error      receives details on failure, caller frees with lms_error_free(); may be NULL.
 * @return as lms_llm_complete_many(); the message names a bad chat: `chats[3]: …`.
 * @threads any. Does not block: the work goes on in the background.
 * @since 0.1
 */
LMS_API lms_status lms_llm_respond_many(
    const lms_llm *llm,
    const lms_text *chats,
    size_t count,
    lms_text config,
    const lms_complete_options *options,
    int32_t keep_going,
    lms_batch **batch,
    lms_error **error);

/**
 * Wait for the next thing that happens to one of the predictions.
 *
 * @param batch      live batch, borrowed for the call; not NULL.
 * @param timeout_ms milliseconds to wait: 0 polls, negative waits for ever.
 * @param index      receives the place of a prompt, from 0; may be NULL.
 * @param progress   receives the share of that prompt that is read, 0.0…1.0, rising, or
 *                   LMS_BATCH_ENDED: lms_batch_result() or lms_batch_error() has it; may be NULL.
 * @param error      receives details on failure, caller frees with lms_error_free(); may be NULL.
 * @return LMS_OK with something, LMS_END when all have ended and were told of, LMS_PENDING (call
 *         again), LMS_ERROR_CANCELLED, LMS_ERROR_STATE (client closed), and, unless it keeps going,
 *         LMS_ERROR_TIMED_OUT and what lms_prediction_next() returns for the first that fails. A
 *         failure is for good.
 * @threads one thread at a time per batch; lms_batch_cancel() from any. Blocks.
 * @since 0.1
 */
LMS_API lms_status lms_batch_next(
    lms_batch *batch, int64_t timeout_ms, size_t *index, double *progress, lms_error **error);

/**
 * Number of predictions.
 *
 * @param batch live batch; NULL gives 0.
 * @return the number of prompts or chats that it was begun with.
 * @threads any.
 * @since 0.1
 */
LMS_API size_t lms_batch_count(const lms_batch *batch);

/**
 * The result of one of the predictions.
 *
 * @param batch live batch; NULL gives NULL.
 * @param index place of the prompt, from 0.
 * @return the result, lent until the batch is freed; NULL if it has not ended, has failed, or there
 *         is no such place.
 * @threads any.
 * @since 0.1
 */
LMS_API const lms_result *lms_batch_result(const lms_batch *batch, size_t index);

/**
 * Why one of the predictions failed.
 *
 * @param batch live batch; NULL gives NULL.
 * @param index place of the prompt, from 0.
 * @return the error, lent until the batch is freed (lms_error_free() is not for it); NULL if it has
 *         not ended, has a result, or there is no such place.
 * @threads any.
 * @since 0.1
 */
LMS_API const lms_error *lms_batch_error(const lms_batch *batch, size_t index);

/**
 * A warning about the options.
 *
 * @param batch live batch; NULL gives empty text.
 * @param index from 0.
 * @return text lent until the batch is freed; empty past the last.
 * @threads any.
 * @since 0.1
 */
LMS_API lms_text lms_batch_warning(const lms_batch *batch, size_t index);

/**
 * Stop all predictions; lms_batch_next() then fails with LMS_ERROR_CANCELLED. A finished batch is
 * left alone.
 *
 * @param batch live batch; NULL is a no-op.
 * @threads any. Does not block.
 * @since 0.1
 */
LMS_API void lms_batch_cancel(lms_batch *batch);

/**
 * Free a batch, with its results and errors; predictions that have not ended are stopped.
 *
 * @param batch batch to free; NULL is a no-op. A thread that waits for it gets LMS_ERROR_CANCELLED.
 * @threads any.
 * @since 0.1
 */
LMS_API void lms_batch_free(lms_batch *batch);

LMS_END_DECLS

#endif
