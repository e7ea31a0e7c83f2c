// Chat templates: Jinja as llama.cpp's own interpreter runs it, bounded.
//
// Templates come with model files and with requests, so they may be anything. The interpreter has
// no bounds of its own: a loop over range(10**12), a macro that calls itself or a string that is
// doubled often enough would take all time, stack or memory. So after parsing, the statements and
// the elements of loops, the statements of macros and the values of variables are put into nodes
// that count.
#include "Template.hpp"
#include "common/jinja/parser.h"
#include "common/jinja/runtime.h"
#include "common/log.h"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <stdexcept>

namespace {

struct Budget {
    size_t lives = 0;
    size_t steps = 0;
    size_t bytes = 0;
    size_t depth = 0;
};

thread_local Budget budget;

void spend(size_t steps, size_t bytes) {
    budget.steps += steps;
    if (budget.steps > cllama::template_steps) {
        throw std::runtime_error(
            "the template takes more than " + std::to_string(cllama::template_steps) +
            " steps in its loops");
    }
    budget.bytes += bytes;
    if (budget.bytes > cllama::template_output) {
        throw std::runtime_error(
            "the template makes more than " + std::to_string(cllama::template_output) +
            " bytes of text");
    }
}

// Runs another node, and counts it.
struct Counted : jinja::expression {
    jinja::statement_ptr node;

    explicit Counted(jinja::statement_ptr &&node) : node(std::move(node)) { pos = this->node->pos; }

    std::string type() const override { return node->type(); }

    jinja::value execute_impl(jinja::context &context) const override {
        if (budget.depth >= cllama::template_depth) {
            throw std::runtime_error(
                "the template's loops and macros are more than " +
                std::to_string(cllama::template_depth) + " deep");
        }
        struct Depth {
            Depth() { budget.depth++; }
            ~Depth() { budget.depth--; }
        } depth;
        spend(1, 0);
        jinja::value value = node->execute(context);
        if (jinja::is_val<jinja::value_string>(value)) {
            spend(0, value->val_str.length());
        } else if (jinja::is_val<jinja::value_array>(value)) {
            spend(value->val_arr.size(), 0);
        } else if (jinja::is_val<jinja::value_object>(value)) {
            spend(value->val_obj.size(), 0);
        }
        return value;
    }
};

// Stands at a template's beginning: range() as Jinja has it, whose elements are counted.
struct BoundedRange : jinja::statement {
    BoundedRange() { pos = 0; }

    jinja::value execute_impl(jinja::context &context) const override {
        jinja::func_handler range = [](const jinja::func_args &args) {
            // Of three values two say how many elements there are.
            double first = args.count() > 1 ? args.get_pos(0)->as_int() : 0;
            double end = args.get_pos(args.count() > 1 ? 1 : 0)->as_int();
            double step = args.count() > 2 ? args.get_pos(2)->as_int() : 1;
            double count = step == 0 ? 0 : (end - first) / step;
            if (count > cllama::template_steps) {
                throw std::runtime_error(
                    "range() of more than " + std::to_string(cllama::template_steps) + " elements");
            }
            spend(count > 0 ? static_cast<size_t>(count) : 0, 0);
            return jinja::global_builtins().at("range")(args);
        };
        context.set_val("range", jinja::mk_val<jinja::value_func>("range", range));
        return jinja::mk_val<jinja::value_undefined>();
    }
};

void count(jinja::statement_ptr &node) {
    if (node) {
        node = std::make_unique<Counted>(std::move(node));
    }
}

void bound(jinja::statements &statements, bool counts) {
    for (jinja::statement_ptr &node : statements) {
        jinja::statement *statement = node.get();
        if (auto *choice = dynamic_cast<jinja::if_statement *>(statement)) {
            bound(choice->body, counts);
            bound(choice->alternate, counts);
        } else if (auto *loop = dynamic_cast<jinja::for_statement *>(statement)) {
            auto *selection = dynamic_cast<jinja::select_expression *>(loop->iterable.get());
            count(selection ? selection->lhs : loop->iterable);
            bound(loop->body, true);
            bound(loop->default_block, counts);
        } else if (auto *macro = dynamic_cast<jinja::macro_statement *>(statement)) {
            bound(macro->body, true);
        } else if (auto *set = dynamic_cast<jinja::set_statement *>(statement)) {
            bound(set->body, true);
            count(set->val);
        } else if (auto *filter = dynamic_cast<jinja::filter_statement *>(statement)) {
            bound(filter->body, true);
        } else if (auto *call = dynamic_cast<jinja::call_statement *>(statement)) {
            bound(call->body, true);
        }
        if (counts) {
            count(node);
        }
    }
}

// MARK: Parsing

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

std::string token_text(const cllama_model *model, llama_token token) {
    return token == LLAMA_TOKEN_NULL ? std::string()
                                     : common_token_to_piece(vocabulary_of(model), token, true);
}

// What llama.cpp's common library would print, the caller is told.
void silence_common_log() {
    static std::once_flag once;
    std::call_once(once, [] { common_log_set_verbosity_thold(LOG_LEVEL_OUTPUT - 1); });
}

} // namespace

namespace cllama {

TemplateBudget::TemplateBudget() {
    if (budget.lives++ == 0) {
        budget.steps = 0;
        budget.bytes = 0;
        budget.depth = 0;
    }
}

TemplateBudget::~TemplateBudget() { budget.lives--; }

// The interpreter says "\n---\nWhile executing X at line 1, column 2 in source:\n…\nError: what".
std::string template_reason(const std::string &what) {
    const std::string mark = "\nError: ";
    size_t place = what.find(" at line ");
    size_t error = what.rfind(mark);
    if (place == std::string::npos || error == std::string::npos) {
        return what;
    }
    place += strlen(" at ");
    return what.substr(place, what.find(',', place) - place) + ": " +
           what.substr(error + mark.size());
}

} // namespace cllama

cllama_template *cllama_template_create(
    const cllama_model *model, cllama_text source, char *error, size_t capacity) {
    silence_common_log();
    cllama::Guard guard;
    cllama::TemplateBudget budget;
    return guard.run(
        [&] {
            if (source.length > cllama::template_bytes) {
                throw std::invalid_argument(
                    "it has more than " + std::to_string(cllama::template_bytes) + " bytes");
            }
            std::string text(source.data, source.length);
            jinja::lexer_result lexed = tokens_of(text);
            check_depth(lexed);
            jinja::program program = program_of(lexed);
            bound(program.body, false);
            program.body.insert(program.body.begin(), std::make_unique<BoundedRange>());
            auto made = std::make_unique<cllama_template>(cllama_template{
                common_chat_template("", "", ""),
                token_text(model, llama_vocab_bos(vocabulary_of(model))),
                token_text(model, llama_vocab_eos(vocabulary_of(model)))});
            made->chat.prog = std::move(program);
            made->chat.src = lexed.source;
            made->chat.bos_tok = made->bos;
            made->chat.eos_tok = made->eos;
            made->chat.caps = jinja::caps_get(made->chat.prog);
            return made.release();
        },
        error,
        capacity);
}

void cllama_template_free(cllama_template *made) { delete made; }

cllama_text cllama_template_bos(const cllama_template *made) {
    return {made->bos.data(), made->bos.size()};
}

cllama_text cllama_template_eos(const cllama_template *made) {
    return {made->eos.data(), made->eos.size()};
}

const char *cllama_model_template(const cllama_model *model, const char *name) {
    return llama_model_chat_template(llama_of(model), name);
}
