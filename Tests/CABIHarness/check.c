#include "check.h"

#include <pthread.h>
#include <stdio.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char failures[8192];
static size_t length;

void check_begin(void) {
    pthread_mutex_lock(&lock);
    failures[0] = '\0';
    length = 0;
    pthread_mutex_unlock(&lock);
}

const char *check_end(void) { return failures; }

void check_failed(const char *file, int line, const char *what) {
    const char *slash = strrchr(file, '/');
    pthread_mutex_lock(&lock);
    int written = snprintf(
        failures + length,
        sizeof failures - length,
        "%s:%d: %s\n",
        slash ? slash + 1 : file,
        line,
        what);
    length += (size_t)written;
    if (length >= sizeof failures) {
        length = sizeof failures - 1;
    }
    pthread_mutex_unlock(&lock);
}

lms_client *client_of(const char *address) {
    lms_client_options options;
    lms_client *client = NULL;
    lms_client_options_init(&options, sizeof options);
    options.address = address;
    CHECK(lms_client_open(&options, &client, NULL) == LMS_OK);
    return client;
}

static int open_with(fixture *fixture, const char *address, lms_text config) {
    lms_error *error = NULL;
    fixture->llm = NULL;
    fixture->client = client_of(address);
    if (lms_client_llm(fixture->client, NULL, config, &fixture->llm, &error) != LMS_OK) {
        check_failed(__FILE__, __LINE__, lms_error_message(error).data);
    }
    lms_error_free(error);
    return fixture->llm != NULL;
}

/* Small batches: the memory for a batch grows with the context. */
int fixture_open(fixture *fixture, const char *address) {
    return open_with(
        fixture, address, LMS_TEXT("{\"contextLength\": 65536, \"physicalBatchSize\": 16}"));
}

int fixture_open_for_one(fixture *fixture, const char *address) {
    return open_with(
        fixture,
        address,
        LMS_TEXT(
            "{\"contextLength\": 65536, \"physicalBatchSize\": 16, "
            "\"maxParallelPredictions\": 1}"));
}

void fixture_free(fixture *fixture) {
    lms_llm_free(fixture->llm);
    lms_client_free(fixture->client);
}

lms_prediction *prediction_of(const lms_llm *llm, const char *config) {
    lms_prediction *prediction = NULL;
    lms_text options = text_of(config ? config : "");
    CHECK(lms_llm_complete(llm, LMS_TEXT("hello"), options, NULL, &prediction, NULL) == LMS_OK);
    return prediction;
}
