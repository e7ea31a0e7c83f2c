#include "check.h"
#include "harness.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

/* Handles that the parent made. */
typedef struct heritage {
    fixture fixture;
    lms_load *load;
    lms_call *call;
    lms_prediction *prediction;
    const char *address;
} heritage;

/* A child that hangs is ended by the alarm. */
enum { PATIENCE_SECONDS = 30 };

/* Runs `body` in a child and takes over what it found wrong. */
static void in_a_child(void (*body)(const heritage *), const heritage *heritage) {
    int ends[2];
    int status = 0;
    char text[4096];
    size_t length = 0;
    CHECK(pipe(ends) == 0);
    pid_t child = fork();
    if (child == 0) {
        alarm(PATIENCE_SECONDS);
        body(heritage);
        const char *failures = check_end();
        _exit(write(ends[1], failures, strlen(failures)) < 0);
    }
    CHECK(child > 0);
    close(ends[1]);
    for (ssize_t size; (size = read(ends[0], text + length, sizeof text - 1 - length)) > 0;) {
        length += (size_t)size;
    }
    close(ends[0]);
    text[length] = '\0';
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    if (length > 0) {
        check_failed("in the child", 0, text);
    }
}

#define CHECK_STATE(call)                                                                          \
    do {                                                                                           \
        lms_error *check_error = NULL;                                                             \
        lms_error **error = &check_error;                                                          \
        CHECK((call) == LMS_ERROR_STATE);                                                          \
        lms_error_free(check_error);                                                               \
        error = NULL;                                                                              \
        CHECK((call) == LMS_ERROR_STATE);                                                          \
    } while (0)

static void call_everything(const heritage *heritage) {
    const lms_text none = LMS_NO_TEXT;
    lms_client *client = heritage->fixture.client;
    lms_llm *llm = heritage->fixture.llm;
    lms_client_options client_options;
    lms_load_options load_options;
    lms_client *opened;
    lms_llm *other;
    lms_load *load;
    lms_call *call;
    lms_prediction *prediction;
    lms_text json;
    int32_t is_there;
    lms_event event;
    size_t count;
    lms_client_options_init(&client_options, sizeof client_options);
    lms_load_options_init(&load_options, sizeof load_options);
    client_options.address = heritage->address;
    CHECK_STATE(lms_client_open(&client_options, &opened, error));
    CHECK_STATE(lms_client_open(NULL, &opened, error));
    CHECK_STATE(lms_client_call(client, "llm", "listLoaded", none, NULL, &json, error));
    CHECK_STATE(lms_call_begin(client, "llm", "listLoaded", none, NULL, &call, error));
    CHECK_STATE(lms_call_wait(heritage->call, -1, &json, error));
    CHECK_STATE(lms_server_is_at("localhost", 1000, &is_there, error));
    CHECK_STATE(lms_server_find(1000, &json, error));
    CHECK_STATE(lms_log_keep(LMS_LOG_DEBUG, error));
    CHECK_STATE(lms_log_next(&is_there, &json, error));
    CHECK_STATE(lms_load_begin(client, &load_options, &load, error));
    CHECK_STATE(lms_load_next(heritage->load, -1, NULL, error));
    CHECK_STATE(lms_load_llm(heritage->load, &other, error));
    CHECK_STATE(lms_client_llm(client, NULL, none, &other, error));
    CHECK_STATE(lms_client_llm_handle(client, "x", &other, error));
    CHECK_STATE(lms_llm_info(llm, NULL, &json, error));
    CHECK_STATE(lms_llm_load_config(llm, NULL, &json, error));
    CHECK_STATE(lms_llm_load_config_begin(llm, NULL, &call, error));
    CHECK_STATE(lms_llm_tokenize(llm, LMS_TEXT("x"), NULL, NULL, 0, &count, error));
    CHECK_STATE(lms_llm_complete(llm, LMS_TEXT("x"), none, NULL, &prediction, error));
    CHECK_STATE(lms_prediction_start(heritage->prediction, error));
    CHECK_STATE(lms_prediction_next(heritage->prediction, -1, &event, error));
    CHECK_STATE(lms_llm_unload(llm, NULL, error));
    CHECK(text_is(text_of(lms_version()), LMS_VERSION_STRING));
    (void)lms_live_handle_count();
    (void)lms_client_address(client);
    (void)lms_llm_identifier(llm);
    (void)lms_load_warning(heritage->load, 0);
    (void)lms_load_step(heritage->load, 0);
    (void)lms_prediction_warning(heritage->prediction, 0);
    (void)lms_prediction_result(heritage->prediction);
    lms_call_cancel(heritage->call);
    lms_load_cancel(heritage->load);
    lms_prediction_cancel(heritage->prediction);
    lms_client_close(client);
    lms_call_free(heritage->call);
    lms_load_free(heritage->load);
    lms_prediction_free(heritage->prediction);
    lms_llm_free(llm);
    lms_client_free(client);
}

static void read_an_error(const heritage *heritage) {
    lms_error *error = NULL;
    lms_text json;
    CHECK(lms_llm_info(heritage->fixture.llm, NULL, &json, &error) == LMS_ERROR_STATE);
    CHECK(lms_error_code(error) == LMS_ERROR_STATE);
    CHECK(lms_error_message(error).length > 0);
    CHECK(lms_error_details(error).length == 0);
    lms_error_free(error);
}

/* Forks with a running prediction and a finished load about, and checks that they go on. */
static const char *fork_and_run(void (*body)(const heritage *), const char *address) {
    heritage heritage = {.address = address};
    check_begin();
    if (fixture_open(&heritage.fixture, address)) {
        lms_event event;
        CHECK(lms_load_begin(heritage.fixture.client, NULL, &heritage.load, NULL) == LMS_OK);
        CHECK(
            lms_llm_load_config_begin(heritage.fixture.llm, NULL, &heritage.call, NULL) == LMS_OK);
        heritage.prediction = prediction_of(heritage.fixture.llm, NULL);
        CHECK(lms_prediction_next(heritage.prediction, -1, &event, NULL) == LMS_OK);
        in_a_child(body, &heritage);
        CHECK(lms_prediction_next(heritage.prediction, -1, &event, NULL) == LMS_OK);
    }
    lms_call_free(heritage.call);
    lms_load_free(heritage.load);
    lms_prediction_free(heritage.prediction);
    fixture_free(&heritage.fixture);
    return check_end();
}

const char *harness_forked_calls(const char *address) {
    return fork_and_run(call_everything, address);
}

const char *harness_forked_errors(const char *address) {
    return fork_and_run(read_an_error, address);
}

static atomic_int goes_on;

static void *keep_calling(void *argument) {
    const heritage *heritage = argument;
    while (atomic_load(&goes_on)) {
        lms_llm *llm = NULL;
        CHECK(lms_client_llm_handle(heritage->fixture.client, "x", &llm, NULL) == LMS_OK);
        lms_llm_free(llm);
    }
    return NULL;
}

const char *harness_forking_while_others_call(const char *address) {
    heritage heritage = {.address = address};
    check_begin();
    if (fixture_open(&heritage.fixture, address)) {
        pthread_t thread;
        atomic_store(&goes_on, 1);
        CHECK(pthread_create(&thread, NULL, keep_calling, &heritage) == 0);
        for (int index = 0; index < 100 && check_end()[0] == '\0'; index++) {
            in_a_child(call_everything, &heritage);
        }
        atomic_store(&goes_on, 0);
        CHECK(pthread_join(thread, NULL) == 0);
    }
    fixture_free(&heritage.fixture);
    return check_end();
}
