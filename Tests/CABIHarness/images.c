#include "check.h"
#include "harness.h"

#include <stdio.h>

/* 8 × 8 pixels of one colour. */
#define RED                                                                                        \
    "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEUlEQVR42mP4z8CAFTEMLQkAKP8/"                 \
    "wc53yE8AAAAASUVORK5CYII="
#define BLUE                                                                                       \
    "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEElEQVR42mNgcPiPHQ0tCQDpyk/BHHxP/"            \
    "QAAAABJRU5ErkJggg=="

/** The answer to a chat with an image, or with none if it is NULL; freed by the caller. */
static lms_prediction *answer_about(const fixture *fixture, const char *content) {
    char text[1024] = "";
    char identifier[256] = "";
    lms_text file = LMS_NO_TEXT;
    lms_prediction *prediction = NULL;
    if (content != NULL) {
        snprintf(text, sizeof text, "{\"name\": \"a.png\", \"contentBase64\": \"%s\"}", content);
        CHECK(
            lms_client_call(
                fixture->client, "files", "uploadFileBase64", text_of(text), NULL, &file, NULL) ==
            LMS_OK);
        /* The answer is an object: with a type and a name it is a part of a message. */
        CHECK(file.length > 2 && file.length < sizeof identifier);
        snprintf(identifier, sizeof identifier, "%.*s", (int)file.length - 1, file.data + 1);
        identifier[file.length - 2] = '\0';
        lms_text_free(&file);
    }
    snprintf(
        text,
        sizeof text,
        "{\"messages\": [{\"role\": \"user\", \"content\": [{\"type\": \"text\", \"text\": \"Hi\"}"
        "%s%s%s]}]}",
        content == NULL ? "" : ", {\"type\": \"file\", \"name\": \"a.png\", ",
        identifier,
        content == NULL ? "" : "}");
    CHECK(
        lms_llm_respond(
            fixture->llm,
            text_of(text),
            LMS_TEXT("{\"temperature\": 0, \"maxTokens\": 16}"),
            NULL,
            &prediction,
            NULL) == LMS_OK);
    while (lms_prediction_next(prediction, -1, &(lms_event){0}, NULL) == LMS_OK) {
    }
    return prediction;
}

static int is_same(const lms_prediction *one, const lms_prediction *other) {
    lms_text left = lms_result_content(lms_prediction_result(one));
    lms_text right = lms_result_content(lms_prediction_result(other));
    return left.length == right.length && memcmp(left.data, right.data, left.length) == 0;
}

static int64_t prompt_count(const lms_prediction *prediction) {
    return lms_result_prompt_tokens_count(lms_prediction_result(prediction));
}

const char *harness_image_in_a_chat(const char *address) {
    fixture fixture;
    check_begin();
    if (fixture_open(&fixture, address)) {
        lms_prediction *red = answer_about(&fixture, RED);
        lms_prediction *again = answer_about(&fixture, RED);
        lms_prediction *blue = answer_about(&fixture, BLUE);
        lms_prediction *nothing = answer_about(&fixture, NULL);
        CHECK(is_same(red, again));
        CHECK(!is_same(red, blue));
        CHECK(prompt_count(red) == prompt_count(blue));
        CHECK(prompt_count(red) > prompt_count(nothing));
        lms_prediction_free(red);
        lms_prediction_free(again);
        lms_prediction_free(blue);
        lms_prediction_free(nothing);
    }
    fixture_free(&fixture);
    return check_end();
}
