#include "check.h"
#include "harness.h"

/* Pulls a batch to its end; how many predictions have ended. */
static size_t finish(lms_batch *batch) {
    size_t ended = 0;
    size_t index = SIZE_MAX;
    double progress = 2;
    while (lms_batch_next(batch, -1, &index, &progress, NULL) == LMS_OK) {
        CHECK(index < lms_batch_count(batch));
        CHECK(progress == LMS_BATCH_ENDED || (progress >= 0 && progress <= 1));
        ended += progress == LMS_BATCH_ENDED;
    }
    CHECK(lms_batch_next(batch, 0, NULL, NULL, NULL) == LMS_END);
    return ended;
}

const char *harness_many_completions(const char *address) {
    enum { COUNT = 300 };
    const lms_text config = LMS_TEXT("{\"maxTokens\": 2, \"temperature\": 0, \"nonsense\": 1}");
    const lms_text chats[] = {
        LMS_TEXT(
            "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"hi\"}]}"
            "]}"),
        LMS_TEXT("{}")};
    static lms_text prompts[COUNT];
    fixture fixture;
    lms_batch *batch = NULL;
    size_t count;
    check_begin();
    count = lms_live_handle_count();
    if (fixture_open(&fixture, address)) {
        for (size_t index = 0; index < COUNT; index++) {
            prompts[index] = index % 2 ? LMS_TEXT("one") : LMS_TEXT("two and more");
        }
        CHECK(
            lms_llm_complete_many(fixture.llm, prompts, COUNT, config, NULL, 0, &batch, NULL) ==
            LMS_OK);
        CHECK(lms_batch_count(batch) == COUNT);
        CHECK(lms_batch_warning(batch, 0).length > 0 && lms_batch_warning(batch, 1).length == 0);
        CHECK(finish(batch) == COUNT);
        for (size_t index = 0; index < COUNT; index++) {
            const lms_result *result = lms_batch_result(batch, index);
            CHECK(result != NULL && result == lms_batch_result(batch, index));
            CHECK(lms_result_predicted_tokens_count(result) == 2);
            CHECK(lms_batch_error(batch, index) == NULL);
        }
        CHECK(lms_batch_result(batch, COUNT) == NULL && lms_batch_error(batch, SIZE_MAX) == NULL);
        lms_batch_cancel(batch);
        CHECK(lms_batch_next(batch, -1, NULL, NULL, NULL) == LMS_END);
        lms_batch_free(batch);
        CHECK(lms_llm_respond_many(fixture.llm, chats, 2, config, NULL, 1, &batch, NULL) == LMS_OK);
        CHECK(finish(batch) == 2);
        CHECK(lms_batch_result(batch, 0) != NULL && lms_batch_error(batch, 0) == NULL);
        CHECK(lms_batch_result(batch, 1) == NULL);
        CHECK(lms_error_code(lms_batch_error(batch, 1)) == LMS_ERROR_INVALID_ARGUMENT);
        CHECK(lms_error_message(lms_batch_error(batch, 1)).length > 0);
        lms_batch_free(batch);
        CHECK(lms_llm_complete_many(fixture.llm, NULL, 0, config, NULL, 0, &batch, NULL) == LMS_OK);
        CHECK(finish(batch) == 0);
        lms_batch_free(batch);
    }
    fixture_free(&fixture);
    CHECK(lms_live_handle_count() == count);
    return check_end();
}

