#include "check.h"
#include "harness.h"

const char *harness_nul_in_texts(const char *address) {
    fixture fixture;
    check_begin();
    if (fixture_open(&fixture, address)) {
        lms_event event;
        lms_prediction *prediction = NULL;
        size_t whole = 0;
        size_t beginning = 0;
        CHECK(
            lms_llm_complete(
                fixture.llm,
                LMS_TEXT("a\0b"),
                LMS_TEXT("{\"maxTokens\": 1}"),
                NULL,
                &prediction,
                NULL) == LMS_OK);
        while (lms_prediction_next(prediction, -1, &event, NULL) == LMS_OK) {
        }
        CHECK(lms_prediction_result(prediction) != NULL);
        lms_prediction_free(prediction);
        CHECK(
            lms_llm_tokenize(fixture.llm, LMS_TEXT("a\0b"), NULL, NULL, 0, &whole, NULL) == LMS_OK);
        CHECK(
            lms_llm_tokenize(fixture.llm, LMS_TEXT("a"), NULL, NULL, 0, &beginning, NULL) ==
            LMS_OK);
        CHECK(whole > beginning);
    }
    fixture_free(&fixture);
    return check_end();
}

const char *harness_refused_text(const char *address, const char *data, size_t length) {
    const lms_text bad = LMS_TEXT_OF(data, length);
    fixture fixture;
    check_begin();
    if (fixture_open(&fixture, address)) {
        lms_client *client = fixture.client;
        lms_llm *llm = NULL;
        lms_load *load = NULL;
        lms_call *call = NULL;
        lms_prediction *prediction = NULL;
        lms_text json;
        size_t count;
        lms_load_options options;
        lms_load_options_init(&options, sizeof options);
        options.config = bad;
        CHECK_REFUSED(lms_client_call(client, "llm", "listLoaded", bad, NULL, &json, error));
        CHECK_REFUSED(lms_call_begin(client, "llm", "listLoaded", bad, NULL, &call, error));
        CHECK_REFUSED(lms_client_llm(client, NULL, bad, &llm, error));
        CHECK_REFUSED(lms_load_begin(client, &options, &load, error));
        CHECK_REFUSED(lms_llm_tokenize(fixture.llm, bad, NULL, NULL, 0, &count, error));
        CHECK_REFUSED(lms_llm_complete(fixture.llm, bad, LMS_NO_TEXT, NULL, &prediction, error));
        CHECK_REFUSED(lms_llm_complete(fixture.llm, LMS_TEXT("x"), bad, NULL, &prediction, error));
        lms_llm_free(llm);
        lms_load_free(load);
        lms_prediction_free(prediction);
    }
    fixture_free(&fixture);
    return check_end();
}

const char *harness_refused_string(const char *address, const char *string) {
    lms_client_options client_options;
    lms_client *client;
    check_begin();
    client = client_of(address);
    if (client) {
        lms_client *opened = NULL;
        lms_llm *llm = NULL;
        lms_load *load = NULL;
        lms_text json;
        int32_t is_there;
        lms_load_options options;
        lms_client_options_init(&client_options, sizeof client_options);
        client_options.address = string;
        CHECK_REFUSED(lms_client_open(&client_options, &opened, error));
        client_options.address = "localhost";
        client_options.api_token = string;
        CHECK_REFUSED(lms_client_open(&client_options, &opened, error));
        client_options.api_token = NULL;
        client_options.ca_file = string;
        CHECK_REFUSED(lms_client_open(&client_options, &opened, error));
        CHECK_REFUSED(lms_server_is_at(string, 1000, &is_there, error));
        CHECK_REFUSED(
            lms_client_call(client, string, "listLoaded", LMS_NO_TEXT, NULL, &json, error));
        CHECK_REFUSED(lms_client_call(client, "llm", string, LMS_NO_TEXT, NULL, &json, error));
        CHECK_REFUSED(lms_client_llm(client, string, LMS_NO_TEXT, &llm, error));
        CHECK_REFUSED(lms_client_llm_handle(client, string, &llm, error));
        lms_load_options_init(&options, sizeof options);
        options.model_key = string;
        CHECK_REFUSED(lms_load_begin(client, &options, &load, error));
        lms_load_options_init(&options, sizeof options);
        options.identifier = string;
        CHECK_REFUSED(lms_load_begin(client, &options, &load, error));
    }
    lms_client_free(client);
    return check_end();
}
