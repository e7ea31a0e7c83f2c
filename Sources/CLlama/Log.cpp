// llama.cpp's log lines, and the guard against its assertions.
#include "CLlama.hpp"
#include "mtmd-helper.h"

#include <cstring>
#include <mutex>
#include <stdexcept>

namespace {

std::atomic<cllama_log_sink> log_sink{nullptr};
thread_local int guard_depth = 0;
thread_local std::string guard_lines;
thread_local bool guard_is_stopped = false;

void receive_log(ggml_log_level level, const char *text, void *) {
    static thread_local int last_level = GGML_LOG_LEVEL_INFO;
    int shown = level == GGML_LOG_LEVEL_CONT ? last_level : static_cast<int>(level);
    last_level = shown;
    if (guard_depth > 0 && shown == GGML_LOG_LEVEL_ERROR) {
        guard_lines += text;
    }
    // Whoever cancels is no fault.
    if (guard_is_stopped) {
        shown = GGML_LOG_LEVEL_INFO;
    }
    if (cllama_log_sink sink = log_sink.load(std::memory_order_acquire)) {
        sink(shown, text);
    }
}

void receive_abort(const char *message) {
    if (guard_depth > 0) {
        throw std::runtime_error(message);
    }
    fprintf(stderr, "%s\n", message);
}

} // namespace

void cllama_log_set(cllama_log_sink sink) { log_sink.store(sink, std::memory_order_release); }

namespace cllama {

Guard::Guard() {
    static std::once_flag once;
    std::call_once(once, [] {
        llama_log_set(receive_log, nullptr);
        mtmd_helper_log_set(receive_log, nullptr);
        ggml_set_abort_callback(receive_abort);
        llama_backend_init();
    });
    if (guard_depth++ == 0) {
        guard_lines.clear();
    }
}

Guard::~Guard() {
    if (--guard_depth == 0) {
        guard_is_stopped = false;
    }
}

void Guard::note_stop() { guard_is_stopped = guard_depth > 0; }

void Guard::write_reason(const std::string &what, char *error, size_t capacity) {
    std::string reason = guard_lines;
    if (!what.empty()) {
        reason += what;
    }
    while (!reason.empty() && reason.back() == '\n') {
        reason.pop_back();
    }
    if (capacity > 0) {
        size_t length = std::min(reason.size(), capacity - 1);
        memcpy(error, reason.data(), length);
        error[length] = '\0';
    }
}

} // namespace cllama
