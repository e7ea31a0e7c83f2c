// Parsing templates, with the line of what is wrong: llama.cpp's own exceptions do not tell it.
#include "Template.hpp"
#include "common/jinja/parser.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace {

size_t line_at(const std::string &source, size_t position) {
    return 1 + std::count(source.begin(), source.begin() + std::min(position, source.size()), '\n');
}

[[noreturn]] void refuse(const std::string &source, size_t position, const std::string &what) {
    throw std::invalid_argument("line " + std::to_string(line_at(source, position)) + ": " + what);
}

// Refuses what would take the parser, which recurses, too deep.
void check_depth(const jinja::lexer_result &lexed) {
    std::vector<size_t> blocks; // how deep each open block makes the tree
    size_t depth = 0;
    size_t tag_tokens = 0;
    for (size_t i = 0; i < lexed.tokens.size(); i++) {
        const jinja::token &token = lexed.tokens[i];
        if (token.t == jinja::token::open_statement || token.t == jinja::token::open_expression) {
            tag_tokens = 0;
        }
        if (++tag_tokens > cllama::template_tag_tokens) {
            refuse(
                lexed.source,
                token.pos,
                "more than " + std::to_string(cllama::template_tag_tokens) + " words in one tag");
        }
        if (token.t != jinja::token::open_statement || i + 1 == lexed.tokens.size()) {
            continue;
        }
        const std::string &name = lexed.tokens[i + 1].value;
        if (name == "if" || name == "for" || name == "macro" || name == "call" ||
            name == "filter") {
            blocks.push_back(1);
            depth++;
        } else if (name == "elif" && !blocks.empty()) {
            blocks.back()++;
            depth++;
        } else if (name.compare(0, 3, "end") == 0 && name != "endset" && !blocks.empty()) {
            depth -= blocks.back();
            blocks.pop_back();
        }
        if (depth > cllama::template_depth) {
            refuse(
                lexed.source,
                token.pos,
                "blocks more than " + std::to_string(cllama::template_depth) + " deep");
        }
    }
}

// The sentence of an exception that goes on with an excerpt.
std::string sentence(const std::string &what) {
    std::string text = what.substr(0, what.find('\n'));
    for (const char *prefix : {"lexer: ", "parser: ", "Parser Error: "}) {
        if (text.compare(0, strlen(prefix), prefix) == 0) {
            text.erase(0, strlen(prefix));
        }
    }
    return text;
}

// What an action throws; empty if nothing.
template <typename Action> std::string thrown_by(Action action) {
    try {
        action();
        return "";
    } catch (const std::exception &exception) {
        return exception.what();
    }
}

jinja::lexer_result tokens_of(const std::string &source) {
    auto reason = [](const std::string &text) {
        return sentence(thrown_by([&] { jinja::lexer().tokenize(text); }));
    };
    try {
        return jinja::lexer().tokenize(source);
    } catch (const std::exception &) {
        // The exceptions do not say where: the fault begins in the line from which on it is there.
        const std::string what = reason(source);
        size_t end = source.size();
        while (end > 0) {
            size_t start = source.rfind('\n', end - 1);
            start = start == std::string::npos ? 0 : start;
            if (start == 0 || reason(source.substr(0, start)) != what) {
                break;
            }
            end = start;
        }
        refuse(source, end - (end > 0), what);
    }
}

jinja::program program_of(const jinja::lexer_result &lexed) {
    try {
        return jinja::parse_from_tokens(lexed);
    } catch (const std::exception &exception) {
        // The parser reads from left to right: the first tokens that give the same error end with
        // the wrong one.
        const std::string what = exception.what();
        size_t good = 0;
        size_t bad = lexed.tokens.size();
        while (bad - good > 1) {
            size_t middle = good + (bad - good) / 2;
            jinja::lexer_result part = {
                {lexed.tokens.begin(), lexed.tokens.begin() + middle}, lexed.source};
            (thrown_by([&] { jinja::parse_from_tokens(part); }) == what ? bad : good) = middle;
        }
        refuse(lexed.source, bad == 0 ? 0 : lexed.tokens[bad - 1].pos, sentence(what));
    }
}

} // namespace

namespace cllama {

jinja::program parse_template(std::string &source) {
    jinja::lexer_result lexed = tokens_of(source);
    check_depth(lexed);
    jinja::program program = program_of(lexed);
    source = lexed.source;
    return program;
}

} // namespace cllama
