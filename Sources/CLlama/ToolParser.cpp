// Calls of tools in what a model writes: llama.cpp's parsers, chosen or made for the template.
//
// Well-known templates have a parser of their own in llama.cpp, which reads all that the model
// writes. For others llama.cpp finds out by using the template some dozens of times how it writes
// calls; that is kept with the template. A template that knows no tools gets LM Studio's own form.
#include "Template.hpp"
#include "common/chat-peg-parser.h"
#include "common/json-schema-to-grammar.h"

#include <memory>
#include <optional>
#include <stdexcept>

struct cllama_tool_parser {
    common_chat_parser_params reading;
    std::string grammar;
    // Text that is part of what is parsed and of the grammar's texts, but written by the template.
    std::string prefix;
    std::vector<std::string> triggers;
    std::vector<std::string> marks;
    std::vector<std::string> stops;
    bool reads_all = false;
    common_chat_msg message;
};

namespace {

const char *const default_start = "[TOOL_REQUEST]";
const char *const default_end = "[END_TOOL_REQUEST]";

cllama_text text_of(const std::string &text) { return {text.data(), text.size()}; }

std::string grammar_of(const common_peg_arena &arena) {
    return build_grammar(
        [&](const common_grammar_builder &builder) { arena.build_grammar(builder, true); });
}

// What llama.cpp knows of a well-known template.
std::optional<common_chat_params> special_of(const common_chat_template &chat_template) {
    autoparser::generation_params trial;
    trial.messages = common_json::parse(R"([{"role":"user","content":"Hi"}])");
    trial.add_generation_prompt = true;
    try {
        return common_chat_try_specialized_template(chat_template, chat_template.src, trial);
    } catch (const std::exception &) {
        return std::nullopt;
    }
}

const cllama::Analysis &analysis_of(const cllama_template *chat_template) {
    cllama::Analysis &analysis = *chat_template->analysis;
    std::call_once(analysis.once, [&] {
        const common_chat_template &chat = chat_template->chat;
        if (const auto special = special_of(chat)) {
            analysis.is_special = true;
            analysis.knows_tools = true;
            analysis.thinks = special->supports_thinking;
            return;
        }
        try {
            analysis.form.analyze_template(chat);
            analysis.thinks = analysis.form.reasoning.mode != autoparser::reasoning_mode::NONE;
            analysis.knows_tools = chat.caps.supports_tools && chat.caps.supports_tool_calls &&
                                   analysis.form.tools.format.mode != autoparser::tool_format::NONE;
        } catch (const std::exception &) {
            // A template that cannot be found out about is one that knows no tools.
        }
    });
    return analysis;
}

// llama.cpp's own parser of a well-known template.
void read_special(
    cllama_tool_parser &parser,
    const common_chat_template &chat_template,
    autoparser::generation_params &given) {
    auto special = common_chat_try_specialized_template(chat_template, chat_template.src, given);
    if (!special) {
        throw std::runtime_error("the template's calls of tools are not understood");
    }
    parser.reading = common_chat_parser_params(*special);
    parser.reading.parser.load(special->parser);
    parser.reads_all = true;
    parser.prefix = special->grammar_lazy ? "" : special->generation_prompt;
    parser.marks = special->preserved_tokens;
    parser.stops = special->additional_stops;
    bool has_trigger = true;
    for (const common_grammar_trigger &trigger : special->grammar_triggers) {
        has_trigger = has_trigger && trigger.type == COMMON_GRAMMAR_TRIGGER_TYPE_WORD;
    }
    if (!special->grammar_lazy) {
        parser.grammar = special->grammar;
    } else if (has_trigger) {
        parser.grammar = special->grammar;
        for (const common_grammar_trigger &trigger : special->grammar_triggers) {
            parser.triggers.push_back(trigger.value);
        }
    }
}

// The parser that llama.cpp makes of what it found out about a template.
void read_template(
    cllama_tool_parser &parser,
    const common_chat_template &chat_template,
    const autoparser::autoparser &form,
    autoparser::generation_params &given) {
    // The thinking is cut off before.
    given.reasoning_format = COMMON_REASONING_FORMAT_NONE;
    std::string prompt = common_chat_template_generation_prompt(chat_template, given);
    parser.grammar = grammar_of(form.build_parser(given, prompt));
    // What is read may be without a call whatever is asked for.
    given.tool_choice = COMMON_CHAT_TOOL_CHOICE_AUTO;
    parser.reading.format = COMMON_CHAT_FORMAT_PEG_NATIVE;
    parser.reading.parser = form.build_parser(given, prompt);
    std::string thinking = cllama::trimmed(form.reasoning.start);
    parser.reading.generation_prompt =
        thinking.empty() ? prompt : prompt.substr(0, prompt.find(thinking));
    parser.marks = form.preserved_tokens;
    parser.stops = form.additional_stops;
    const auto &tools = form.tools.format;
    std::string start =
        cllama::trimmed(tools.section_start.empty() ? tools.per_call_start : tools.section_start);
    parser.triggers.push_back(start.empty() ? "{" : start);
}

// LM Studio's form, for templates that know no tools.
void read_default(cllama_tool_parser &parser, const common_json &tools) {
    parser.reading.format = COMMON_CHAT_FORMAT_PEG_NATIVE;
    parser.reading.parser = build_chat_peg_parser([&](common_chat_peg_builder &builder) {
        auto call = builder.standard_json_tools(
            default_start, default_end, tools, false, true, "name", "arguments");
        return builder.trigger_rule("calls", builder.one_or_more(call + builder.space())) +
               builder.end();
    });
    parser.grammar = grammar_of(parser.reading.parser);
    parser.triggers.push_back(default_start);
}

cllama_text text_at(const std::vector<std::string> &texts, size_t index) {
    return index < texts.size() ? text_of(texts[index]) : cllama_text{nullptr, 0};
}

} // namespace

