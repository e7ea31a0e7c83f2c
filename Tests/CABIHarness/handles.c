#include "check.h"
#include "harness.h"

#include <math.h>

typedef enum { NO_HANDLE, ERROR, CLIENT, CALL, LOAD, LLM, PREDICTION, RESULT } kind;

/* Each group of functions is called with a handle that is none of theirs. */

static void check_no_error(void *handle) {
    CHECK(lms_error_code(handle) == LMS_OK);
    CHECK(lms_error_message(handle).length == 0);
    CHECK(lms_error_details(handle).length == 0);
    lms_error_free(handle);
}

static void check_no_client(void *handle) {
    lms_text json;
    lms_llm *llm;
    lms_load *load;
    lms_call *call;
    CHECK(lms_client_address(handle).length == 0);
    CHECK_REFUSED(lms_call_begin(handle, "llm", "listLoaded", LMS_NO_TEXT, NULL, &call, error));
    CHECK_REFUSED(lms_client_call(handle, "llm", "listLoaded", LMS_NO_TEXT, NULL, &json, error));
    CHECK_REFUSED(lms_load_begin(handle, NULL, &load, error));
    CHECK_REFUSED(lms_client_llm(handle, NULL, LMS_NO_TEXT, &llm, error));
    CHECK_REFUSED(lms_client_llm_handle(handle, "x", &llm, error));
    lms_client_close(handle);
    lms_client_free(handle);
}

static void check_no_call(void *handle) {
    lms_text json;
    CHECK_REFUSED(lms_call_wait(handle, 0, &json, error));
    lms_call_cancel(handle);
    lms_call_free(handle);
}

static void check_no_load(void *handle) {
    double progress;
    lms_llm *llm;
    CHECK_REFUSED(lms_load_next(handle, 0, &progress, error));
    CHECK_REFUSED(lms_load_llm(handle, &llm, error));
    CHECK(lms_load_warning(handle, 0).length == 0);
    CHECK(lms_load_step(handle, 0).length == 0);
    lms_load_cancel(handle);
    lms_load_free(handle);
}

static void check_no_llm(void *handle) {
    lms_text json;
    size_t count;
    lms_call *call;
    lms_prediction *prediction;
    CHECK(lms_llm_identifier(handle).length == 0);
    CHECK_REFUSED(lms_llm_load_config_begin(handle, NULL, &call, error));
    CHECK_REFUSED(lms_llm_info(handle, NULL, &json, error));
    CHECK_REFUSED(lms_llm_load_config(handle, NULL, &json, error));
    CHECK_REFUSED(lms_llm_tokenize(handle, LMS_TEXT("x"), NULL, NULL, 0, &count, error));
    CHECK_REFUSED(lms_llm_complete(handle, LMS_TEXT("x"), LMS_NO_TEXT, NULL, &prediction, error));
    CHECK_REFUSED(lms_llm_unload(handle, NULL, error));
    lms_llm_free(handle);
}

static void check_no_prediction(void *handle) {
    lms_event event;
    CHECK_REFUSED(lms_prediction_start(handle, error));
    CHECK_REFUSED(lms_prediction_next(handle, 0, &event, error));
    CHECK(lms_prediction_result(handle) == NULL);
    CHECK(lms_prediction_warning(handle, 0).length == 0);
    lms_prediction_cancel(handle);
    lms_prediction_free(handle);
}

static void check_no_result(void *handle) {
    CHECK(lms_result_content(handle).length == 0);
    CHECK(lms_result_stop_reason(handle).length == 0);
    CHECK(lms_result_stop_string(handle).length == 0);
    CHECK(lms_result_prompt_tokens_count(handle) == -1);
    CHECK(lms_result_predicted_tokens_count(handle) == -1);
    CHECK(lms_result_total_tokens_count(handle) == -1);
    CHECK(isnan(lms_result_tokens_per_second(handle)));
    CHECK(isnan(lms_result_time_to_first_token_seconds(handle)));
    CHECK(isnan(lms_result_total_time_seconds(handle)));
    CHECK(lms_result_stats(handle).length == 0);
    CHECK(lms_result_model_info(handle).length == 0);
    CHECK(lms_result_load_config(handle).length == 0);
    CHECK(lms_result_prediction_config(handle).length == 0);
    CHECK(lms_result_address(handle).length == 0);
}

