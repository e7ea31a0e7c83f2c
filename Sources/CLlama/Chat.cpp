// Chats through templates, with what llama.cpp's common library does for templates that lack
// something. (Its common_chat_templates_apply() does the same, but analyses the template by using it
// dozens of times each time.)
#include "Template.hpp"

#include <ctime>
#include <stdexcept>

namespace {

std::string string_of(cllama_text text) {
    return text.length == 0 ? std::string() : std::string(text.data, text.length);
}

// A template that takes no system message gets its text before the next message's.
void merge_system_message(std::vector<common_chat_msg> &messages) {
    if (messages.empty() || messages.front().role != "system") {
        return;
    }
    if (messages.size() > 1) {
        messages[1].content = messages[0].content + "\n" + messages[1].content;
    }
    messages.erase(messages.begin());
}

// Templates that look into a call's arguments get them as an object, others as text.
void parse_arguments(common_json &messages) {
    for (common_json &message : messages) {
        if (!message.contains("tool_calls")) {
            continue;
        }
        for (common_json &call : message["tool_calls"]) {
            common_json &arguments = call["function"]["arguments"];
            if (arguments.is_string()) {
                arguments = common_json::parse(arguments.get<std::string>());
            }
        }
    }
}

// Step 3.5 begins to think in circles where messages have spaces around them.
void trim_messages(
    const common_chat_template &chat_template, std::vector<common_chat_msg> &messages) {
    const char *const sentence = "You have access to the following functions in JSONSchema format";
    if (chat_template.src.find(sentence) == std::string::npos) {
        return;
    }
    for (common_chat_msg &message : messages) {
        message.content = cllama::trimmed(message.content);
    }
}

// What templates are told beside the messages: the date, and that earlier thinking stays, which the
// cache may then hold.
common_json surroundings(std::time_t now) {
    std::tm local{};
    localtime_r(&now, &local);
    char datetime[64];
    char date[64];
    strftime(datetime, sizeof datetime, "%b %d %Y", &local);
    strftime(date, sizeof date, "%d %b %Y", &local);
    return common_json::object(
        {{"datetime", datetime}, {"date_string", date}, {"preserve_reasoning", true}});
}

} // namespace

autoparser::generation_params cllama::parameters(
    const cllama_chat &chat, const common_chat_template &chat_template, bool thinks) {
    const jinja::caps &caps = chat_template.caps;
    std::vector<common_chat_msg> messages = chat.messages;
    trim_messages(chat_template, messages);
    if (!caps.supports_system_role) {
        merge_system_message(messages);
    }
    autoparser::generation_params parameters;
    parameters.messages = common_chat_msgs_to_json_oaicompat(messages);
    if (caps.supports_object_arguments) {
        parse_arguments(parameters.messages);
    }
    parameters.tools = common_chat_tools_to_json_oaicompat(chat.tools);
    parameters.extra_context = surroundings(std::time(nullptr));
    parameters.add_generation_prompt = true;
    parameters.enable_thinking = thinks;
    parameters.parallel_tool_calls = true;
    return parameters;
}

cllama_chat *cllama_chat_create(void) {
    try {
        return new cllama_chat();
    } catch (...) {
        return nullptr;
    }
}

void cllama_chat_free(cllama_chat *chat) { delete chat; }

bool cllama_chat_add_message(cllama_chat *chat, const char *role, cllama_text text) {
    try {
        common_chat_msg message;
        message.role = role;
        message.content = string_of(text);
        chat->messages.push_back(std::move(message));
        return true;
    } catch (...) {
        return false;
    }
}

bool cllama_chat_add_tool_call(
    cllama_chat *chat, cllama_text id, cllama_text name, cllama_text arguments) {
    try {
        chat->messages.back().tool_calls.push_back(
            {string_of(name), string_of(arguments), string_of(id)});
        return true;
    } catch (...) {
        return false;
    }
}

bool cllama_chat_add_tool_result(
    cllama_chat *chat, cllama_text id, cllama_text name, cllama_text content) {
    try {
        common_chat_msg message;
        message.role = "tool";
        message.content = string_of(content);
        message.tool_call_id = string_of(id);
        message.tool_name = string_of(name);
        chat->messages.push_back(std::move(message));
        return true;
    } catch (...) {
        return false;
    }
}

bool cllama_chat_add_tool(
    cllama_chat *chat, cllama_text name, cllama_text description, cllama_text parameters) {
    try {
        chat->tools.push_back({string_of(name), string_of(description), string_of(parameters)});
        return true;
    } catch (...) {
        return false;
    }
}

bool cllama_chat_apply(
    cllama_chat *chat,
    const cllama_template *chat_template,
    bool enable_thinking,
    char *error,
    size_t capacity) {
    cllama::Guard guard;
    cllama::TemplateBudget budget;
    return guard.run(
               [&] {
                   try {
                       const common_chat_template &parsed = chat_template->chat;
                       auto given = cllama::parameters(*chat, parsed, enable_thinking);
                       auto special =
                           common_chat_try_specialized_template(parsed, parsed.src, given);
                       chat->prompt = special ? special->prompt
                                              : common_chat_template_direct_apply(parsed, given);
                       return chat;
                   } catch (const std::exception &exception) {
                       throw std::runtime_error(cllama::template_reason(exception.what()));
                   }
               },
               error,
               capacity) != nullptr;
}

cllama_text cllama_chat_prompt(const cllama_chat *chat) {
    return {chat->prompt.data(), chat->prompt.size()};
}
