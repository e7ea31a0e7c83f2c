#include "check.h"
#include "harness.h"

#define CHAT "{\"messages\": [{\"role\": \"user\", \"content\": \"Hi\"}]}"

/** Text that grows; what does not fit is noted as a failure. */
typedef struct gathered {
    char text[4096];
    size_t length;
} gathered;

static void gather(gathered *all, lms_text text) {
    if (text.length >= sizeof all->text - all->length) {
        CHECK(!"room for the text");
        return;
    }
    memcpy(all->text + all->length, text.data, text.length);
    all->length += text.length;
    all->text[all->length] = '\0';
}

static int text_has(lms_text text, const char *part) {
    gathered all = {{0}, 0};
    gather(&all, text);
    return strstr(all.text, part) != NULL;
}

static lms_prediction *answer_of(const lms_llm *llm, const char *config) {
    lms_prediction *prediction = NULL;
    CHECK(lms_llm_respond(llm, LMS_TEXT(CHAT), text_of(config), NULL, &prediction, NULL) == LMS_OK);
    CHECK(lms_prediction_warning(prediction, 0).length == 0);
    return prediction;
}

const char *harness_answer_of_a_form(const char *address) {
    fixture fixture;
    check_begin();
    if (fixture_open(&fixture, address)) {
        gathered all = {{0}, 0};
        lms_event event;
        lms_status status;
        lms_prediction *prediction = answer_of(
            fixture.llm,
            "{\"temperature\": 0, \"structured\": {\"type\": \"json\", \"jsonSchema\": {\"type\": "
            "\"array\", \"items\": {\"type\": \"boolean\"}, \"minItems\": 3, \"maxItems\": 3}}}");
        const lms_result *result;
        int count = 0;
        while ((status = lms_prediction_next(prediction, -1, &event, NULL)) == LMS_OK) {
            if (event.kind == LMS_EVENT_FRAGMENT) {
                count++;
                gather(&all, event.text);
                /* Nobody asked for them. */
                CHECK(event.tokens.length == 0 && event.raw_content.length == 0);
            }
        }
        CHECK(status == LMS_END);
        CHECK(count > 1);
        CHECK(all.text[0] == '[' && all.text[all.length - 1] == ']');
        CHECK(strstr(all.text, "true") != NULL || strstr(all.text, "false") != NULL);
        result = lms_prediction_result(prediction);
        CHECK(text_is(lms_result_content(result), all.text));
        CHECK(text_is(lms_result_stop_reason(result), "eosFound"));
        CHECK(text_has(lms_result_prediction_config(result), "\"structured\""));
        lms_prediction_free(prediction);
    }
    fixture_free(&fixture);
    return check_end();
}

#define TOOLS                                                                                      \
    "\"temperature\": 0, \"toolChoice\": {\"type\": \"generic\", \"mode\": \"required\"}, "        \
    "\"rawTools\": {\"type\": \"toolArray\", \"tools\": [{\"type\": \"function\", \"function\": "  \
    "{\"name\": \"switch\", \"description\": \"Switches it.\", \"parameters\": {\"type\": "        \
    "\"object\", \"properties\": {\"on\": {\"type\": \"boolean\"}}, \"required\": [\"on\"], "      \
    "\"additionalProperties\": false}}}]}"