bool cllama_template_knows_tools(const cllama_template *chat_template) {
    cllama::Guard guard;
    cllama::TemplateBudget budget;
    try {
        return analysis_of(chat_template).knows_tools;
    } catch (...) {
        return false;
    }
}

bool cllama_template_thinks(const cllama_template *chat_template) {
    if (chat_template->chat.src.find("enable_thinking") == std::string::npos) {
        return true;
    }
    cllama::Guard guard;
    cllama::TemplateBudget budget;
    try {
        return analysis_of(chat_template).thinks;
    } catch (...) {
        return true;
    }
}

bool cllama_template_writes_calls(const cllama_template *chat_template) {
    return chat_template->chat.caps.supports_tool_calls;
}

cllama_tool_parser *cllama_tool_parser_create(
    const cllama_chat *chat,
    const cllama_template *chat_template,
    bool enable_thinking,
    bool is_required,
    char *error,
    size_t capacity) {
    cllama::Guard guard;
    cllama::TemplateBudget budget;
    return guard.run(
        [&] {
            auto parser = std::make_unique<cllama_tool_parser>();
            const common_chat_template &parsed = chat_template->chat;
            auto given = cllama::parameters(*chat, parsed, enable_thinking);
            const cllama::Analysis &analysis = analysis_of(chat_template);
            if (is_required) {
                given.tool_choice = COMMON_CHAT_TOOL_CHOICE_REQUIRED;
            }
            if (!analysis.knows_tools) {
                read_default(*parser, given.tools);
            } else if (analysis.is_special) {
                read_special(*parser, parsed, given);
            } else {
                read_template(*parser, parsed, analysis.form, given);
            }
            if (is_required) {
                parser->triggers.clear();
            }
            return parser.release();
        },
        error,
        capacity);
}

void cllama_tool_parser_free(cllama_tool_parser *parser) { delete parser; }

cllama_text cllama_tool_parser_grammar(const cllama_tool_parser *parser) {
    return text_of(parser->grammar);
}

cllama_text cllama_tool_parser_prefix(const cllama_tool_parser *parser) {
    return text_of(parser->prefix);
}

bool cllama_tool_parser_reads_all(const cllama_tool_parser *parser) { return parser->reads_all; }

cllama_text cllama_tool_parser_trigger(const cllama_tool_parser *parser, size_t index) {
    return text_at(parser->triggers, index);
}

cllama_text cllama_tool_parser_mark(const cllama_tool_parser *parser, size_t index) {
    return text_at(parser->marks, index);
}

cllama_text cllama_tool_parser_stop(const cllama_tool_parser *parser, size_t index) {
    return text_at(parser->stops, index);
}

bool cllama_tool_parser_parse(
    cllama_tool_parser *parser, cllama_text text, bool is_partial, char *error, size_t capacity) {
    cllama::Guard guard;
    return guard.run(
               [&] {
                   std::string written(text.data, text.length);
                   parser->message = common_chat_parse(written, is_partial, parser->reading);
                   return parser;
               },
               error,
               capacity) != nullptr;
}

cllama_text cllama_tool_parser_content(const cllama_tool_parser *parser) {
    return text_of(parser->message.content);
}

cllama_text cllama_tool_parser_thinking(const cllama_tool_parser *parser) {
    return text_of(parser->message.reasoning_content);
}

size_t cllama_tool_parser_call_count(const cllama_tool_parser *parser) {
    return parser->message.tool_calls.size();
}

cllama_text cllama_tool_parser_call_id(const cllama_tool_parser *parser, size_t index) {
    return text_of(parser->message.tool_calls[index].id);
}

cllama_text cllama_tool_parser_call_name(const cllama_tool_parser *parser, size_t index) {
    return text_of(parser->message.tool_calls[index].name);
}

cllama_text cllama_tool_parser_call_arguments(const cllama_tool_parser *parser, size_t index) {
    return text_of(parser->message.tool_calls[index].arguments);
}
