/** @file result.h  What a finished prediction has to say. */
#ifndef LMSTUDIO_RESULT_H
#define LMSTUDIO_RESULT_H

#include "common.h"

LMS_BEGIN_DECLS

/**
 * The whole text, the model's thinking and its marks included.
 *
 * @param result lent by lms_prediction_result(); NULL gives empty text.
 * @return text lent as long as the result.
 * @threads any.
 * @since 0.1
 */
LMS_API lms_text lms_result_content(const lms_result *result);

/**
 * The model's thinking, without the marks around it.
 *
 * @param result lent by lms_prediction_result(); NULL gives empty text.
 * @return text lent as long as the result; empty if there is none.
 * @threads any.
 * @since 0.1
 */
LMS_API lms_text lms_result_reasoning_content(const lms_result *result);

/**
 * The answer: what is neither thinking nor a mark around it.
 *
 * @param result lent by lms_prediction_result(); NULL gives empty text.
 * @return text lent as long as the result.
 * @threads any.
 * @since 0.1
 */
LMS_API lms_text lms_result_non_reasoning_content(const lms_result *result);

/**
 * The calls of tools that are complete, in order.
 *
 * @param result lent by lms_prediction_result(); NULL gives empty text.
 * @return JSON array of `{"type":"function","name":…,"id":…,"arguments":{…}}`, `[]` without calls;
 *         lent as long as the result.
 * @threads any.
 * @since 0.1
 */
LMS_API lms_text lms_result_tool_calls(const lms_result *result);

/**
 * Why the prediction ended: "eosFound", "stopStringFound", "maxPredictedTokensReached",
 * "contextLengthReached", "userStopped", "modelUnloaded", "toolCalls" or "failed".
 *
 * @param result lent by lms_prediction_result(); NULL gives empty text.
 * @return text lent as long as the result.
 * @threads any.
 * @since 0.1
 */
LMS_API lms_text lms_result_stop_reason(const lms_result *result);

/**
 * The stop string that ended the prediction.
 *
 * @param result lent by lms_prediction_result(); NULL gives empty text.
 * @return text lent as long as the result; empty if none did.
 * @threads any.
 * @since 0.1
 */
LMS_API lms_text lms_result_stop_string(const lms_result *result);

/**
 * Tokens of the prompt, or -1 where the server did not say.
 *
 * @param result lent by lms_prediction_result(); NULL gives -1.
 * @threads any.
 * @since 0.1
 */
LMS_API int64_t lms_result_prompt_tokens_count(const lms_result *result);

/**
 * Tokens of the answer, without the one that ends it; -1 where the server did not say.
 *
 * @param result lent by lms_prediction_result(); NULL gives -1.
 * @threads any.
 * @since 0.1
 */
LMS_API int64_t lms_result_predicted_tokens_count(const lms_result *result);

/**
 * Prompt and answer together, or -1 where the server did not say.
 *
 * @param result lent by lms_prediction_result(); NULL gives -1.
 * @threads any.
 * @since 0.1
 */
LMS_API int64_t lms_result_total_tokens_count(const lms_result *result);

/**
 * Rate of generation after the first token, in tokens per second.
 *
 * @param result lent by lms_prediction_result(); NULL gives NaN.
 * @return > 0, or NaN where fewer than two tokens leave nothing to measure.
 * @threads any.
 * @since 0.1
 */
LMS_API double lms_result_tokens_per_second(const lms_result *result);

/**
 * Seconds from the start of the prediction to its first token.
 *
 * @param result lent by lms_prediction_result(); NULL gives NaN.
 * @return ≥ 0, or NaN where no token came.
 * @threads any.
 * @since 0.1
 */
LMS_API double lms_result_time_to_first_token_seconds(const lms_result *result);

/**
 * Seconds from the start of the prediction to its end, or NaN where the server did not say.
 *
 * @param result lent by lms_prediction_result(); NULL gives NaN.
 * @threads any.
 * @since 0.1
 */
LMS_API double lms_result_total_time_seconds(const lms_result *result);

/**
 * All statistics as a JSON object in LM Studio's names, what is unknown left out.
 *
 * @param result lent by lms_prediction_result(); NULL gives empty text.
 * @return text lent as long as the result.
 * @threads any.
 * @since 0.1
 */
LMS_API lms_text lms_result_stats(const lms_result *result);

/**
 * The model that made it, as JSON in the form of lms_llm_info().
 *
 * @param result lent by lms_prediction_result(); NULL gives empty text.
 * @return text lent as long as the result.
 * @threads any.
 * @since 0.1
 */
LMS_API lms_text lms_result_model_info(const lms_result *result);

/**
 * The load options in effect, as JSON in the form of lms_load_options.config.
 *
 * @param result lent by lms_prediction_result(); NULL gives empty text.
 * @return text lent as long as the result.
 * @threads any.
 * @since 0.1
 */
LMS_API lms_text lms_result_load_config(const lms_result *result);

/**
 * The prediction options in effect, defaults included, as JSON in the form lms_llm_complete() takes.
 *
 * @param result lent by lms_prediction_result(); NULL gives empty text.
 * @return text lent as long as the result.
 * @threads any.
 * @since 0.1
 */
LMS_API lms_text lms_result_prediction_config(const lms_result *result);

/**
 * Where it was made, as lms_client_address() tells it: after an automatic choice, what was chosen.
 *
 * @param result lent by lms_prediction_result(); NULL gives empty text.
 * @return text lent as long as the result.
 * @threads any.
 * @since 0.1
 */
LMS_API lms_text lms_result_address(const lms_result *result);

LMS_END_DECLS

#endif
