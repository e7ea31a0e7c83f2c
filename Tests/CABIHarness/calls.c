#include "check.h"
#include "harness.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

/* A server that takes connections and says nothing. */
typedef struct silent_server {
    int descriptor;
    char address[32];
    lms_client *client;
} silent_server;

static int silent_server_open(silent_server *server) {
    struct sockaddr_in name = {.sin_family = AF_INET};
    socklen_t size = sizeof name;
    memset(server, 0, sizeof *server);
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    server->descriptor = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(server->descriptor, (struct sockaddr *)&name, sizeof name) != 0 ||
        listen(server->descriptor, 16) != 0 ||
        getsockname(server->descriptor, (struct sockaddr *)&name, &size) != 0) {
        check_failed(__FILE__, __LINE__, "no port to listen on");
        return 0;
    }
    snprintf(server->address, sizeof server->address, "127.0.0.1:%d", ntohs(name.sin_port));
    server->client = client_of(server->address);
    return server->client != NULL;
}

static void silent_server_free(silent_server *server) {
    lms_client_free(server->client);
    close(server->descriptor);
}

/* A call that nobody answers. */
static lms_call *call_of(lms_client *client, int64_t timeout_ms, int64_t idle_timeout_ms) {
    lms_call *call = NULL;
    lms_call_options options;
    lms_call_options_init(&options, sizeof options);
    options.timeout_ms = timeout_ms;
    options.idle_timeout_ms = idle_timeout_ms;
    CHECK(
        lms_call_begin(client, "llm", "listLoaded", LMS_NO_TEXT, &options, &call, NULL) == LMS_OK);
    return call;
}

const char *harness_call_to_the_end(const char *address) {
    fixture fixture;
    check_begin();
    if (fixture_open(&fixture, address)) {
        lms_call *call = NULL;
        lms_text json = LMS_NO_TEXT;
        lms_status status;
        call = call_of(fixture.client, LMS_TIMEOUT_NONE, LMS_TIMEOUT_NONE);
        do {
            status = lms_call_wait(call, 0, &json, NULL);
        } while (status == LMS_PENDING);
        CHECK(status == LMS_OK);
        CHECK(json.length > 2 && json.data[0] == '[');
        lms_text_free(&json);
        lms_call_cancel(call);
        CHECK(lms_call_wait(call, -1, &json, NULL) == LMS_END);
        CHECK(json.length == 0);
        lms_call_free(call);
        CHECK(lms_llm_load_config_begin(fixture.llm, NULL, &call, NULL) == LMS_OK);
        CHECK(lms_call_wait(call, -1, &json, NULL) == LMS_OK);
        CHECK(json.length > 2 && json.data[0] == '{');
        lms_text_free(&json);
        lms_call_free(call);
        CHECK(
            lms_call_begin(fixture.client, "llm", "noSuch", LMS_NO_TEXT, NULL, &call, NULL) ==
            LMS_OK);
        CHECK_FAILS(LMS_ERROR_UNSUPPORTED, lms_call_wait(call, -1, &json, error));
        lms_call_free(call);
    }
    fixture_free(&fixture);
    return check_end();
}

/* Whether the answer to a call is there when the call has begun. */
static int is_answered(lms_call *call) {
    lms_text json = LMS_NO_TEXT;
    lms_status status = lms_call_wait(call, 0, &json, NULL);
    lms_text_free(&json);
    lms_call_free(call);
    return status == LMS_OK;
}

const char *harness_small_calls_are_answered_at_once(const char *address) {
    fixture fixture;
    check_begin();
    if (fixture_open(&fixture, address)) {
        lms_call *call = NULL;
        for (int round = 0; round < 50; round++) {
            CHECK(lms_llm_load_config_begin(fixture.llm, NULL, &call, NULL) == LMS_OK);
            CHECK(is_answered(call));
            CHECK(
                lms_call_begin(
                    fixture.client, "llm", "listLoaded", LMS_NO_TEXT, NULL, &call, NULL) == LMS_OK);
            CHECK(is_answered(call));
        }
    }
    fixture_free(&fixture);
    return check_end();
}

const char *harness_call_timeouts(void) {
    silent_server server;
    check_begin();
    if (silent_server_open(&server)) {
        lms_text json;
        lms_call *call = call_of(server.client, LMS_TIMEOUT_NONE, LMS_TIMEOUT_NONE);
        CHECK(lms_call_wait(call, 20, &json, NULL) == LMS_PENDING);
        lms_call_free(call);
        call = call_of(server.client, 20, LMS_TIMEOUT_DEFAULT);
        CHECK_FAILS(LMS_ERROR_TIMED_OUT, lms_call_wait(call, -1, &json, error));
        lms_call_free(call);
        call = call_of(server.client, LMS_TIMEOUT_DEFAULT, 20);
        CHECK_FAILS(LMS_ERROR_TIMED_OUT, lms_call_wait(call, -1, &json, error));
        lms_call_free(call);
    }
    silent_server_free(&server);
    return check_end();
}

