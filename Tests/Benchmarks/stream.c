/* Streams predictions through the C interface and prints what they cost, as JSON.
 *
 * usage: stream MODEL CONTEXT TOKENS ROUNDS [PROMPT_TOKENS] */
#include <lmstudio.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static void check(lms_status status, lms_error *error) {
    if (status < 0) {
        lms_text message = lms_error_message(error);
        fprintf(stderr, "%.*s\n", (int)message.length, message.data);
        exit(1);
    }
}

/* A prompt of just so many tokens: words are added until it has them.
 *
 * Long ones differ from their first word on, so that nothing of them is in the cache. */
static char *prompt_of(lms_llm *llm, size_t wanted, int round) {
    char *prompt = calloc(wanted + 1, 16);
    size_t length = (size_t)(wanted > 0 ? sprintf(prompt, "%c name is", 'A' + round % 26)
                                        : sprintf(prompt, "My name is"));
    size_t count = 0;
    lms_error *error = NULL;
    for (size_t word = 0; count < wanted; word++) {
        length += (size_t)sprintf(prompt + length, " word");
        check(
            lms_llm_tokenize(llm, LMS_TEXT_OF(prompt, length), NULL, NULL, 0, &count, &error),
            error);
    }
    return prompt;
}

int main(int argc, char **argv) {
    if (argc < 5) {
        return 2;
    }
    int tokens = atoi(argv[3]);
    int rounds = atoi(argv[4]);
    size_t prompt_tokens = argc > 5 ? (size_t)atol(argv[5]) : 0;
    char load_config[64];
    char config[128];
    snprintf(load_config, sizeof load_config, "{\"contextLength\": %s}", argv[2]);
    snprintf(config, sizeof config, "{\"maxTokens\": %d, \"temperature\": 0}", tokens);

    lms_error *error = NULL;
    lms_client *client = NULL;
    lms_llm *llm = NULL;
    check(lms_client_open(NULL, &client, &error), error);
    lms_text load = LMS_TEXT_OF(load_config, strlen(load_config));
    check(lms_client_llm(client, argv[1], load, &llm, &error), error);

    /* All prompts beforehand: making a long one takes seconds of one processor. */
    char **prompts = calloc((size_t)rounds, sizeof *prompts);
    size_t count = 0;
    for (int round = 0; round < rounds; round++) {
        prompts[round] = prompt_of(llm, prompt_tokens, round);
        lms_text text = LMS_TEXT_OF(prompts[round], strlen(prompts[round]));
        check(lms_llm_tokenize(llm, text, NULL, NULL, 0, &count, &error), error);
    }
    printf("{\"runs\": [");
    for (int round = 0; round < rounds; round++) {
        lms_text text = LMS_TEXT_OF(prompts[round], strlen(prompts[round]));
        lms_prediction *prediction = NULL;
        lms_event event;
        lms_status status;
        double start = now(), first = 0, last = 0;
        int predicted = 0;
        check(
            lms_llm_complete(
                llm, text, LMS_TEXT_OF(config, strlen(config)), NULL, &prediction, &error),
            error);
        while ((status = lms_prediction_next(prediction, -1, &event, &error)) == LMS_OK) {
            if (event.kind == LMS_EVENT_FRAGMENT) {
                last = now();
                first = first > 0 ? first : last;
                predicted += event.tokens_count;
            }
        }
        check(status, error);
        printf(
            "%s{\"first_s\": %.6f, \"tokens_per_s\": %.3f}",
            round == 0 ? "" : ", ",
            first - start,
            predicted > 1 ? (predicted - 1) / (last - first) : 0);
        lms_prediction_free(prediction);
        free(prompts[round]);
    }
    free(prompts);
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("], \"prompt_tokens\": %zu, \"peak_rss_kb\": %ld}\n", count, usage.ru_maxrss);
    lms_llm_free(llm);
    lms_client_free(client);
    return 0;
}
