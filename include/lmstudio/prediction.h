/** @file prediction.h  Text on its way: start, pull, cancel. */
#ifndef LMSTUDIO_PREDICTION_H
#define LMSTUDIO_PREDICTION_H

#include "call.h"
#include "common.h"

#define LMS_EVENT_PROMPT_PROGRESS 1 /**< `progress` of the prompt, 0.0…1.0, strictly rising */
#define LMS_EVENT_FIRST_TOKEN 2     /**< once, just before the first fragment */
#define LMS_EVENT_FRAGMENT 3        /**< `text`, never empty, and `tokens_count` */

#define LMS_EVENT_TOOL_CALL_START 4     /**< a tool's call begins; `text`: its id, or empty */
#define LMS_EVENT_TOOL_CALL_NAME 5      /**< `text`: the tool's name */
#define LMS_EVENT_TOOL_CALL_ARGUMENTS 6 /**< `text`: a piece of the arguments' JSON, never empty */
#define LMS_EVENT_TOOL_CALL_END 7       /**< `text`: the request, JSON; `raw_content` */
#define LMS_EVENT_TOOL_CALL_FAILED 8    /**< `text`: why it is no call; `raw_content` */

#define LMS_REASONING_NONE 0      /**< answer text */
#define LMS_REASONING_TEXT 1      /**< the model thinking */
#define LMS_REASONING_START_TAG 2 /**< the mark before it */
#define LMS_REASONING_END_TAG 3   /**< the mark after it */

/** One step of a prediction. Filled by the library; frozen, kinds are only ever added. */
typedef struct lms_event {
    int32_t kind;         /**< LMS_EVENT_…; leave out kinds you do not know */
    int32_t tokens_count; /**< fragment: tokens it stands for, ≥ 0 */
    lms_text text;   /**< fragment, tool call: whole UTF-8 characters, lent until the next call */
    double progress; /**< prompt progress: 0.0…1.0 */
    int32_t reasoning_type;   /**< fragment: LMS_REASONING_… */
    int32_t contains_drafted; /**< fragment: 1 if part of it was guessed ahead */
    lms_text tokens; /**< fragment: JSON array of its tokens, `[{"id":…,"text":…,"logProb":…,
                          "candidates":[…]}]`, lent likewise; empty unless `logProbs` is asked for */
    lms_text raw_content; /**< end of a tool call: what the model wrote for it, lent likewise */
    int32_t prompt_tokens_count;    /**< prompt progress: tokens of the whole; 0: not told */
    int32_t processed_tokens_count; /**< prompt progress: of these, read until now */
    int32_t cached_tokens_count;    /**< prompt progress: of these, in the cache beforehand */
} lms_event;

/**
 * How a prediction is made. Set it up with lms_complete_options_init(); fields are only ever added.
 */
typedef struct lms_complete_options {
    size_t struct_size; /**< sizeof of the struct the caller was compiled with */
    const char *preset; /**< a server's preset whose options lie beneath `config`; NULL: none */
    int64_t timeout_ms; /**< as in lms_call_options, from the start of the work to its end */
    int64_t idle_timeout_ms; /**< as in lms_call_options */
} lms_complete_options;

LMS_BEGIN_DECLS

/**
 * Fill options with the defaults.
 *
 * @param options     memory of `struct_size` bytes; NULL is a no-op.
 * @param struct_size `sizeof(lms_complete_options)`; bytes past it are not touched.
 * @threads any.
 * @since 0.1
 */
LMS_API void lms_complete_options_init(lms_complete_options *options, size_t struct_size);

