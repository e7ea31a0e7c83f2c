#include "check.h"
#include "harness.h"

#include <math.h>

static void check_result(const lms_result *result, const char *content, int64_t tokens) {
    CHECK(result != NULL);
    CHECK(text_is(lms_result_content(result), content));
    CHECK(text_is(lms_result_non_reasoning_content(result), content));
    CHECK(lms_result_reasoning_content(result).length == 0);
    CHECK(text_is(lms_result_stop_reason(result), "maxPredictedTokensReached"));
    CHECK(lms_result_stop_string(result).length == 0);
    CHECK(lms_result_prompt_tokens_count(result) > 0);
    CHECK(lms_result_predicted_tokens_count(result) == tokens);
    CHECK(lms_result_total_tokens_count(result) == lms_result_prompt_tokens_count(result) + tokens);
    CHECK(lms_result_tokens_per_second(result) > 0);
    CHECK(lms_result_time_to_first_token_seconds(result) >= 0);
    CHECK(lms_result_total_time_seconds(result) >= lms_result_time_to_first_token_seconds(result));
    CHECK(lms_result_stats(result).length > 0);
    CHECK(lms_result_model_info(result).length > 0);
    CHECK(lms_result_load_config(result).length > 0);
    CHECK(lms_result_prediction_config(result).length > 0);
    CHECK(lms_result_address(result).length > 0);
}

const char *harness_events_and_result(const char *address) {
    enum { TOKENS = 20 };
    char content[1024] = "";
    fixture fixture;
    check_begin();
    if (fixture_open(&fixture, address)) {
        lms_event event;
        double progress = -1;
        int first_tokens = 0;
        int64_t tokens = 0;
        lms_status status;
        lms_prediction *prediction = prediction_of(fixture.llm, "{\"maxTokens\": 20, \"seed\": 1}");
        CHECK(lms_prediction_result(prediction) == NULL);
        while ((status = lms_prediction_next(prediction, -1, &event, NULL)) == LMS_OK) {
            if (event.kind == LMS_EVENT_PROMPT_PROGRESS) {
                CHECK(event.progress > progress && event.progress <= 1);
                CHECK(first_tokens == 0);
                progress = event.progress;
                CHECK(
                    progress < 1 || (event.prompt_tokens_count > 0 &&
                                     event.cached_tokens_count + event.processed_tokens_count ==
                                         event.prompt_tokens_count));
            } else if (event.kind == LMS_EVENT_FIRST_TOKEN) {
                CHECK(progress == 1);
                first_tokens++;
            } else if (event.kind == LMS_EVENT_FRAGMENT) {
                CHECK(first_tokens == 1);
                CHECK(event.text.length > 0);
                CHECK(event.reasoning_type == LMS_REASONING_NONE && event.contains_drafted == 0);
                strncat(content, event.text.data, event.text.length);
                tokens += event.tokens_count;
            } else {
                CHECK(!"a kind of event that is known");
            }
            CHECK(lms_prediction_result(prediction) == NULL);
        }
        CHECK(status == LMS_END);
        CHECK(lms_prediction_next(prediction, -1, &event, NULL) == LMS_END);
        CHECK(tokens <= TOKENS);
        check_result(lms_prediction_result(prediction), content, TOKENS);
        lms_prediction_free(prediction);
    }
    fixture_free(&fixture);
    return check_end();
}

const char *harness_polling(const char *address) {
    fixture fixture;
    check_begin();
    if (fixture_open_for_one(&fixture, address)) {
        lms_event event;
        lms_status status;
        lms_error *error = NULL;
        lms_prediction *endless = prediction_of(fixture.llm, NULL);
        lms_prediction *queued = prediction_of(fixture.llm, "{\"maxTokens\": 1}");
        CHECK(lms_prediction_next(endless, -1, &event, NULL) == LMS_OK);
        CHECK(lms_prediction_next(queued, 0, &event, &error) == LMS_PENDING);
        CHECK(lms_prediction_next(queued, 1, &event, &error) == LMS_PENDING);
        CHECK(error == NULL);
        lms_prediction_cancel(endless);
        do {
            status = lms_prediction_next(queued, 600000, &event, NULL);
        } while (status == LMS_OK);
        CHECK(status == LMS_END);
        lms_prediction_free(endless);
        lms_prediction_free(queued);
    }
    fixture_free(&fixture);
    return check_end();
}

