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
    status = lms_load_llm(load, &llm, NULL);
    /* On a slow day the model is there already. */
    CHECK(status == LMS_ERROR_STATE || status == LMS_OK);
    lms_llm_free(llm);
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
    CHECK(lms_llm_unload(llm, NULL, NULL) == LMS_OK);
    lms_llm_free(llm);
    lms_client_free(client);
    return check_end();
}

const char *harness_load_for_ever(const char *address) {
    lms_client *client;
    lms_load *load = NULL;
    lms_load_options options;
    lms_status status;
    check_begin();
    client = client_of(address);
    lms_load_options_init(&options, sizeof options);
    options.ttl_ms = INT64_MAX;
    CHECK(lms_load_begin(client, &options, &load, NULL) == LMS_OK);
    while ((status = lms_load_next(load, -1, NULL, NULL)) == LMS_OK) {
    }
    CHECK(status == LMS_END);
    lms_load_free(load);
    lms_client_free(client);
    return check_end();
}

const char *harness_load_verified(const char *address) {
    lms_client *client;
    lms_load *load = NULL;
    lms_load_options options;
    lms_error *error = NULL;
    lms_status status;
    check_begin();
    client = client_of(address);
    lms_load_options_init(&options, sizeof options);
    options.new_instance = 1;
    options.config = LMS_TEXT("{\"contextLength\": 256, \"evalBatchSize\": 1024}");
    options.verify = 2;
    CHECK(lms_load_begin(client, &options, &load, NULL) == LMS_ERROR_INVALID_ARGUMENT);
    options.verify = 1;
    CHECK(lms_load_begin(client, &options, &load, NULL) == LMS_OK);
    while ((status = lms_load_next(load, -1, NULL, &error)) == LMS_OK) {
    }
    CHECK(status == LMS_ERROR_STATE);
    CHECK(strstr(lms_error_message(error).data, "evalBatchSize is 256, not 1024") != NULL);
    lms_error_free(error);
    lms_load_free(load);
    lms_client_free(client);
    return check_end();
}

/* The status that a load ends with. */
static lms_status last_status(lms_load *load) {
    lms_status status;
    while ((status = lms_load_next(load, -1, NULL, NULL)) == LMS_OK) {
    }
    return status;
}

/* Ends a load on its way, again where the model was there first. */
static const char *end_on_its_way(const char *address, void (*end)(lms_client *, lms_load *)) {
    enum { ATTEMPTS = 100 };
    lms_status status = LMS_END;
    check_begin();
    for (int attempt = 0; attempt < ATTEMPTS && status == LMS_END; attempt++) {
        lms_client *client = client_of(address);
        lms_load *load = load_of(client);
        end(client, load);
        status = last_status(load);
        if (status != LMS_END) {
            lms_llm *llm = JUNK;
            CHECK_FAILS(LMS_ERROR_CANCELLED, lms_load_next(load, -1, NULL, error));
            CHECK(lms_load_llm(load, &llm, NULL) < 0);
            CHECK(llm == NULL);
        }
        lms_load_free(load);
        lms_client_free(client);
    }
    CHECK(status == LMS_ERROR_CANCELLED);
    return check_end();
}

static void cancel_the_load(lms_client *client, lms_load *load) {
    (void)client;
    lms_load_cancel(load);
}

static void close_the_client(lms_client *client, lms_load *load) {
    (void)load;
    lms_client_close(client);
}

const char *harness_cancelling_a_load(const char *address) {
    return end_on_its_way(address, cancel_the_load);
}

const char *harness_closing_while_loading(const char *address) {
    return end_on_its_way(address, close_the_client);
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

static void *pull(void *load) {
    static lms_status status;
    status = last_status(load);
    return &status;
}

const char *harness_freeing_a_load_while_waiting(const char *address) {
    lms_client *client;
    lms_load *load;
    pthread_t thread;
    void *result = NULL;
    lms_status status;
    check_begin();
    client = client_of(address);
    load = load_of(client);
    CHECK(pthread_create(&thread, NULL, pull, load) == 0);
    lms_load_free(load);
    CHECK(pthread_join(thread, &result) == 0);
    status = *(lms_status *)result;
    /* A thread that did not wait yet, or was between two steps, finds the handle gone; on a slow
       day the model was there first. */
    CHECK(
        status == LMS_ERROR_CANCELLED || status == LMS_ERROR_INVALID_ARGUMENT || status == LMS_END);
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
