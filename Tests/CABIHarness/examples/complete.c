/* Streams a completion with its progress, then prints the statistics.
 *
 * cc -std=c11 complete.c $(pkg-config --cflags --libs lmstudio) -o complete
 * ./complete "My name is" '{"maxTokens": 32, "temperature": 0}'
 */
#include <lmstudio.h>

#include <stdio.h>
#include <string.h>

static int fail(const char *what, lms_error *error) {
    lms_text message = lms_error_message(error);
    fprintf(stderr, "%s: %.*s\n", what, (int)message.length, message.data);
    lms_error_free(error);
    return 1;
}

static lms_text text_of(const char *string) { return LMS_TEXT_OF(string, strlen(string)); }

static void print_stats(const lms_result *result) {
    lms_text stop_reason = lms_result_stop_reason(result);
    fprintf(stderr, "stop reason          %.*s\n", (int)stop_reason.length, stop_reason.data);
    fprintf(
        stderr, "prompt tokens        %lld\n", (long long)lms_result_prompt_tokens_count(result));
    fprintf(
        stderr,
        "predicted tokens     %lld\n",
        (long long)lms_result_predicted_tokens_count(result));
    fprintf(stderr, "tokens per second    %.1f\n", lms_result_tokens_per_second(result));
    fprintf(
        stderr, "time to first token  %.3f s\n", lms_result_time_to_first_token_seconds(result));
}

int main(int argc, char **argv) {
    lms_text prompt = text_of(argc > 1 ? argv[1] : "My name is");
    lms_text config = text_of(argc > 2 ? argv[2] : "{\"maxTokens\": 32}");
    lms_error *error = NULL;
    lms_client *client = NULL;
    lms_llm *llm = NULL;
    lms_prediction *prediction = NULL;
    lms_event event;
    lms_status status;
    int code = 0;

    if (lms_client_open(NULL, &client, &error) != LMS_OK) {
        return fail("no client", error);
    }
    if (lms_client_llm(client, NULL, LMS_NO_TEXT, &llm, &error) != LMS_OK) {
        code = fail("no model", error);
    } else if (lms_llm_complete(llm, prompt, config, NULL, &prediction, &error) != LMS_OK) {
        code = fail("no prediction", error);
    } else {
        while ((status = lms_prediction_next(prediction, -1, &event, &error)) == LMS_OK) {
            if (event.kind == LMS_EVENT_PROMPT_PROGRESS) {
                fprintf(stderr, "prompt %3.0f %%\n", event.progress * 100);
            } else if (event.kind == LMS_EVENT_FRAGMENT) {
                fwrite(event.text.data, 1, event.text.length, stdout);
                fflush(stdout);
            }
        }
        putchar('\n');
        if (status == LMS_END) {
            print_stats(lms_prediction_result(prediction));
        } else {
            code = fail("the prediction failed", error);
        }
    }
    lms_prediction_free(prediction);
    lms_llm_free(llm);
    lms_client_free(client);
    return code;
}
