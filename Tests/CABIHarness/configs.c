#include "check.h"
#include "harness.h"

int32_t harness_prediction_config_status(const char *address, const char *config) {
    fixture fixture;
    lms_status status = INT32_MIN;
    check_begin();
    if (fixture_open(&fixture, address)) {
        lms_prediction *prediction = NULL;
        lms_text options = text_of(config);
        status = lms_llm_complete(fixture.llm, LMS_TEXT("x"), options, NULL, &prediction, NULL);
        lms_prediction_free(prediction);
    }
    fixture_free(&fixture);
    return status;
}

int32_t harness_chat_status(const char *address, const char *chat) {
    fixture fixture;
    lms_status status = INT32_MIN;
    check_begin();
    if (fixture_open(&fixture, address)) {
        const lms_text none = LMS_NO_TEXT;
        lms_prediction *prediction = NULL;
        status = lms_llm_respond(fixture.llm, text_of(chat), none, NULL, &prediction, NULL);
        lms_prediction_free(prediction);
    }
    fixture_free(&fixture);
    return status;
}

int32_t harness_load_config_status(const char *address, const char *config) {
    lms_client *client;
    lms_status status;
    lms_load *load = NULL;
    lms_load_options options;
    check_begin();
    client = client_of(address);
    lms_load_options_init(&options, sizeof options);
    options.config = text_of(config);
    status = lms_load_begin(client, &options, &load, NULL);
    lms_load_free(load);
    lms_client_free(client);
    return status;
}

static int holds(lms_text text, const char *part) {
    size_t size = strlen(part);
    for (size_t index = 0; index + size <= text.length; index++) {
        if (memcmp(text.data + index, part, size) == 0) {
            return 1;
        }
    }
    return 0;
}

const char *harness_prediction_warnings(const char *address) {
    fixture fixture;
    check_begin();
    if (fixture_open(&fixture, address)) {
        lms_prediction *prediction = prediction_of(fixture.llm, "{\"maxToken\": 1, \"foo\": 2}");
        CHECK(holds(lms_prediction_warning(prediction, 0), "\"foo\""));
        CHECK(holds(lms_prediction_warning(prediction, 1), "\"maxToken\""));
        CHECK(holds(lms_prediction_warning(prediction, 1), "\"maxTokens\""));
        CHECK(lms_prediction_warning(prediction, 2).length == 0);
        CHECK(lms_prediction_warning(prediction, SIZE_MAX).length == 0);
        lms_prediction_free(prediction);
    }
    fixture_free(&fixture);
    return check_end();
}

const char *harness_load_warnings(const char *address) {
    lms_client *client;
    lms_load *load = NULL;
    lms_load_options options;
    check_begin();
    client = client_of(address);
    lms_load_options_init(&options, sizeof options);
    options.config = LMS_TEXT("{\"contextLenght\": 512}");
    CHECK(lms_load_begin(client, &options, &load, NULL) == LMS_OK);
    CHECK(holds(lms_load_warning(load, 0), "\"contextLength\""));
    CHECK(lms_load_warning(load, 1).length == 0);
    CHECK(lms_load_warning(load, SIZE_MAX).length == 0);
    lms_load_free(load);
    lms_client_free(client);
    return check_end();
}
