#include "check.h"
#include "harness.h"

#include <pthread.h>

/* Begins to load another instance, however many there are, and sees its first step. */
static lms_load *load_of(lms_client *client) {
    lms_load *load = NULL;
    double progress = -1;
    lms_load_options options;
    lms_load_options_init(&options, sizeof options);
    options.new_instance = 1;
    CHECK(lms_load_begin(client, &options, &load, NULL) == LMS_OK);
    CHECK(lms_load_next(load, -1, &progress, NULL) == LMS_OK);
    CHECK(progress >= 0 && progress < 1);
    return load;
}

const char *harness_load_to_the_end(const char *address) {
    lms_client *client;
    lms_load *load;
    lms_llm *llm = NULL;
    lms_status status;
    double progress = 0;
    double last = 0;
    check_begin();
    client = client_of(address);
    load = load_of(client);
    CHECK_FAILS(LMS_ERROR_STATE, lms_load_llm(load, &llm, error));
    while ((status = lms_load_next(load, -1, &progress, NULL)) == LMS_OK) {
        CHECK(progress > last);
        last = progress;
    }
    CHECK(status == LMS_END);
    CHECK(last == 1);
    CHECK(lms_load_next(load, -1, &progress, NULL) == LMS_END);
    lms_load_cancel(load);
    CHECK(lms_load_next(load, 0, &progress, NULL) == LMS_END);
    CHECK(lms_load_llm(load, &llm, NULL) == LMS_OK);
    lms_load_free(load);
    CHECK(lms_llm_identifier(llm).length > 0);
    CHECK(lms_llm_unload(llm, NULL) == LMS_OK);
    lms_llm_free(llm);
    lms_client_free(client);
    return check_end();
}

const char *harness_cancelling_a_load(const char *address) {
    lms_client *client;
    lms_load *load;
    lms_llm *llm = NULL;
    check_begin();
    client = client_of(address);
    load = load_of(client);
    lms_load_cancel(load);
    CHECK_FAILS(LMS_ERROR_CANCELLED, lms_load_next(load, -1, NULL, error));
    CHECK(lms_load_llm(load, &llm, NULL) < 0);
    CHECK(llm == NULL);
    lms_load_free(load);
    lms_client_free(client);
    return check_end();
}

const char *harness_freeing_a_load(const char *address) {
    lms_client *client;
    check_begin();
    client = client_of(address);
    size_t count = lms_live_handle_count();
    for (int index = 0; index < 5; index++) {
        lms_load_free(load_of(client));
    }
    CHECK(lms_live_handle_count() == count);
    lms_client_free(client);
    return check_end();
}

const char *harness_closing_while_loading(const char *address) {
    lms_client *client;
    lms_load *load;
    check_begin();
    client = client_of(address);
    load = load_of(client);
    lms_client_close(client);
    CHECK_FAILS(LMS_ERROR_CANCELLED, lms_load_next(load, -1, NULL, error));
    lms_load_free(load);
    lms_client_free(client);
    return check_end();
}

static void *next_until_failure(void *load) {
    static lms_status status;
    while ((status = lms_load_next(load, -1, NULL, NULL)) == LMS_OK) {
    }
    return &status;
}

const char *harness_freeing_a_load_while_waiting(const char *address) {
    lms_client *client;
    lms_load *load;
    pthread_t thread;
    void *status = NULL;
    check_begin();
    client = client_of(address);
    load = load_of(client);
    CHECK(pthread_create(&thread, NULL, next_until_failure, load) == 0);
    lms_load_free(load);
    CHECK(pthread_join(thread, &status) == 0);
    /* A thread that did not wait yet, or was between two steps, finds the handle gone. */
    CHECK(
        *(lms_status *)status == LMS_ERROR_CANCELLED ||
        *(lms_status *)status == LMS_ERROR_INVALID_ARGUMENT);
    lms_client_free(client);
    return check_end();
}

const char *harness_unknown_model(const char *address) {
    lms_client *client;
    lms_llm *llm = NULL;
    lms_load *load = NULL;
    lms_load_options options;
    check_begin();
    client = client_of(address);
    CHECK_FAILS(
        LMS_ERROR_MODEL_NOT_FOUND,
        lms_client_llm(client, "no-such-model", LMS_NO_TEXT, &llm, error));
    lms_load_options_init(&options, sizeof options);
    options.model_key = "no-such-model";
    CHECK(lms_load_begin(client, &options, &load, NULL) == LMS_OK);
    CHECK_FAILS(LMS_ERROR_MODEL_NOT_FOUND, lms_load_next(load, -1, NULL, error));
    lms_load_free(load);
    lms_client_free(client);
    return check_end();
}