const char *harness_refused_timeout(const char *address, int64_t timeout_ms) {
    fixture fixture;
    check_begin();
    if (fixture_open(&fixture, address)) {
        lms_call *call = NULL;
        lms_load *load = NULL;
        lms_client *client = NULL;
        lms_prediction *prediction = NULL;
        lms_text json;
        lms_call_options options;
        lms_load_options load_options;
        lms_client_options client_options;
        lms_complete_options complete_options;
        lms_call_options_init(&options, sizeof options);
        options.timeout_ms = timeout_ms;
        CHECK_REFUSED(lms_llm_load_config_begin(fixture.llm, &options, &call, error));
        CHECK_REFUSED(lms_llm_info(fixture.llm, &options, &json, error));
        lms_call_options_init(&options, sizeof options);
        options.idle_timeout_ms = timeout_ms;
        CHECK_REFUSED(lms_llm_load_config_begin(fixture.llm, &options, &call, error));
        lms_load_options_init(&load_options, sizeof load_options);
        load_options.timeout_ms = timeout_ms;
        CHECK_REFUSED(lms_load_begin(fixture.client, &load_options, &load, error));
        lms_client_options_init(&client_options, sizeof client_options);
        client_options.idle_timeout_ms = timeout_ms;
        CHECK_REFUSED(lms_client_open(&client_options, &client, error));
        lms_complete_options_init(&complete_options, sizeof complete_options);
        complete_options.timeout_ms = timeout_ms;
        CHECK_REFUSED(lms_llm_complete(
            fixture.llm, LMS_TEXT("x"), LMS_NO_TEXT, &complete_options, &prediction, error));
    }
    fixture_free(&fixture);
    return check_end();
}

const char *harness_prediction_timeout(const char *address) {
    fixture fixture;
    check_begin();
    if (fixture_open(&fixture, address)) {
        lms_event event;
        lms_status status;
        lms_prediction *prediction = NULL;
        lms_complete_options options;
        lms_complete_options_init(&options, sizeof options);
        options.timeout_ms = 50;
        CHECK(
            lms_llm_complete(
                fixture.llm, LMS_TEXT("hello"), LMS_NO_TEXT, &options, &prediction, NULL) ==
            LMS_OK);
        while ((status = lms_prediction_next(prediction, -1, &event, NULL)) == LMS_OK) {
        }
        CHECK(status == LMS_ERROR_TIMED_OUT);
        CHECK_FAILS(LMS_ERROR_TIMED_OUT, lms_prediction_next(prediction, -1, &event, error));
        CHECK(lms_prediction_result(prediction) == NULL);
        lms_prediction_free(prediction);
    }
    fixture_free(&fixture);
    return check_end();
}

static void *wait_for(void *call) {
    static lms_status status;
    lms_text json;
    status = lms_call_wait(call, -1, &json, NULL);
    return &status;
}

/* Ends a wait for a silent server. */
static const char *end_while_waiting(void (*end)(silent_server *, lms_call *)) {
    silent_server server;
    check_begin();
    if (silent_server_open(&server)) {
        pthread_t thread;
        void *result = NULL;
        lms_text json;
        lms_call *call = call_of(server.client, LMS_TIMEOUT_NONE, LMS_TIMEOUT_NONE);
        CHECK(lms_call_wait(call, 1, &json, NULL) == LMS_PENDING);
        CHECK(pthread_create(&thread, NULL, wait_for, call) == 0);
        end(&server, call);
        CHECK(pthread_join(thread, &result) == 0);
        /* A thread that did not wait yet finds a freed handle gone. */
        lms_status status = *(lms_status *)result;
        CHECK(status == LMS_ERROR_CANCELLED || status == LMS_ERROR_INVALID_ARGUMENT);
        lms_call_free(call);
    }
    silent_server_free(&server);
    return check_end();
}

static void cancel_the_call(silent_server *server, lms_call *call) {
    (void)server;
    lms_call_cancel(call);
}

static void free_the_call(silent_server *server, lms_call *call) {
    (void)server;
    lms_call_free(call);
}

static void close_the_client(silent_server *server, lms_call *call) {
    (void)call;
    lms_client_close(server->client);
}

const char *harness_cancelling_a_call(void) { return end_while_waiting(cancel_the_call); }

const char *harness_freeing_a_call_while_waiting(void) { return end_while_waiting(free_the_call); }

const char *harness_closing_while_calling(void) { return end_while_waiting(close_the_client); }

const char *harness_silence_is_no_server(void) {
    silent_server server;
    check_begin();
    if (silent_server_open(&server)) {
        int32_t is_there = 7;
        CHECK(lms_server_is_at(server.address, 50, &is_there, NULL) == LMS_OK);
        CHECK(is_there == 0);
        CHECK(lms_server_is_at("local:", 50, &is_there, NULL) == LMS_OK);
        CHECK(is_there == 0);
        CHECK_REFUSED(lms_server_is_at("a b", 50, &is_there, error));
        CHECK_REFUSED(lms_server_is_at(server.address, 0, &is_there, error));
    }
    silent_server_free(&server);
    return check_end();
}