/* Calls every function that does not take this kind, and looks whether a handle is gone. */
static void check_refused_everywhere(void *handle, kind kind) {
    size_t count = lms_live_handle_count();
    if (kind != ERROR) {
        check_no_error(handle);
    }
    if (kind != CLIENT) {
        check_no_client(handle);
    }
    if (kind != CALL) {
        check_no_call(handle);
    }
    if (kind != LOAD) {
        check_no_load(handle);
    }
    if (kind != LLM) {
        check_no_llm(handle);
    }
    if (kind != PREDICTION) {
        check_no_prediction(handle);
    }
    if (kind != RESULT) {
        check_no_result(handle);
    }
    CHECK(lms_live_handle_count() == count);
}

/* One handle of each kind. */
typedef struct collection {
    fixture fixture;
    lms_error *error;
    lms_call *call;
    lms_load *load;
    lms_prediction *prediction;
    const lms_result *result;
} collection;

static int collection_open(collection *all, const char *address) {
    lms_event event;
    memset(all, 0, sizeof *all);
    if (!fixture_open(&all->fixture, address)) {
        return 0;
    }
    CHECK(lms_client_open(NULL, NULL, &all->error) == LMS_ERROR_INVALID_ARGUMENT);
    CHECK(lms_llm_load_config_begin(all->fixture.llm, NULL, &all->call, NULL) == LMS_OK);
    CHECK(lms_load_begin(all->fixture.client, NULL, &all->load, NULL) == LMS_OK);
    while (lms_load_next(all->load, -1, NULL, NULL) == LMS_OK) {
    }
    all->prediction = prediction_of(all->fixture.llm, "{\"maxTokens\": 1}");
    while (lms_prediction_next(all->prediction, -1, &event, NULL) == LMS_OK) {
    }
    all->result = lms_prediction_result(all->prediction);
    CHECK(all->result != NULL);
    return 1;
}

static void collection_free(collection *all) {
    lms_error_free(all->error);
    lms_call_free(all->call);
    lms_load_free(all->load);
    lms_prediction_free(all->prediction);
    fixture_free(&all->fixture);
}

const char *harness_wild_handle(const char *address, uintptr_t value) {
    collection all;
    check_begin();
    if (collection_open(&all, address)) {
        check_refused_everywhere((void *)value, NO_HANDLE);
    }
    collection_free(&all);
    return check_end();
}

const char *harness_freed_handles(const char *address) {
    collection all;
    check_begin();
    if (collection_open(&all, address)) {
        collection_free(&all);
        check_refused_everywhere(all.error, NO_HANDLE);
        check_refused_everywhere(all.fixture.client, NO_HANDLE);
        check_refused_everywhere(all.call, NO_HANDLE);
        check_refused_everywhere(all.load, NO_HANDLE);
        check_refused_everywhere(all.fixture.llm, NO_HANDLE);
        check_refused_everywhere(all.prediction, NO_HANDLE);
        check_refused_everywhere((void *)all.result, NO_HANDLE);
    }
    /* Freeing them again does nothing. */
    collection_free(&all);
    return check_end();
}

const char *harness_handles_of_another_type(const char *address) {
    collection all;
    check_begin();
    if (collection_open(&all, address)) {
        check_refused_everywhere(all.error, ERROR);
        check_refused_everywhere(all.fixture.client, CLIENT);
        check_refused_everywhere(all.call, CALL);
        check_refused_everywhere(all.load, LOAD);
        check_refused_everywhere(all.fixture.llm, LLM);
        check_refused_everywhere(all.prediction, PREDICTION);
        check_refused_everywhere((void *)all.result, RESULT);
    }
    collection_free(&all);
    return check_end();
}

const char *harness_misaligned_handle(const char *address) {
    collection all;
    check_begin();
    if (collection_open(&all, address)) {
        check_no_client((char *)all.fixture.client + 1);
        CHECK(lms_client_address(all.fixture.client).length > 0);
    }
    collection_free(&all);
    return check_end();
}