const char *harness_ending_batches(const char *address) {
    const lms_text prompts[] = {LMS_TEXT("hello"), LMS_TEXT("world")};
    const lms_text none = LMS_NO_TEXT;
    fixture fixture;
    lms_batch *batch = NULL;
    size_t count;
    check_begin();
    count = lms_live_handle_count();
    if (fixture_open(&fixture, address)) {
        CHECK(
            lms_llm_complete_many(fixture.llm, prompts, 2, none, NULL, 0, &batch, NULL) == LMS_OK);
        CHECK(lms_batch_next(batch, -1, NULL, NULL, NULL) == LMS_OK);
        lms_batch_cancel(batch);
        CHECK_FAILS(LMS_ERROR_CANCELLED, lms_batch_next(batch, -1, NULL, NULL, error));
        CHECK(lms_batch_result(batch, 0) == NULL);
        lms_batch_free(batch);
        CHECK(
            lms_llm_complete_many(fixture.llm, prompts, 2, none, NULL, 1, &batch, NULL) == LMS_OK);
        lms_batch_free(batch);
        CHECK(
            lms_llm_complete_many(fixture.llm, prompts, 2, none, NULL, 1, &batch, NULL) == LMS_OK);
        lms_client_close(fixture.client);
        CHECK_FAILS(LMS_ERROR_CANCELLED, lms_batch_next(batch, -1, NULL, NULL, error));
        lms_batch_free(batch);
        CHECK_FAILS(
            LMS_ERROR_STATE,
            lms_llm_complete_many(fixture.llm, prompts, 2, none, NULL, 0, &batch, error));
        CHECK(batch == NULL);
    }
    fixture_free(&fixture);
    CHECK(lms_live_handle_count() == count);
    return check_end();
}

const char *harness_refused_batches(const char *address) {
    const lms_text bad[] = {LMS_TEXT("x"), {"\xff", 1}};
    const lms_text empty[] = {LMS_TEXT("x"), LMS_NO_TEXT};
    const lms_text none = LMS_NO_TEXT;
    fixture fixture;
    lms_batch *batch = JUNK;
    check_begin();
    if (fixture_open(&fixture, address)) {
        lms_llm *llm = fixture.llm;
        CHECK_REFUSED(lms_llm_complete_many(NULL, bad, 1, none, NULL, 0, &batch, error));
        CHECK(batch == NULL);
        CHECK_REFUSED(lms_llm_complete_many(llm, bad, 1, none, NULL, 0, NULL, error));
        CHECK_REFUSED(lms_llm_complete_many(llm, NULL, 1, none, NULL, 0, &batch, error));
        CHECK_REFUSED(
            lms_llm_complete_many(llm, NULL, (size_t)1 << 40, none, NULL, 0, &batch, error));
        CHECK_REFUSED(lms_llm_complete_many(llm, bad, SIZE_MAX, none, NULL, 0, &batch, error));
        CHECK_REFUSED(lms_llm_complete_many(llm, bad, 2, none, NULL, 1, &batch, error));
        CHECK_REFUSED(lms_llm_complete_many(llm, empty, 2, none, NULL, 0, &batch, error));
        CHECK_REFUSED(lms_llm_complete_many(llm, bad, 1, LMS_TEXT("[]"), NULL, 0, &batch, error));
        CHECK_REFUSED(lms_llm_respond_many(NULL, bad, 1, none, NULL, 0, &batch, error));
        CHECK_REFUSED(lms_llm_respond_many(llm, bad, 2, none, NULL, 0, &batch, error));
        CHECK_REFUSED(lms_llm_respond_many(llm, NULL, 1, none, NULL, 0, &batch, error));
        CHECK_REFUSED(lms_llm_respond_many(llm, bad, 1, none, NULL, 0, NULL, error));
        CHECK_REFUSED(lms_batch_next(NULL, 0, NULL, NULL, error));
        CHECK_REFUSED(lms_batch_next((lms_batch *)llm, 0, NULL, NULL, error));
        CHECK(lms_batch_count(NULL) == 0 && lms_batch_result(NULL, 0) == NULL);
        CHECK(lms_batch_error(NULL, 0) == NULL && lms_batch_warning(NULL, 0).length == 0);
        lms_batch_cancel(NULL);
        lms_batch_free(NULL);
    }
    fixture_free(&fixture);
    return check_end();
}
