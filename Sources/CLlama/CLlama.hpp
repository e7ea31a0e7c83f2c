// What the bridge's files share: the handles' insides and the guard that keeps C++ inside.
#pragma once

#include "CLlama.h"
#include "ggml-cpu.h"
#include "llama.h"

#include <atomic>
#include <string>
#include <vector>

struct cllama_context {
    llama_context *llama = nullptr;
    // One whose threads and aborts are this one's too.
    cllama_context *beside = nullptr;
    ggml_threadpool *pool = nullptr;
    int32_t pool_threads = 0;
    llama_batch batch{};
    int32_t batch_capacity = 0;
    std::atomic<bool> abort{false};
    // Moved cells are computed anew at the start of the next decode, which must not stop half-way.
    std::atomic<bool> is_shifting{false};
    // An assertion failed in mid-decode: worker threads may hang at a barrier, so nothing of this
    // context can be used or freed any more.
    bool broken = false;
};

inline const llama_model *llama_of(const cllama_model *model) {
    return reinterpret_cast<const llama_model *>(model);
}

inline const llama_vocab *vocabulary_of(const cllama_model *model) {
    return llama_model_get_vocab(llama_of(model));
}

namespace cllama {

// The GPUs that models may lie on; those within the processor only where there are no others.
std::vector<ggml_backend_dev_t> gpus();

// While one lives, the error lines that llama.cpp logs on this thread are kept, and a failed
// GGML_ASSERT on this thread throws instead of ending the process: a damaged file must not take
// the program down. (The frames in between are C, compiled with unwind tables on every platform
// we build for; what they had allocated leaks.)
class Guard {
  public:
    Guard();
    ~Guard();
    Guard(const Guard &) = delete;
    Guard &operator=(const Guard &) = delete;

    // Runs `work`; on an exception or a null result writes the reason into `error`.
    template <typename Work> auto run(Work work, char *error, size_t capacity) -> decltype(work()) {
        try {
            if (auto made = work()) {
                return made;
            }
            write_reason("", error, capacity);
        } catch (const std::exception &exception) {
            write_reason(exception.what(), error, capacity);
        } catch (...) {
            write_reason("unknown C++ exception", error, capacity);
        }
        return nullptr;
    }

    // What this thread computes is stopped on demand: what llama.cpp has to say of that is no error.
    static void note_stop();

  private:
    static void write_reason(const std::string &what, char *error, size_t capacity);
};

} // namespace cllama