/**
 * Prepare a completion of a prompt: the text as it is, without a chat template.
 *
 * Arguments are checked here; the work begins with lms_prediction_start() or the first
 * lms_prediction_next().
 *
 * Options are JSON members in LM Studio's names (snake_case works too): `maxTokens` (integer ≥ 1;
 * false: no limit, the default), `temperature` (≥ 0, default 0.8; 0: always the likeliest token),
 * `topKSampling` (integer, default 40; ≤ 0: off), `topPSampling` (0…1 or false, default 0.95),
 * `minPSampling` (0…1 or false, default 0.05), `repeatPenalty` (> 0 or false, default 1.1),
 * `presencePenalty` and `frequencyPenalty` (number or false, default false), `seed` (integer or
 * false, default false: another one each time), `stopStrings` (array of strings), `cpuThreads`
 * (integer ≥ 1), `contextOverflowPolicy` ("truncateMiddle": the text goes on, the middle
 * of a full context is forgotten; "rollingWindow": its oldest part; "stopAtLimit": the text ends;
 * default: "truncateMiddle" for chats, "stopAtLimit" for completions), `structured` (the form of the answer:
 * `{"type":"json","jsonSchema":…}`, any JSON without the schema, or
 * `{"type":"gbnf","gbnfGrammar":"root ::= …"}`), `logProbs` (0…100 or false, default false: how
 * many candidates `lms_event.tokens` tells at each token), `logitBias` (array of `[token, number]`,
 * `"-inf"`: never), `xtcProbability` and `xtcThreshold` (0…1), `locallyTypicalSampling` (0…1),
 * `mirostatSampling` (`{"version":2,"learningRate":0.1,"targetEntropy":5}`). `"strict": true` makes
 * an unknown name an error rather than a warning.
 *
 * @param llm        live model, borrowed for the call; not NULL.
 * @param prompt     UTF-8, not empty, copied; may hold NUL; invalid UTF-8 is refused.
 * @param config     JSON object of prediction options, copied; empty: the defaults.
 * @param options    borrowed for the call; NULL: the defaults.
 * @param prediction receives the prediction, which the caller frees with lms_prediction_free().
 * @param error      receives details on failure, caller frees with lms_error_free(); may be NULL.
 * @return LMS_OK, LMS_ERROR_INVALID_ARGUMENT, LMS_ERROR_UNSUPPORTED (an option that this version
 *         cannot honour), LMS_ERROR_STATE (client closed).
 * @threads any. Does not block.
 * @since 0.1
 */
LMS_API lms_status lms_llm_complete(
    const lms_llm *llm,
    lms_text prompt,
    lms_text config,
    const lms_complete_options *options,
    lms_prediction **prediction,
    lms_error **error);

/**
 * Prepare an answer to a chat, which the model's template makes text of.
 *
 * Beside the options of lms_llm_complete() there are: `promptTemplate` ({"type": "jinja",
 * "jinjaPromptTemplate": {"template": …}} or {"type": "manual", "manualPromptTemplate":
 * {"beforeSystem": …, …}}, each with an array `stopStrings`; default: the model's own),
 * `reasoningParsing` ({"enabled": true, "startString": "<think>", "endString": "</think>"}, the
 * default), `enableThinking` (true or false: told to the template; default: true if llama.cpp knows
 * how the model does that), `reasoningBudget` (tokens, ≥ 0: then the thinking is ended), `rawTools`
 * ({"type": "toolArray", "tools": [{"type": "function", "function": {"name": …, "description": …,
 * "parameters": {a JSON schema}}}, …]}),
 * `toolChoice` ({"type": "generic", "mode": "none", "auto" or "required"}, or {"type": "function",
 * "function": {"name": …}}; default: auto) and `toolCallStopStrings` (array of strings).
 *
 * @param llm        live model, borrowed for the call; not NULL.
 * @param chat       JSON `{"messages": [{"role": …, "content": [part, …]}, …]}`, copied. Roles are
 *                   "system", "user", "assistant" and "tool"; parts are `{"type": "text", "text": …}`,
 *                   `{"type": "file", "name": …, "identifier": …, "fileType": …, "sizeBytes": …}` for
 *                   an image that the call "uploadFileBase64" took (see lms_client_call()), a
 *                   "toolCallRequest" or a "toolCallResult" as in LM Studio's protocol;
 *                   a string stands for an array of one text.
 * @param config     JSON object of prediction options, copied; empty: the defaults.
 * @param options    borrowed for the call; NULL: the defaults.
 * @param prediction receives the prediction, which the caller frees with lms_prediction_free().
 * @param error      receives details on failure, caller frees with lms_error_free(); may be NULL.
 * @return LMS_OK, LMS_ERROR_INVALID_ARGUMENT (also for a chat without messages, with a tool's
 *         result that belongs to no call, or with a file that is not there), LMS_ERROR_UNSUPPORTED, LMS_ERROR_STATE (client closed).
 *         A faulty template or image is told by lms_prediction_next().
 * @threads any. Does not block.
 * @since 0.1
 */
