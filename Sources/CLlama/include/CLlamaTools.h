/** @file CLlamaTools.h  Calls of tools in what a model writes; part of CLlama.h. */
#ifndef CLLAMA_TOOLS_H
#define CLLAMA_TOOLS_H

#include "CLlama.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cllama_tool_parser cllama_tool_parser;

/** Whether the template tells the model of tools and of their calls, in a form that is understood. */
bool cllama_template_knows_tools(const cllama_template *chat_template);

/** Whether the template, if it is told of thinking at all, can switch it on and off. */
bool cllama_template_thinks(const cllama_template *chat_template);

/** Whether the template writes the calls of earlier messages. */
bool cllama_template_writes_calls(const cllama_template *chat_template);

/**
 * Make a parser of calls of the chat's tools, for one thread at a time.
 *
 * Without knows_tools it is for LM Studio's form: [TOOL_REQUEST]{"name":…,"arguments":{…}}
 * [END_TOOL_REQUEST], one for each call.
 *
 * @param is_required whether at least one tool must be called.
 * @return NULL on failure, with the reason in `error`.
 */
cllama_tool_parser *cllama_tool_parser_create(
    const cllama_chat *chat,
    const cllama_template *chat_template,
    bool enable_thinking,
    bool is_required,
    char *error,
    size_t capacity);
void cllama_tool_parser_free(cllama_tool_parser *parser);

/** What calls may be, as GBNF, lent as all below; empty: not known. */
cllama_text cllama_tool_parser_grammar(const cllama_tool_parser *parser);
/** The end of the prompt, if the grammar's texts begin with it. */
cllama_text cllama_tool_parser_prefix(const cllama_tool_parser *parser);
/** Whether it reads all that the model writes, thinking too; else from the first trigger on. */
bool cllama_tool_parser_reads_all(const cllama_tool_parser *parser);
/** Texts that calls begin with; empty past the last, and none if a call is required. */
cllama_text cllama_tool_parser_trigger(const cllama_tool_parser *parser, size_t index);
/** Texts that are to be shown though the model may have control tokens for them. */
cllama_text cllama_tool_parser_mark(const cllama_tool_parser *parser, size_t index);
/** Texts that end an answer. */
cllama_text cllama_tool_parser_stop(const cllama_tool_parser *parser, size_t index);

/** Read what was written until now. False if it is no answer with calls, with the reason. */
bool cllama_tool_parser_parse(
    cllama_tool_parser *parser, cllama_text text, bool is_partial, char *error, size_t capacity);
/** What the last text holds, lent until the next; arguments: JSON, or a beginning of it. */
cllama_text cllama_tool_parser_content(const cllama_tool_parser *parser);
cllama_text cllama_tool_parser_thinking(const cllama_tool_parser *parser);
size_t cllama_tool_parser_call_count(const cllama_tool_parser *parser);
cllama_text cllama_tool_parser_call_id(const cllama_tool_parser *parser, size_t index);
cllama_text cllama_tool_parser_call_name(const cllama_tool_parser *parser, size_t index);
cllama_text cllama_tool_parser_call_arguments(const cllama_tool_parser *parser, size_t index);

#ifdef __cplusplus
}
#endif

#endif
