#include "check.h"
#include "harness.h"

/* The answer of a call, with its NUL; empty if it failed. */
static const char *answer_of(lms_call *call) {
    static char answer[512];
    lms_text json = LMS_NO_TEXT;
    size_t length;
    answer[0] = '\0';
    CHECK(lms_call_wait(call, -1, &json, NULL) == LMS_OK);
    length = json.length < sizeof answer - 1 ? json.length : sizeof answer - 1;
    if (length > 0) {
        memcpy(answer, json.data, length);
        answer[length] = '\0';
    }
    lms_text_free(&json);
    lms_call_free(call);
    return answer;
}

const char *harness_saved_caches(const char *address, const char *path) {
    const lms_text chat = LMS_TEXT(
        "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"hi\"}]}]}");
    const lms_text none = LMS_NO_TEXT;
    fixture fixture;
    lms_call *call = NULL;
    size_t count;
    check_begin();
    count = lms_live_handle_count();
    if (fixture_open(&fixture, address)) {
        lms_llm *llm = fixture.llm;
        CHECK(lms_llm_load_cache_begin(llm, path, NULL, &call, NULL) == LMS_OK);
        CHECK(strstr(answer_of(call), "\"warning\"") != NULL);
        CHECK(lms_llm_save_cache_begin(llm, LMS_TEXT("hello"), path, NULL, &call, NULL) == LMS_OK);
        CHECK(strstr(answer_of(call), "\"tokensCount\":") != NULL);
        CHECK(lms_llm_load_cache_begin(llm, path, NULL, &call, NULL) == LMS_OK);
        CHECK(strstr(answer_of(call), "\"warning\"") == NULL);
        CHECK(lms_llm_save_chat_cache_begin(llm, chat, none, path, NULL, &call, NULL) == LMS_OK);
        CHECK(strstr(answer_of(call), "\"tokensCount\":") != NULL);
        call = JUNK;
        CHECK_REFUSED(lms_llm_load_cache_begin(NULL, path, NULL, &call, error));
        CHECK(call == NULL);
        CHECK_REFUSED(lms_llm_load_cache_begin(llm, NULL, NULL, &call, error));
        CHECK_REFUSED(lms_llm_load_cache_begin(llm, path, NULL, NULL, error));
        CHECK_REFUSED(lms_llm_save_cache_begin(NULL, chat, path, NULL, &call, error));
        CHECK_REFUSED(lms_llm_save_cache_begin(llm, chat, NULL, NULL, &call, error));
        CHECK_REFUSED(lms_llm_save_cache_begin(llm, chat, path, NULL, NULL, error));
        CHECK_REFUSED(lms_llm_save_chat_cache_begin(llm, none, none, path, NULL, &call, error));
        CHECK_REFUSED(lms_llm_save_chat_cache_begin(llm, chat, none, NULL, NULL, &call, error));
        CHECK_REFUSED(lms_llm_save_chat_cache_begin(llm, chat, none, path, NULL, NULL, error));
        CHECK_REFUSED(lms_llm_save_chat_cache_begin(NULL, chat, none, path, NULL, &call, error));
    }
    fixture_free(&fixture);
    CHECK(lms_live_handle_count() == count);
    return check_end();
}
