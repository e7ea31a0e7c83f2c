/* gettid() is glibc's own. */
#define _GNU_SOURCE
#include "check.h"
#include "harness.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

/* A thread that pulls a prediction to its end. */
typedef struct puller {
    lms_prediction *prediction;
    pthread_t thread;
    atomic_int id;        /* the system's number of the thread, once it runs */
    atomic_int has_begun; /* whether the first event came */
    lms_status status;    /* of the last call */
    size_t length;        /* of the text that came */
} puller;

static void *pull(void *argument) {
    puller *puller = argument;
    lms_event event;
    atomic_store(&puller->id, gettid());
    while ((puller->status = lms_prediction_next(puller->prediction, -1, &event, NULL)) == LMS_OK) {
        puller->length += event.text.length;
        atomic_store(&puller->has_begun, 1);
    }
    return NULL;
}

static void puller_start(puller *puller, lms_prediction *prediction) {
    memset(puller, 0, sizeof *puller);
    puller->prediction = prediction;
    CHECK(pthread_create(&puller->thread, NULL, pull, puller) == 0);
}

static lms_status puller_join(puller *puller) {
    CHECK(pthread_join(puller->thread, NULL) == 0);
    return puller->status;
}

static void wait_for_the_first_event(puller *puller) {
    while (!atomic_load(&puller->has_begun)) {
        sched_yield();
    }
}

/* Waits until a thread sleeps in the kernel. */
static void wait_until_asleep(puller *puller) {
    char state = 'R';
    while (state != 'S') {
        char path[64];
        sched_yield();
        snprintf(path, sizeof path, "/proc/self/task/%d/stat", atomic_load(&puller->id));
        FILE *file = fopen(path, "r");
        if (file) {
            CHECK(fscanf(file, "%*d (%*[^)]) %c", &state) == 1);
            fclose(file);
        }
    }
}

const char *harness_cancelling_from_another_thread(const char *address) {
    fixture fixture;
    check_begin();
    if (fixture_open(&fixture, address)) {
        puller puller;
        lms_prediction *prediction = prediction_of(fixture.llm, NULL);
        puller_start(&puller, prediction);
        wait_for_the_first_event(&puller);
        lms_prediction_cancel(prediction);
        CHECK(puller_join(&puller) == LMS_END);
        const lms_result *result = lms_prediction_result(prediction);
        CHECK(text_is(lms_result_stop_reason(result), "userStopped"));
        CHECK(lms_result_content(result).length == puller.length);
        lms_prediction_free(prediction);
    }
    fixture_free(&fixture);
    return check_end();
}

/* Ends a wait for a prediction that has nothing to say, as it is queued behind an endless one. */
static void check_ended_while_waiting(const fixture *fixture, int closes_the_client) {
    lms_event event;
    puller puller;
    lms_prediction *endless = prediction_of(fixture->llm, NULL);
    lms_prediction *queued = prediction_of(fixture->llm, NULL);
    CHECK(lms_prediction_next(endless, -1, &event, NULL) == LMS_OK);
    puller_start(&puller, queued);
    wait_until_asleep(&puller);
    if (closes_the_client) {
        lms_client_close(fixture->client);
    } else {
        lms_prediction_free(queued);
    }
    CHECK(puller_join(&puller) == LMS_ERROR_CANCELLED);
    if (closes_the_client) {
        CHECK_FAILS(LMS_ERROR_CANCELLED, lms_prediction_next(endless, -1, &event, error));
        CHECK(lms_prediction_result(endless) == NULL);
    }
    lms_prediction_free(queued);
    lms_prediction_free(endless);
}

const char *harness_freeing_while_waiting(const char *address) {
    fixture fixture;
    check_begin();
    if (fixture_open_for_one(&fixture, address)) {
        check_ended_while_waiting(&fixture, 0);
    }
    fixture_free(&fixture);
    return check_end();
}

const char *harness_closing_while_waiting(const char *address) {
    fixture fixture;
    check_begin();
    if (fixture_open_for_one(&fixture, address)) {
        check_ended_while_waiting(&fixture, 1);
    }
    fixture_free(&fixture);
    return check_end();
}

static void *make_and_free(void *argument) {
    const fixture *fixture = argument;
    for (int index = 0; index < 200; index++) {
        lms_llm *llm = NULL;
        lms_text json;
        lms_event event;
        CHECK(lms_client_llm(fixture->client, NULL, LMS_NO_TEXT, &llm, NULL) == LMS_OK);
        CHECK(lms_llm_info(llm, NULL, &json, NULL) == LMS_OK);
        lms_text_free(&json);
        lms_prediction *prediction = prediction_of(llm, NULL);
        CHECK(lms_prediction_next(prediction, 0, &event, NULL) != LMS_ERROR_INVALID_ARGUMENT);
        lms_prediction_free(prediction);
        lms_llm_free(llm);
    }
    return NULL;
}

const char *harness_handles_from_many_threads(const char *address) {
    fixture fixture;
    check_begin();
    if (fixture_open(&fixture, address)) {
        pthread_t threads[8];
        size_t count = lms_live_handle_count();
        for (size_t index = 0; index < 8; index++) {
            CHECK(pthread_create(&threads[index], NULL, make_and_free, &fixture) == 0);
        }
        for (size_t index = 0; index < 8; index++) {
            CHECK(pthread_join(threads[index], NULL) == 0);
        }
        CHECK(lms_live_handle_count() == count);
    }
    fixture_free(&fixture);
    return check_end();
}