LMS_API lms_status lms_llm_respond(
    const lms_llm *llm,
    lms_text chat,
    lms_text config,
    const lms_complete_options *options,
    lms_prediction **prediction,
    lms_error **error);

/**
 * Begin the work without waiting for it. Calling it again does nothing.
 *
 * @param prediction live prediction, borrowed for the call; not NULL.
 * @param error      receives details on failure, caller frees with lms_error_free(); may be NULL.
 * @return LMS_OK, LMS_ERROR_STATE (client closed). That the model is not loaded is told by
 *         lms_prediction_next().
 * @threads any. Does not block.
 * @since 0.1
 */
LMS_API lms_status lms_prediction_start(lms_prediction *prediction, lms_error **error);

/**
 * Wait for the next event of a prediction.
 *
 * @param prediction live prediction, borrowed for the call; not NULL.
 * @param timeout_ms milliseconds to wait: 0 polls, negative waits for ever.
 * @param event      filled on LMS_OK; its text is lent until the next call on this prediction or
 *                   lms_prediction_free(), whatever other threads do; not NULL.
 * @param error      receives details on failure, caller frees with lms_error_free(); may be NULL.
 * @return LMS_OK with an event, LMS_END after the last (the result is there now), LMS_PENDING (call
 *         again), LMS_ERROR_CANCELLED (freed or its client closed), LMS_ERROR_MODEL_NOT_FOUND,
 *         LMS_ERROR_PRESET_NOT_FOUND, LMS_ERROR_ENGINE, LMS_ERROR_INVALID_ARGUMENT (prompt longer
 *         than the context), LMS_ERROR_TIMED_OUT (the prediction's own timeout), LMS_ERROR_SERVER,
 *         LMS_ERROR_PREDICTION, LMS_ERROR_CONNECTION (the server went away). A failure is for good.
 * @threads one thread at a time per prediction; lms_prediction_cancel() from any. Blocks.
 * @since 0.1
 */
LMS_API lms_status lms_prediction_next(
    lms_prediction *prediction, int64_t timeout_ms, lms_event *event, lms_error **error);

/**
 * Stop a prediction. What is still queued is dropped; lms_prediction_next() then returns LMS_END,
 * and the result has stop reason "userStopped". One that has not begun ends so when it does; a
 * finished one is left alone.
 *
 * @param prediction live prediction; NULL is a no-op.
 * @threads any. Does not block.
 * @since 0.1
 */
LMS_API void lms_prediction_cancel(lms_prediction *prediction);

/**
 * The result of a finished prediction.
 *
 * @param prediction live prediction; NULL gives NULL.
 * @return result lent until the prediction is freed; NULL before LMS_END or after a failure.
 * @threads any.
 * @since 0.1
 */
LMS_API const lms_result *lms_prediction_result(const lms_prediction *prediction);

/**
 * Warnings about the options, such as a misspelt name with the nearest known one.
 *
 * @param prediction live prediction; NULL gives empty text.
 * @param index      0 for the first.
 * @return text lent until the prediction is freed; empty past the last.
 * @threads any.
 * @since 0.1
 */
LMS_API lms_text lms_prediction_warning(const lms_prediction *prediction, size_t index);

/**
 * Free a prediction; a running one is stopped. Its result goes with it.
 *
 * @param prediction prediction to free; NULL is a no-op. A thread that waits in
 *                   lms_prediction_next() gets LMS_ERROR_CANCELLED.
 * @threads any.
 * @since 0.1
 */
LMS_API void lms_prediction_free(lms_prediction *prediction);

LMS_END_DECLS

#endif
