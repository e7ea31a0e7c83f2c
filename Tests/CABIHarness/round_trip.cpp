#include "check.h"
#include "harness.h"

#include <cstdlib>
#include <memory>
#include <string>
#include <thread>

namespace {

template <auto Free> struct Deleter {
    template <typename Handle> void operator()(Handle *handle) const { Free(handle); }
};

using Client = std::unique_ptr<lms_client, Deleter<lms_client_free>>;
using Model = std::unique_ptr<lms_llm, Deleter<lms_llm_free>>;
using Prediction = std::unique_ptr<lms_prediction, Deleter<lms_prediction_free>>;

Model modelOf(const Client &client) {
    lms_llm *model = nullptr;
    CHECK(lms_client_llm(client.get(), nullptr, LMS_NO_TEXT, &model, nullptr) == LMS_OK);
    return Model(model);
}

Prediction predictionOf(const Model &model, const std::string &prompt, const char *config) {
    lms_prediction *prediction = nullptr;
    lms_text text = LMS_TEXT_OF(prompt.data(), prompt.size());
    CHECK(
        lms_llm_complete(model.get(), text, text_of(config), nullptr, &prediction, nullptr) ==
        LMS_OK);
    return Prediction(prediction);
}

std::string string(lms_text text) { return std::string(text.data ? text.data : "", text.length); }

// What is streamed until the last call, whose status goes to `status`.
std::string pull(const Prediction &prediction, lms_status &status) {
    std::string text;
    lms_event event;
    while ((status = lms_prediction_next(prediction.get(), -1, &event, nullptr)) == LMS_OK) {
        if (event.kind == LMS_EVENT_FRAGMENT) {
            text += string(event.text);
        }
    }
    return text;
}

} // namespace

const char *harness_cpp_round_trip(const char *address) {
    check_begin();
    size_t count = lms_live_handle_count();
    {
        Client client(client_of(address));
        Model model = modelOf(client);
        Prediction prediction = predictionOf(model, "hello", "{\"maxTokens\": 10, \"seed\": 3}");
        lms_status status = LMS_OK;
        std::string streamed;
        std::thread other([&] { streamed = pull(prediction, status); });
        other.join();
        CHECK(status == LMS_END);
        CHECK(streamed == string(lms_result_content(lms_prediction_result(prediction.get()))));
    }
    CHECK(lms_live_handle_count() == count);
    return check_end();
}

static char *whole_text(lms_prediction *prepared) {
    Prediction prediction(prepared);
    lms_status status = LMS_OK;
    std::string text = pull(prediction, status);
    std::string whole = string(lms_result_content(lms_prediction_result(prediction.get())));
    return status == LMS_END && text == whole ? strdup(text.c_str()) : nullptr;
}

char *harness_completion(const char *address, const char *prompt, const char *config) {
    check_begin();
    Client client(client_of(address));
    Model model = modelOf(client);
    return whole_text(predictionOf(model, prompt, config).release());
}

char *harness_answer(const char *address, const char *chat, const char *config) {
    check_begin();
    Client client(client_of(address));
    Model model = modelOf(client);
    lms_prediction *prediction = nullptr;
    CHECK(
        lms_llm_respond(
            model.get(), text_of(chat), text_of(config), nullptr, &prediction, nullptr) == LMS_OK);
    return whole_text(prediction);
}
