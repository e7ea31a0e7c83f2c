// A chat template that was parsed, and cannot run away when it is used.
#pragma once

#include "CLlama.hpp"
#include "common/chat-auto-parser.h"
#include "common/chat.h"

#include <memory>
#include <mutex>

namespace cllama {

// What llama.cpp finds out about a template by using it, when that is first asked for.
struct Analysis {
    std::once_flag once;
    bool knows_tools = false;
    // Whether it can switch the model's thinking on and off.
    bool thinks = true;
    // Whether llama.cpp has a parser of its own for it; otherwise `form` tells how it writes calls.
    bool is_special = false;
    autoparser::autoparser form;
};

} // namespace cllama

struct cllama_template {
    common_chat_template chat;
    std::string bos;
    std::string eos;
    std::shared_ptr<cllama::Analysis> analysis = std::make_shared<cllama::Analysis>();
};

struct cllama_chat {
    std::vector<common_chat_msg> messages;
    std::vector<common_chat_tool> tools;
    std::string prompt;
};

namespace cllama {

// Most bytes of a template; the largest known ones have a tenth of it.
constexpr size_t template_bytes = 256 << 10;
// Most tokens within one {{ }} or {% %}, and most blocks within each other: both become recursion.
constexpr size_t template_tag_tokens = 2000;
constexpr size_t template_depth = 100;
// Most elements that one use loops over and statements that it runs for them and in macros, about a
// second's worth and thousands of messages, and most bytes that they put together.
constexpr size_t template_steps = 200'000;
constexpr size_t template_output = 64 << 20;

// While one lives, templates of this thread may use as much as that, and no more.
class TemplateBudget {
  public:
    TemplateBudget();
    ~TemplateBudget();
    TemplateBudget(const TemplateBudget &) = delete;
    TemplateBudget &operator=(const TemplateBudget &) = delete;
};

// Throws with the line that is wrong; the source becomes the text that the program's places refer to.
jinja::program parse_template(std::string &source);

// What a template is told of a chat.
autoparser::generation_params parameters(
    const cllama_chat &chat, const common_chat_template &chat_template, bool thinks);

std::string trimmed(const std::string &text);

// What went wrong with the use of a template, in one line that begins with the template's line.
std::string template_reason(const std::string &what);

} // namespace cllama