const char *harness_unloading_while_running(const char *address) {
    fixture fixture;
    check_begin();
    if (fixture_open(&fixture, address)) {
        lms_event event;
        lms_text json;
        size_t count;
        lms_prediction *prediction = prediction_of(fixture.llm, NULL);
        const lms_result *result;
        CHECK(lms_prediction_next(prediction, -1, &event, NULL) == LMS_OK);
        CHECK(lms_llm_unload(fixture.llm, NULL, NULL) == LMS_OK);
        while (lms_prediction_next(prediction, -1, &event, NULL) == LMS_OK) {
        }
        result = lms_prediction_result(prediction);
        CHECK(text_is(lms_result_stop_reason(result), "modelUnloaded"));
        lms_prediction_free(prediction);
        CHECK_FAILS(LMS_ERROR_MODEL_NOT_FOUND, lms_llm_unload(fixture.llm, NULL, error));
        CHECK_FAILS(LMS_ERROR_MODEL_NOT_FOUND, lms_llm_info(fixture.llm, NULL, &json, error));
        CHECK_FAILS(
            LMS_ERROR_MODEL_NOT_FOUND, lms_llm_load_config(fixture.llm, NULL, &json, error));
        CHECK_FAILS(
            LMS_ERROR_MODEL_NOT_FOUND,
            lms_llm_tokenize(fixture.llm, LMS_TEXT("x"), NULL, NULL, 0, &count, error));
        prediction = prediction_of(fixture.llm, NULL);
        CHECK_FAILS(LMS_ERROR_MODEL_NOT_FOUND, lms_prediction_next(prediction, -1, &event, error));
        lms_prediction_free(prediction);
    }
    fixture_free(&fixture);
    return check_end();
}

const char *harness_cancelling_before_the_start(const char *address) {
    fixture fixture;
    check_begin();
    if (fixture_open(&fixture, address)) {
        lms_event event;
        lms_prediction *prediction = prediction_of(fixture.llm, NULL);
        lms_prediction_cancel(prediction);
        CHECK(lms_prediction_next(prediction, -1, &event, NULL) == LMS_END);
        CHECK(text_is(lms_result_stop_reason(lms_prediction_result(prediction)), "userStopped"));
        lms_prediction_free(prediction);
    }
    fixture_free(&fixture);
    return check_end();
}

const char *harness_starting_with_a_closed_client(const char *address) {
    fixture fixture;
    check_begin();
    if (fixture_open(&fixture, address)) {
        lms_prediction *prediction = prediction_of(fixture.llm, NULL);
        lms_client_close(fixture.client);
        CHECK_FAILS(LMS_ERROR_STATE, lms_prediction_start(prediction, error));
        lms_prediction_free(prediction);
    }
    fixture_free(&fixture);
    return check_end();
}

const char *harness_closed_client(const char *address) {
    const lms_text none = LMS_NO_TEXT;
    fixture fixture;
    check_begin();
    if (fixture_open(&fixture, address)) {
        lms_client *client = fixture.client;
        lms_llm *llm;
        lms_load *load;
        lms_call *call;
        lms_prediction *prediction;
        lms_text json;
        size_t count;
        lms_client_close(client);
        lms_client_close(client);
        CHECK(lms_client_address(client).length > 0);
        CHECK(lms_llm_identifier(fixture.llm).length > 0);
        CHECK_FAILS(LMS_ERROR_STATE, lms_client_call(client, "llm", "x", none, NULL, &json, error));
        CHECK_FAILS(
            LMS_ERROR_STATE, lms_call_begin(client, "llm", "listLoaded", none, NULL, &call, error));
        CHECK_FAILS(LMS_ERROR_STATE, lms_llm_load_config_begin(fixture.llm, NULL, &call, error));
        CHECK_FAILS(LMS_ERROR_STATE, lms_load_begin(client, NULL, &load, error));
        CHECK_FAILS(LMS_ERROR_STATE, lms_client_llm(client, NULL, none, &llm, error));
        CHECK_FAILS(LMS_ERROR_STATE, lms_client_llm_handle(client, "x", &llm, error));
        CHECK_FAILS(LMS_ERROR_STATE, lms_llm_info(fixture.llm, NULL, &json, error));
        CHECK_FAILS(LMS_ERROR_STATE, lms_llm_load_config(fixture.llm, NULL, &json, error));
        CHECK_FAILS(
            LMS_ERROR_STATE, lms_llm_tokenize(fixture.llm, none, NULL, NULL, 0, &count, error));
        CHECK_FAILS(LMS_ERROR_STATE, lms_llm_unload(fixture.llm, NULL, error));
        CHECK_FAILS(
            LMS_ERROR_STATE,
            lms_llm_complete(fixture.llm, LMS_TEXT("x"), none, NULL, &prediction, error));
        CHECK_FAILS(
            LMS_ERROR_STATE,
            lms_llm_respond(fixture.llm, LMS_TEXT("{}"), none, NULL, &prediction, error));
    }
    fixture_free(&fixture);
    return check_end();
}
