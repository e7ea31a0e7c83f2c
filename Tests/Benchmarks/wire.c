/* Streams from a server that costs nothing, and prints what the client cost, as JSON.
 *
 * usage: wire ADDRESS FRAGMENTS ROUNDS        one stream after another
 *        wire ADDRESS FRAGMENTS 0 STREAMS     STREAMS at once, of FRAGMENTS each
 *        wire ADDRESS 0 ROUNDS                ROUNDS small calls (countTokens) */
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

static double seconds(struct timeval time) {
    return (double)time.tv_sec + (double)time.tv_usec * 1e-6;
}

static double cpu(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

static long resident_kb(void) {
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file == NULL || fscanf(file, "%*s %ld", &pages) != 1) {
        exit(1);
    }
    fclose(file);
    return pages * 4;
}

static void check(lms_status status, lms_error *error) {
    if (status < 0) {
        lms_text message = lms_error_message(error);
        fprintf(stderr, "%.*s\n", (int)message.length, message.data);
        exit(1);
    }
}

static lms_prediction *begin(lms_llm *llm, int fragments) {
    char prompt[32];
    lms_error *error = NULL;
    lms_prediction *prediction = NULL;
    int length = snprintf(prompt, sizeof prompt, "blast:%d", fragments);
    check(
        lms_llm_complete(
            llm, LMS_TEXT_OF(prompt, (size_t)length), LMS_NO_TEXT, NULL, &prediction, &error),
        error);
    return prediction;
}

static void streams_in_turn(lms_llm *llm, int fragments, int rounds) {
    double best_time = 1e9;
    double best_cpu = 1e9;
    for (int round = 0; round < rounds; round++) {
        double start = now();
        double spent = cpu();
        int count = 0;
        lms_event event;
        lms_error *error = NULL;
        lms_status status;
        lms_prediction *prediction = begin(llm, fragments);
        while ((status = lms_prediction_next(prediction, -1, &event, &error)) == LMS_OK) {
            count += event.kind == LMS_EVENT_FRAGMENT;
        }
        check(status, error);
        lms_prediction_free(prediction);
        if (count != fragments) {
            exit(1);
        }
        double time = now() - start;
        spent = cpu() - spent;
        best_time = time < best_time ? time : best_time;
        best_cpu = spent < best_cpu ? spent : best_cpu;
    }
    printf(
        "{\"fragments_per_s\": %.0f, \"cpu_us_per_fragment\": %.3f}\n",
        fragments / best_time,
        best_cpu / fragments * 1e6);
}

/* All are started, then read as they come, which is timed from the first fragment on; the spread is
 * that of the times they ended. */
static void streams_at_once(lms_llm *llm, int fragments, int streams) {
    lms_prediction **predictions = calloc((size_t)streams, sizeof *predictions);
    long before = resident_kb();
    double start = 0;
    lms_error *error = NULL;
    for (int index = 0; index < streams; index++) {
        predictions[index] = begin(llm, fragments);
        check(lms_prediction_start(predictions[index], &error), error);
    }
    long after = resident_kb();
    int left = streams;
    double first = 0, last = 0;
    while (left > 0) {
        for (int index = 0; index < streams; index++) {
            lms_event event;
            lms_status status = LMS_OK;
            while (predictions[index] != NULL && status == LMS_OK) {
                status = lms_prediction_next(predictions[index], 0, &event, &error);
                start = start > 0 || status != LMS_OK ? start : now();
            }
            check(status, error);
            if (status == LMS_END) {
                last = now() - start;
                first = first > 0 ? first : last;
                lms_prediction_free(predictions[index]);
                predictions[index] = NULL;
                left--;
            }
        }
    }
    printf(
        "{\"fragments_per_s\": %.0f, \"first_end_s\": %.4f, \"last_end_s\": %.4f, "
        "\"kb_per_waiting\": %.2f}\n",
        (double)fragments * streams / last,
        first,
        last,
        (double)(after - before) / streams);
    free(predictions);
}

static void calls(lms_llm *llm, lms_client *client, int rounds) {
    double *times = calloc((size_t)rounds, sizeof *times);
    (void)llm;
    for (int round = 0; round < rounds; round++) {
        double start = now();
        lms_text result = LMS_NO_TEXT;
        lms_error *error = NULL;
        check(
            lms_client_call(client, "llm", "listLoaded", LMS_NO_TEXT, NULL, &result, &error),
            error);
        lms_text_free(&result);
        times[round] = now() - start;
    }
    for (int a = 1; a < rounds; a++) {
        for (int b = a; b > 0 && times[b] < times[b - 1]; b--) {
            double swap = times[b];
            times[b] = times[b - 1];
            times[b - 1] = swap;
        }
    }
    printf("{\"call_us\": %.1f}\n", times[rounds / 2] * 1e6);
    free(times);
}

int main(int argc, char **argv) {
    if (argc < 4) {
        return 2;
    }
    int fragments = atoi(argv[2]);
    int rounds = atoi(argv[3]);
    lms_client_options options;
    lms_client_options_init(&options, sizeof options);
    options.address = argv[1];
    lms_error *error = NULL;
    lms_client *client = NULL;
    lms_llm *llm = NULL;
    check(lms_client_open(&options, &client, &error), error);
    check(lms_client_llm(client, "blast", LMS_NO_TEXT, &llm, &error), error);
    if (fragments == 0) {
        calls(llm, client, rounds);
    } else if (argc > 4) {
        streams_at_once(llm, fragments, atoi(argv[4]));
    } else {
        streams_in_turn(llm, fragments, rounds);
    }
    lms_llm_free(llm);
    lms_client_free(client);
    return 0;
}
