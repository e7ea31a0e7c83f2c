#include "check.h"
#include "harness.h"

/* What memory holds before and where the library must not write. */
#define UNTOUCHED 0xa5

/* Checks that `memory` begins with the first `size` bytes of `defaults`, its size field being `size`,
   goes on with zeros, and was left alone from `size` on. */
static void check_filled(
    const unsigned char *memory, size_t capacity, size_t size, const void *defaults, size_t known) {
    unsigned char expected[256];
    memset(expected, UNTOUCHED, sizeof expected);
    memset(expected, 0, size);
    memcpy(expected, defaults, size < known ? size : known);
    memcpy(expected, &size, size < sizeof size ? size : sizeof size);
    CHECK(memcmp(memory, expected, size) == 0);
    CHECK(memcmp(memory + size, expected + size, capacity - size) == 0);
}

const char *harness_client_options_defaults(size_t size) {
    _Alignas(max_align_t) unsigned char memory[sizeof(lms_client_options) + 32];
    lms_client_options defaults = {sizeof defaults, NULL, NULL, NULL, -1, -1};
    check_begin();
    memset(memory, UNTOUCHED, sizeof memory);
    lms_client_options_init((lms_client_options *)memory, size);
    check_filled(memory, sizeof memory, size, &defaults, sizeof defaults);
    return check_end();
}

const char *harness_load_options_defaults(size_t size) {
    _Alignas(max_align_t) unsigned char memory[sizeof(lms_load_options) + 32];
    lms_load_options defaults = {sizeof defaults, NULL, NULL, {NULL, 0}, -1, 0, 0, -1, -1};
    check_begin();
    memset(memory, UNTOUCHED, sizeof memory);
    lms_load_options_init((lms_load_options *)memory, size);
    check_filled(memory, sizeof memory, size, &defaults, sizeof defaults);
    return check_end();
}

const char *harness_call_options_defaults(size_t size) {
    _Alignas(max_align_t) unsigned char memory[sizeof(lms_call_options) + 32];
    lms_call_options defaults = {sizeof defaults, -1, -1};
    check_begin();
    memset(memory, UNTOUCHED, sizeof memory);
    lms_call_options_init((lms_call_options *)memory, size);
    check_filled(memory, sizeof memory, size, &defaults, sizeof defaults);
    return check_end();
}

const char *harness_complete_options_defaults(size_t size) {
    _Alignas(max_align_t) unsigned char memory[sizeof(lms_complete_options) + 32];
    lms_complete_options defaults = {sizeof defaults, NULL, -1, -1};
    check_begin();
    memset(memory, UNTOUCHED, sizeof memory);
    lms_complete_options_init((lms_complete_options *)memory, size);
    check_filled(memory, sizeof memory, size, &defaults, sizeof defaults);
    return check_end();
}

const char *harness_old_client_options(const char *address) {
    lms_client_options options = {offsetof(lms_client_options, address), address, NULL, NULL, 0, 0};
    lms_client *client = NULL;
    check_begin();
    /* A field past the size is not the caller's: its address must not be read. */
    options.address = (const char *)JUNK;
    CHECK(lms_client_open(&options, &client, NULL) == LMS_OK);
    CHECK(!text_is(lms_client_address(client), address));
    lms_client_free(client);
    return check_end();
}

const char *harness_old_load_options(const char *address) {
    lms_load_options options;
    lms_load *load = NULL;
    fixture fixture;
    check_begin();
    if (fixture_open(&fixture, address)) {
        memset(&options, UNTOUCHED, sizeof options);
        options.struct_size = offsetof(lms_load_options, identifier);
        options.model_key = NULL;
        CHECK(lms_load_begin(fixture.client, &options, &load, NULL) == LMS_OK);
        while (lms_load_next(load, -1, NULL, NULL) == LMS_OK) {
        }
        CHECK(lms_load_next(load, -1, NULL, NULL) == LMS_END);
        lms_load_free(load);
    }
    fixture_free(&fixture);
    return check_end();
}

const char *harness_struct_size_refused(const char *address, size_t size) {
    lms_client_options client_options = {size, address, NULL, NULL, -1, -1};
    lms_call_options call_options = {size, -1, -1};
    lms_complete_options complete_options = {size, NULL, -1, -1};
    lms_load_options load_options = {size, NULL, NULL, {NULL, 0}, -1, 0, 0, -1, -1};
    lms_client *opened = (lms_client *)JUNK;
    lms_load *load = (lms_load *)JUNK;
    lms_call *call = (lms_call *)JUNK;
    lms_prediction *prediction = (lms_prediction *)JUNK;
    lms_client *client;
    lms_llm *llm = NULL;
    check_begin();
    client = client_of(address);
    CHECK_REFUSED(lms_client_open(&client_options, &opened, error));
    CHECK(opened == NULL);
    CHECK_REFUSED(lms_load_begin(client, &load_options, &load, error));
    CHECK(load == NULL);
    CHECK_REFUSED(
        lms_call_begin(client, "llm", "listLoaded", LMS_NO_TEXT, &call_options, &call, error));
    CHECK(call == NULL);
    CHECK(lms_client_llm_handle(client, "x", &llm, NULL) == LMS_OK);
    CHECK_REFUSED(
        lms_llm_complete(llm, LMS_TEXT("x"), LMS_NO_TEXT, &complete_options, &prediction, error));
    CHECK(prediction == NULL);
    lms_llm_free(llm);
    lms_client_free(client);
    return check_end();
}
