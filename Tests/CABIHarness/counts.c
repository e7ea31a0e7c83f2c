#include "check.h"
#include "harness.h"

enum { TIMES = 1000 };

static void make_and_free_texts(const fixture *fixture) {
    for (int index = 0; index < TIMES; index++) {
        lms_text json;
        CHECK(lms_llm_info(fixture->llm, NULL, &json, NULL) == LMS_OK);
        lms_text_free(&json);
    }
}

static void make_and_free_errors(void) {
    for (int index = 0; index < TIMES; index++) {
        lms_error *error = NULL;
        CHECK(lms_client_open(NULL, NULL, &error) == LMS_ERROR_INVALID_ARGUMENT);
        lms_error_free(error);
    }
}

static void make_and_free_clients(const char *address) {
    for (int index = 0; index < TIMES; index++) {
        lms_client_free(client_of(address));
    }
}

static void make_and_free_calls(const fixture *fixture) {
    for (int index = 0; index < TIMES; index++) {
        lms_call *call = NULL;
        CHECK(lms_llm_load_config_begin(fixture->llm, NULL, &call, NULL) == LMS_OK);
        lms_call_free(call);
    }
}

static void make_and_free_loads(const fixture *fixture) {
    for (int index = 0; index < TIMES; index++) {
        lms_load *load = NULL;
        CHECK(lms_load_begin(fixture->client, NULL, &load, NULL) == LMS_OK);
        lms_load_free(load);
    }
}

static void make_and_free_models(const fixture *fixture) {
    for (int index = 0; index < TIMES; index++) {
        lms_llm *llm = NULL;
        CHECK(lms_client_llm_handle(fixture->client, "x", &llm, NULL) == LMS_OK);
        lms_llm_free(llm);
    }
}

static void make_and_free_predictions(const fixture *fixture) {
    for (int index = 0; index < TIMES; index++) {
        lms_prediction_free(prediction_of(fixture->llm, NULL));
    }
}

const char *harness_thousand_handles(const char *address) {
    fixture fixture;
    check_begin();
    size_t before = lms_live_handle_count();
    if (fixture_open(&fixture, address)) {
        size_t count = lms_live_handle_count();
        CHECK(count == before + 2);
        make_and_free_texts(&fixture);
        CHECK(lms_live_handle_count() == count);
        make_and_free_errors();
        CHECK(lms_live_handle_count() == count);
        make_and_free_clients(address);
        CHECK(lms_live_handle_count() == count);
        make_and_free_calls(&fixture);
        CHECK(lms_live_handle_count() == count);
        make_and_free_loads(&fixture);
        CHECK(lms_live_handle_count() == count);
        make_and_free_models(&fixture);
        CHECK(lms_live_handle_count() == count);
        make_and_free_predictions(&fixture);
        CHECK(lms_live_handle_count() == count);
    }
    fixture_free(&fixture);
    CHECK(lms_live_handle_count() == before);
    return check_end();
}

const char *harness_finished_predictions_are_freed(const char *address) {
    fixture fixture;
    check_begin();
    if (fixture_open(&fixture, address)) {
        size_t count = lms_live_handle_count();
        for (int index = 0; index < 50; index++) {
            lms_event event;
            lms_prediction *prediction = prediction_of(fixture.llm, "{\"maxTokens\": 1}");
            while (lms_prediction_next(prediction, -1, &event, NULL) == LMS_OK) {
            }
            CHECK(lms_live_handle_count() == count + 2);
            lms_prediction_free(prediction);
            CHECK(lms_live_handle_count() == count);
        }
    }
    fixture_free(&fixture);
    return check_end();
}
