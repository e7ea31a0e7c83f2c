// Streams a completion with its progress, then prints the statistics.
//
// c++ -std=c++17 complete.cpp $(pkg-config --cflags --libs lmstudio) -o complete
// ./complete "My name is" '{"maxTokens": 32, "temperature": 0}'
#include <lmstudio.h>

#include <cstdio>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>

namespace {

template <auto Free> struct Deleter {
    template <typename Handle> void operator()(Handle *handle) const { Free(handle); }
};

using Client = std::unique_ptr<lms_client, Deleter<lms_client_free>>;
using Model = std::unique_ptr<lms_llm, Deleter<lms_llm_free>>;
using Prediction = std::unique_ptr<lms_prediction, Deleter<lms_prediction_free>>;
using Error = std::unique_ptr<lms_error, Deleter<lms_error_free>>;

std::string string(lms_text text) { return std::string(text.data ? text.data : "", text.length); }

// Throws the library's message if a call failed.
lms_status check(lms_status status, lms_error *failure) {
    Error error(failure);
    if (status < 0) {
        throw std::runtime_error(string(lms_error_message(error.get())));
    }
    return status;
}

Client open() {
    lms_client *client = nullptr;
    lms_error *error = nullptr;
    check(lms_client_open(nullptr, &client, &error), error);
    return Client(client);
}

Model load(const Client &client) {
    lms_llm *model = nullptr;
    lms_error *error = nullptr;
    check(lms_client_llm(client.get(), nullptr, LMS_NO_TEXT, &model, &error), error);
    return Model(model);
}

Prediction complete(const Model &model, const char *prompt, const char *config) {
    lms_prediction *prediction = nullptr;
    lms_error *error = nullptr;
    lms_text text = LMS_TEXT_OF(prompt, std::strlen(prompt));
    lms_text options = LMS_TEXT_OF(config, std::strlen(config));
    check(lms_llm_complete(model.get(), text, options, nullptr, &prediction, &error), error);
    return Prediction(prediction);
}

bool next(const Prediction &prediction, lms_event &event) {
    lms_error *error = nullptr;
    lms_status status = lms_prediction_next(prediction.get(), -1, &event, &error);
    return check(status, error) == LMS_OK;
}

void printStats(const lms_result *result) {
    auto promptTokens = static_cast<long long>(lms_result_prompt_tokens_count(result));
    auto predictedTokens = static_cast<long long>(lms_result_predicted_tokens_count(result));
    std::fprintf(
        stderr, "stop reason          %s\n", string(lms_result_stop_reason(result)).c_str());
    std::fprintf(stderr, "prompt tokens        %lld\n", promptTokens);
    std::fprintf(stderr, "predicted tokens     %lld\n", predictedTokens);
    std::fprintf(stderr, "tokens per second    %.1f\n", lms_result_tokens_per_second(result));
    std::fprintf(
        stderr, "time to first token  %.3f s\n", lms_result_time_to_first_token_seconds(result));
}

void run(const char *prompt, const char *config) {
    Client client = open();
    Model model = load(client);
    Prediction prediction = complete(model, prompt, config);
    lms_event event;
    while (next(prediction, event)) {
        if (event.kind == LMS_EVENT_PROMPT_PROGRESS) {
            std::fprintf(stderr, "prompt %3.0f %%\n", event.progress * 100);
        } else if (event.kind == LMS_EVENT_FRAGMENT) {
            std::fwrite(event.text.data, 1, event.text.length, stdout);
            std::fflush(stdout);
        }
    }
    std::putchar('\n');
    printStats(lms_prediction_result(prediction.get()));
}

} // namespace

int main(int argc, char **argv) {
    try {
        run(argc > 1 ? argv[1] : "My name is", argc > 2 ? argv[2] : "{\"maxTokens\": 32}");
    } catch (const std::exception &error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
    return 0;
}
