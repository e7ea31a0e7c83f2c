// Chat templates: Jinja as llama.cpp's own interpreter runs it, bounded.
//
// Templates come with model files and with requests, so they may be anything. The interpreter has
// no bounds of its own: a loop over range(10**12), a macro that calls itself or a string that is
// doubled often enough would take all time, stack or memory. So after parsing, the statements and
// the elements of loops, the statements of macros and the values of variables are put into nodes
// that count; and what text is made, the interpreter tells (build-jinja.cmake).
#include "Template.hpp"
#include "common/jinja/runtime.h"
#include "common/log.h"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <stdexcept>
#include <utility>

namespace {

struct Budget {
    size_t lives = 0;
    size_t steps = 0;
    size_t bytes = 0;
    size_t depth = 0;
    // What got other values within it.
    std::vector<std::weak_ptr<jinja::value_t>> changed;
};

thread_local Budget budget;

void spend(size_t steps, size_t bytes) {
    budget.steps += steps;
    if (budget.steps > cllama::template_steps) {
        throw std::runtime_error(
            "the template takes more than " + std::to_string(cllama::template_steps) +
            " steps in its loops");
    }
    if (bytes > cllama::template_output - budget.bytes) {
        throw std::runtime_error(
            "the template makes more than " + std::to_string(cllama::template_output) +
            " bytes of text");
    }
    budget.bytes += bytes;
}

// Hears of what every template makes on this thread.
struct Watcher : jinja::lmstudio_watcher {
    void made(size_t bytes) override { spend(0, bytes); }
    void changed(const jinja::value &outer) override { budget.changed.emplace_back(outer); }
};

thread_local Watcher watcher;

// Empties what outlives its template because it lies within itself.
void break_circles() {
    for (const std::weak_ptr<jinja::value_t> &changed : std::exchange(budget.changed, {})) {
        if (jinja::value circle = changed.lock()) {
            if (auto *object = jinja::cast_val<jinja::value_object>(circle)) {
                object->unordered.clear();
            }
            const auto elements = std::exchange(circle->val_arr, {});
            const auto members = std::exchange(circle->val_obj, {});
        }
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
        if (jinja::is_val<jinja::value_array>(value)) {
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
        jinja::lmstudio_watching = &watcher;
    }
}

TemplateBudget::~TemplateBudget() {
    if (--budget.lives == 0) {
        jinja::lmstudio_watching = nullptr;
        break_circles();
    }
}

std::string trimmed(const std::string &text) {
    const char *const spaces = " \n\r\t";
    size_t first = text.find_first_not_of(spaces);
    return first == std::string::npos
               ? std::string()
               : text.substr(first, text.find_last_not_of(spaces) - first + 1);
}

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
            jinja::program program = cllama::parse_template(text);
            bound(program.body, false);
            program.body.insert(program.body.begin(), std::make_unique<BoundedRange>());
            auto made = std::make_unique<cllama_template>(cllama_template{
                common_chat_template("", "", ""),
                token_text(model, llama_vocab_bos(vocabulary_of(model))),
                token_text(model, llama_vocab_eos(vocabulary_of(model)))});
            made->chat.prog = std::move(program);
            made->chat.src = text;
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