const char *harness_tool_calls(const char *address) {
    fixture fixture;
    check_begin();
    if (fixture_open(&fixture, address)) {
        gathered arguments = {{0}, 0};
        lms_event event;
        lms_status status;
        lms_prediction *prediction =
            answer_of(fixture.llm, "{\"toolCallStopStrings\": [\"_REQUEST]\\n\"], " TOOLS "}");
        int32_t last = 0;
        while ((status = lms_prediction_next(prediction, -1, &event, NULL)) == LMS_OK) {
            switch (event.kind) {
            case LMS_EVENT_PROMPT_PROGRESS:
            case LMS_EVENT_FIRST_TOKEN:
                CHECK(last < LMS_EVENT_TOOL_CALL_START);
                break;
            case LMS_EVENT_TOOL_CALL_START:
                CHECK(last < LMS_EVENT_TOOL_CALL_START);
                break;
            case LMS_EVENT_TOOL_CALL_NAME:
                CHECK(last == LMS_EVENT_TOOL_CALL_START);
                CHECK(text_is(event.text, "switch"));
                break;
            case LMS_EVENT_TOOL_CALL_ARGUMENTS:
                CHECK(last == LMS_EVENT_TOOL_CALL_NAME || last == LMS_EVENT_TOOL_CALL_ARGUMENTS);
                CHECK(event.text.length > 0);
                gather(&arguments, event.text);
                break;
            case LMS_EVENT_TOOL_CALL_END:
                CHECK(last == LMS_EVENT_TOOL_CALL_ARGUMENTS);
                CHECK(text_has(event.text, "\"name\":\"switch\""));
                CHECK(text_has(event.text, "\"arguments\":{\"on\":"));
                CHECK(text_has(event.raw_content, "switch"));
                CHECK(text_has(event.raw_content, arguments.text));
                lms_prediction_cancel(prediction);
                break;
            default:
                CHECK(!"a step of a call");
            }
            last = event.kind;
        }
        CHECK(status == LMS_END);
        CHECK(last == LMS_EVENT_TOOL_CALL_END);
        CHECK(arguments.text[0] == '{' && strstr(arguments.text, "\"on\"") != NULL);
        lms_prediction_free(prediction);
    }
    fixture_free(&fixture);
    return check_end();
}

const char *harness_cut_tool_call(const char *address) {
    fixture fixture;
    check_begin();
    if (fixture_open(&fixture, address)) {
        lms_event event;
        int failures = 0;
        lms_status status;
        lms_prediction *prediction = answer_of(fixture.llm, "{\"maxTokens\": 30, " TOOLS "}");
        while ((status = lms_prediction_next(prediction, -1, &event, NULL)) == LMS_OK) {
            CHECK(event.kind != LMS_EVENT_TOOL_CALL_END);
            if (event.kind == LMS_EVENT_TOOL_CALL_FAILED) {
                failures++;
                CHECK(event.text.length > 0);
                CHECK(text_has(event.raw_content, "[TOOL_REQUEST]"));
            }
        }
        CHECK(status == LMS_END);
        CHECK(failures == 1);
        lms_prediction_free(prediction);
    }
    fixture_free(&fixture);
    return check_end();
}

const char *harness_tokens_of_fragments(const char *address) {
    fixture fixture;
    check_begin();
    if (fixture_open(&fixture, address)) {
        lms_event event;
        lms_status status;
        int64_t tokens = 0;
        lms_prediction *prediction =
            answer_of(fixture.llm, "{\"maxTokens\": 6, \"temperature\": 0, \"logProbs\": 2}");
        while ((status = lms_prediction_next(prediction, -1, &event, NULL)) == LMS_OK) {
            if (event.kind == LMS_EVENT_FRAGMENT) {
                tokens += event.tokens_count;
                CHECK(event.tokens.length > 2 && event.tokens.data[0] == '[');
                CHECK(text_has(event.tokens, "\"id\":"));
                CHECK(text_has(event.tokens, "\"logProb\":-"));
                CHECK(text_has(event.tokens, "\"candidates\":[{"));
            } else {
                CHECK(event.tokens.length == 0);
            }
        }
        CHECK(status == LMS_END);
        CHECK(tokens > 0 && tokens <= 6);
        lms_prediction_free(prediction);
    }
    fixture_free(&fixture);
    return check_end();
}

const char *harness_prompt_of_a_chat(const char *address) {
    fixture fixture;
    check_begin();
    if (fixture_open(&fixture, address)) {
        lms_text json = LMS_NO_TEXT;
        CHECK(
            lms_client_call(
                fixture.client,
                "llm",
                "applyPromptTemplate",
                LMS_TEXT(
                    "{\"specifier\": {\"type\": \"query\", \"query\": {}}, \"history\": " CHAT
                    ", \"predictionConfigStack\": {\"layers\": []}}"),
                NULL,
                &json,
                NULL) == LMS_OK);
        CHECK(text_has(json, "\"formatted\":\""));
        CHECK(text_has(json, "<|im_start|>user\\nHi<|im_end|>\\n<|im_start|>assistant\\n"));
        lms_text_free(&json);
        CHECK_FAILS(
            LMS_ERROR_INVALID_ARGUMENT,
            lms_client_call(
                fixture.client,
                "llm",
                "applyPromptTemplate",
                LMS_TEXT("{\"specifier\": {\"type\": \"query\", \"query\": {}}}"),
                NULL,
                &json,
                error));
    }
    fixture_free(&fixture);
    return check_end();
}
