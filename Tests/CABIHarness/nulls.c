#include "check.h"
#include "harness.h"

#include <math.h>

const char *harness_null_no_ops(void) {
    size_t count;
    check_begin();
    count = lms_live_handle_count();
    lms_text_free(NULL);
    lms_error_free(NULL);
    lms_client_options_init(NULL, sizeof(lms_client_options));
    lms_load_options_init(NULL, sizeof(lms_load_options));
    lms_client_close(NULL);
    lms_client_free(NULL);
    lms_call_options_init(NULL, sizeof(lms_call_options));
    lms_complete_options_init(NULL, sizeof(lms_complete_options));
    lms_call_cancel(NULL);
    lms_call_free(NULL);
    lms_load_cancel(NULL);
    lms_load_free(NULL);
    lms_llm_free(NULL);
    lms_prediction_cancel(NULL);
    lms_prediction_free(NULL);
    CHECK(lms_live_handle_count() == count);
    return check_end();
}

const char *harness_null_getters(void) {
    check_begin();
    CHECK(lms_error_code(NULL) == LMS_OK);
    CHECK(lms_error_message(NULL).length == 0);
    CHECK(lms_error_details(NULL).length == 0);
    CHECK(lms_client_address(NULL).length == 0);
    CHECK(lms_client_warning(NULL, 0).length == 0);
    CHECK(lms_load_warning(NULL, 0).length == 0);
    CHECK(lms_load_step(NULL, 0).length == 0);
    CHECK(lms_llm_identifier(NULL).length == 0);
    CHECK(lms_prediction_result(NULL) == NULL);
    CHECK(lms_prediction_warning(NULL, 0).length == 0);
    CHECK(lms_result_content(NULL).length == 0);
    CHECK(lms_result_reasoning_content(NULL).length == 0);
    CHECK(lms_result_non_reasoning_content(NULL).length == 0);
    CHECK(lms_result_stop_reason(NULL).length == 0);
    CHECK(lms_result_stop_string(NULL).length == 0);
    CHECK(lms_result_prompt_tokens_count(NULL) == -1);
    CHECK(lms_result_predicted_tokens_count(NULL) == -1);
    CHECK(lms_result_total_tokens_count(NULL) == -1);
    CHECK(isnan(lms_result_tokens_per_second(NULL)));
    CHECK(isnan(lms_result_time_to_first_token_seconds(NULL)));
    CHECK(isnan(lms_result_total_time_seconds(NULL)));
    CHECK(lms_result_stats(NULL).length == 0);
    CHECK(lms_result_model_info(NULL).length == 0);
    CHECK(lms_result_load_config(NULL).length == 0);
    CHECK(lms_result_prediction_config(NULL).length == 0);
    CHECK(lms_result_address(NULL).length == 0);
    CHECK(lms_result_tool_calls(NULL).length == 0);
    CHECK(lms_version() != NULL);
    return check_end();
}

static void check_client_functions(const fixture *fixture) {
    const lms_text none = LMS_NO_TEXT;
    lms_client *client = fixture->client;
    lms_client *opened = (lms_client *)JUNK;
    lms_text json = {(const char *)JUNK, 7};
    lms_llm *llm = (lms_llm *)JUNK;

    CHECK_REFUSED(lms_client_open(NULL, NULL, error));
    CHECK(lms_client_open(NULL, &opened, NULL) == LMS_OK);
    lms_client_free(opened);

    CHECK_REFUSED(lms_client_call(NULL, "llm", "listLoaded", none, NULL, &json, error));
    CHECK(json.data == NULL && json.length == 0);
    CHECK_REFUSED(lms_client_call(client, NULL, "listLoaded", none, NULL, &json, error));
    CHECK_REFUSED(lms_client_call(client, "llm", NULL, none, NULL, &json, error));
    CHECK_REFUSED(lms_client_call(client, "llm", "listLoaded", none, NULL, NULL, error));
    CHECK(lms_client_call(client, "llm", "listLoaded", none, NULL, &json, NULL) == LMS_OK);
    lms_text_free(&json);
    CHECK(json.data == NULL && json.length == 0);
    lms_text_free(&json);

    CHECK_REFUSED(lms_client_llm(NULL, NULL, none, &llm, error));
    CHECK(llm == NULL);
    CHECK_REFUSED(lms_client_llm(client, NULL, none, NULL, error));

    llm = (lms_llm *)JUNK;
    CHECK_REFUSED(lms_client_llm_handle(NULL, "x", &llm, error));
    CHECK(llm == NULL);
    CHECK_REFUSED(lms_client_llm_handle(client, NULL, &llm, error));
    CHECK_REFUSED(lms_client_llm_handle(client, "", &llm, error));
    CHECK_REFUSED(lms_client_llm_handle(client, "x", NULL, error));
}

static void check_call_functions(const fixture *fixture) {
    const lms_text none = LMS_NO_TEXT;
    lms_client *client = fixture->client;
    lms_call *call = (lms_call *)JUNK;
    lms_text json = {(const char *)JUNK, 7};
    int32_t is_there = 7;

    CHECK_REFUSED(lms_call_begin(NULL, "llm", "listLoaded", none, NULL, &call, error));
    CHECK(call == NULL);
    CHECK_REFUSED(lms_call_begin(client, NULL, "listLoaded", none, NULL, &call, error));
    CHECK_REFUSED(lms_call_begin(client, "llm", NULL, none, NULL, &call, error));
    CHECK_REFUSED(lms_call_begin(client, "llm", "listLoaded", none, NULL, NULL, error));
    CHECK_REFUSED(lms_call_wait(NULL, -1, &json, error));
    CHECK(json.data == NULL && json.length == 0);
    call = (lms_call *)JUNK;
    CHECK_REFUSED(lms_llm_load_config_begin(NULL, NULL, &call, error));
    CHECK(call == NULL);
    CHECK_REFUSED(lms_llm_load_config_begin(fixture->llm, NULL, NULL, error));
    CHECK(lms_call_begin(client, "llm", "listLoaded", none, NULL, &call, NULL) == LMS_OK);
    CHECK_REFUSED(lms_call_wait(call, -1, NULL, error));
    CHECK(lms_call_wait(call, -1, &json, NULL) == LMS_OK);
    lms_text_free(&json);
    lms_call_free(call);

    CHECK_REFUSED(lms_server_is_at(NULL, 1000, &is_there, error));
    CHECK(is_there == 0);
    CHECK_REFUSED(lms_server_is_at("localhost", 1000, NULL, error));
    CHECK_REFUSED(lms_server_find(1000, NULL, error));
    CHECK_REFUSED(lms_log_keep(-1, error));
    CHECK_REFUSED(lms_log_keep(LMS_LOG_TRACE + 1, error));
    CHECK_REFUSED(lms_log_next(NULL, &json, error));
    CHECK_REFUSED(lms_log_next(&is_there, NULL, error));
}

static void check_load_functions(const fixture *fixture) {
    lms_load *load = (lms_load *)JUNK;
    lms_llm *llm = (lms_llm *)JUNK;

    CHECK_REFUSED(lms_load_begin(NULL, NULL, &load, error));
    CHECK(load == NULL);
    CHECK_REFUSED(lms_load_begin(fixture->client, NULL, NULL, error));
    CHECK_REFUSED(lms_load_next(NULL, -1, NULL, error));
    CHECK_REFUSED(lms_load_llm(NULL, &llm, error));
    CHECK(llm == NULL);

    CHECK(lms_load_begin(fixture->client, NULL, &load, NULL) == LMS_OK);
    while (lms_load_next(load, -1, NULL, NULL) == LMS_OK) {
    }
    CHECK_REFUSED(lms_load_llm(load, NULL, error));
    CHECK(lms_load_llm(load, &llm, NULL) == LMS_OK);
    lms_llm_free(llm);
    lms_load_free(load);
}

static void check_model_functions(const fixture *fixture) {
    lms_text json = {(const char *)JUNK, 7};
    size_t count = 7;

    CHECK_REFUSED(lms_llm_info(NULL, NULL, &json, error));
    CHECK(json.data == NULL && json.length == 0);
    CHECK_REFUSED(lms_llm_info(fixture->llm, NULL, NULL, error));
    json.length = 7;
    CHECK_REFUSED(lms_llm_load_config(NULL, NULL, &json, error));
    CHECK(json.length == 0);
    CHECK_REFUSED(lms_llm_load_config(fixture->llm, NULL, NULL, error));
    CHECK_REFUSED(lms_llm_tokenize(NULL, LMS_TEXT("x"), NULL, NULL, 0, &count, error));
    CHECK(count == 0);
    CHECK_REFUSED(lms_llm_tokenize(fixture->llm, LMS_TEXT("x"), NULL, NULL, 1, &count, error));
    CHECK_REFUSED(lms_llm_tokenize(fixture->llm, LMS_TEXT("x"), NULL, NULL, 0, NULL, error));
    CHECK(lms_llm_tokenize(fixture->llm, LMS_TEXT("x"), NULL, NULL, 0, &count, NULL) == LMS_OK);
    CHECK(count > 0);
    CHECK_REFUSED(lms_llm_unload(NULL, NULL, error));
}

static void check_prediction_functions(const fixture *fixture) {
    const lms_text none = LMS_NO_TEXT;
    lms_prediction *prediction = (lms_prediction *)JUNK;
    lms_event event;

    CHECK_REFUSED(lms_llm_complete(NULL, LMS_TEXT("x"), none, NULL, &prediction, error));
    CHECK(prediction == NULL);
    CHECK_REFUSED(lms_llm_complete(fixture->llm, LMS_TEXT("x"), none, NULL, NULL, error));
    CHECK_REFUSED(lms_llm_complete(fixture->llm, none, none, NULL, &prediction, error));
    prediction = (lms_prediction *)JUNK;
    CHECK_REFUSED(lms_llm_respond(NULL, LMS_TEXT("{}"), none, NULL, &prediction, error));
    CHECK(prediction == NULL);
    CHECK_REFUSED(lms_llm_respond(fixture->llm, LMS_TEXT("{}"), none, NULL, NULL, error));
    CHECK_REFUSED(lms_llm_respond(fixture->llm, none, none, NULL, &prediction, error));
    CHECK_REFUSED(lms_prediction_start(NULL, error));
    CHECK_REFUSED(lms_prediction_next(NULL, -1, &event, error));
    prediction = prediction_of(fixture->llm, "{\"maxTokens\": 1}");
    CHECK_REFUSED(lms_prediction_next(prediction, -1, NULL, error));
    CHECK(lms_prediction_start(prediction, NULL) == LMS_OK);
    while (lms_prediction_next(prediction, -1, &event, NULL) == LMS_OK) {
    }
    CHECK(lms_prediction_result(prediction) != NULL);
    lms_prediction_free(prediction);
}

const char *harness_null_arguments(const char *address) {
    fixture fixture;
    check_begin();
    if (fixture_open(&fixture, address)) {
        check_client_functions(&fixture);
        check_call_functions(&fixture);
        check_load_functions(&fixture);
        check_model_functions(&fixture);
        check_prediction_functions(&fixture);
    }
    fixture_free(&fixture);
    return check_end();
}
