/**
 * @file CLlama.h  The part of llama.cpp that the engine uses, as plain C that Swift imports.
 *
 * Nothing here decides anything: names, units and defaults are llama.cpp's own. No C++ exception
 * leaves a function. Handles are not checked; LMStudioLlama owns them and knows their threads: a
 * model may be read from any thread, a context and its samplers belong to one thread at a time,
 * only cllama_context_abort() may be called from another.
 */
#ifndef CLLAMA_H
#define CLLAMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cllama_model cllama_model;
typedef struct cllama_context cllama_context;

/* Log */

/** Receives llama.cpp's log lines: level 1 debug, 2 info, 3 warning, 4 error; text ends in NUL. */
typedef void (*cllama_log_sink)(int32_t level, const char *text);

/** Replace the process-wide log sink; NULL (the start) drops all lines. */
void cllama_log_set(cllama_log_sink sink);

/* Model */

typedef struct cllama_model_options {
    const char *path;
    int32_t gpu_layers;  /* layers on GPUs; negative: all */
    const int32_t *gpus; /* indices of those that are used, in order; NULL: llama.cpp's choice */
    const float *gpu_shares; /* of the layers, one for each of `gpus`; NULL: by their free memory */
    int32_t gpu_count;       /* of `gpus` */
    int32_t cpu_expert_layers; /* the first so many layers keep their experts off the GPUs */
    const char *override_key; /* metadata key that has another value than in the file; NULL: none */
    int64_t override_value;
    bool use_mmap;
    bool use_mlock;
    bool use_direct_io; /* instead of the other two, where the system can */
    bool is_empty; /* neither weights nor contexts have memory: only to see what they would take */
    bool (*progress)(float done, void *data); /* 0.0…1.0; false stops the load; may be NULL */
    void *progress_data;
} cllama_model_options;

/** Load a model; on failure returns NULL and writes llama.cpp's own words into `error`. */
cllama_model *cllama_model_load(const cllama_model_options *options, char *error, size_t capacity);
void cllama_model_free(cllama_model *model);

int32_t cllama_model_vocabulary_size(const cllama_model *model);
bool cllama_model_is_end_of_generation(const cllama_model *model, int32_t token);
/** Whether what a sequence has read is one state that cannot be taken back to an earlier token. */
bool cllama_model_is_recurrent(const cllama_model *model);
/** Tokens that the layers with the smallest view look back at; 0: all see everything. */
int32_t cllama_model_window(const cllama_model *model);
bool cllama_model_adds_eos(const cllama_model *model);
int32_t cllama_model_bos(const cllama_model *model); /* -1: none */
int32_t cllama_model_eos(const cllama_model *model); /* -1: none */

/**
 * Tokens of UTF-8 text, special tokens parsed.
 *
 * @return the number of tokens, of which at most `capacity` were written; INT32_MIN on failure.
 */
int32_t cllama_tokenize(
    const cllama_model *model,
    const char *text,
    int32_t length,
    bool add_special,
    int32_t *tokens,
    int32_t capacity);

/**
 * Bytes a token stands for.
 *
 * @param special whether special tokens have text; otherwise they stand for nothing.
 * @return their number, ≤ capacity, or < 0.
 */
int32_t cllama_token_bytes(
    const cllama_model *model, int32_t token, bool special, char *bytes, int32_t capacity);

/* Chat templates */

typedef struct cllama_template cllama_template;
typedef struct cllama_chat cllama_chat;

/** UTF-8, not NUL-terminated. */
typedef struct cllama_text {
    const char *data;
    size_t length;
} cllama_text;

/** The model's own template of that name, lent; name NULL: the usual one. NULL if it has none. */
const char *cllama_model_template(const cllama_model *model, const char *name);

/**
 * Parse a Jinja template, to be used from any thread; it may cost no more than some seconds.
 *
 * @return NULL on failure, with the reason in `error`, which begins with the template's line.
 */
cllama_template *cllama_template_create(
    const cllama_model *model, cllama_text source, char *error, size_t capacity);
void cllama_template_free(cllama_template *made);

/** The texts of the tokens that a template may put at the beginning and at ends; lent, or empty. */
cllama_text cllama_template_bos(const cllama_template *made);
cllama_text cllama_template_eos(const cllama_template *made);

/** A chat to be filled, and then applied; every text is copied. NULL, or false below: no memory. */
cllama_chat *cllama_chat_create(void);
void cllama_chat_free(cllama_chat *chat);
/** Role "system", "user" or "assistant". */
bool cllama_chat_add_message(cllama_chat *chat, const char *role, cllama_text text);
/** To the message that was added last; arguments: a JSON object. */
bool cllama_chat_add_tool_call(
    cllama_chat *chat, cllama_text id, cllama_text name, cllama_text arguments);
/** A message of the role "tool". */
bool cllama_chat_add_tool_result(
    cllama_chat *chat, cllama_text id, cllama_text name, cllama_text content);
/** Parameters: a JSON schema. */
bool cllama_chat_add_tool(
    cllama_chat *chat, cllama_text name, cllama_text description, cllama_text parameters);

/** Make the prompt, which asks for an answer. False on failure, with the reason in `error`. */
bool cllama_chat_apply(
    cllama_chat *chat,
    const cllama_template *chat_template,
    bool enable_thinking,
    char *error,
    size_t capacity);
/** The prompt, lent until the chat is applied again or freed. */
cllama_text cllama_chat_prompt(const cllama_chat *chat);

/* Context */

typedef struct cllama_context_options {
    uint32_t context_length; /* tokens */
    uint32_t batch_size;     /* tokens a decode may hold */
    uint32_t micro_batch_size;
    uint32_t sequences;
    int32_t threads;
    int32_t flash_attention;  /* -1 automatic, 0 off, 1 on */
    const char *k_cache_type; /* "f16", "q8_0"…; NULL: f16 */
    const char *v_cache_type;
    float rope_frequency_base;  /* 0: the model's */
    float rope_frequency_scale; /* 0: the model's */
    bool offload_kv_cache;
    bool embeddings;        /* vectors come of it */
    int32_t pooling_type;   /* of vectors: llama.cpp's number; -1: the model's */
    bool unified_kv_cache;  /* sequences share the cells; else each has its part of them */
    cllama_context *beside; /* lives longer; its threads and aborts are this one's too */
} cllama_context_options;

/** Sequences a context may hold at most. */
uint32_t cllama_max_sequences(void);

cllama_context *cllama_context_create(
    cllama_model *model, const cllama_context_options *options, char *error, size_t capacity);
void cllama_context_free(cllama_context *context);

uint32_t cllama_context_length(const cllama_context *context);

/** Bytes; those on GPUs are part of the others. */
typedef struct cllama_memory {
    uint64_t model;
    uint64_t context; /* the cache, and the buffers to compute in */
    uint64_t gpu_model;
    uint64_t gpu_context;
} cllama_memory;

/** What a context and its model take. @return false on failure. */
bool cllama_context_memory(const cllama_context *context, cllama_memory *memory);

/** Number of threads for the next decodes; remakes the thread pool where it differs. */
void cllama_context_set_threads(cllama_context *context, int32_t threads);
int32_t cllama_context_threads(const cllama_context *context);

/** True: a running decode stops at the next graph node and returns 2, later ones too. */
void cllama_context_abort(cllama_context *context, bool abort);

/* Sequences: where false is returned, the sequence (`to` of a copy) is empty */

/** Forget a sequence's cells from a position on. @return whether it can go on from there. */
bool cllama_sequence_truncate(cllama_context *context, int32_t sequence, int32_t position);

/**
 * Let a sequence begin with the cells of another one, up to a position; both share them.
 *
 * @return whether it can go on from there.
 */
bool cllama_sequence_copy(cllama_context *context, int32_t from, int32_t to, int32_t position);

/**
 * Forget `count` cells of a sequence from a position on, and move the later ones up.
 *
 * Cells that are moved must belong to this sequence alone. The next decode cannot be aborted.
 *
 * @return false if this memory cannot do it or has lost cells; the sequence is then as it was.
 */
bool cllama_sequence_shift(
    cllama_context *context, int32_t sequence, int32_t position, int32_t count);

/** Number of the form in which sequences are saved. */
uint32_t cllama_state_version(void);

/** Tokens that a sequence has read. */
int32_t cllama_sequence_length(const cllama_context *context, int32_t sequence);

/** Bytes that cllama_sequence_save() writes; 0 on failure. */
size_t cllama_sequence_state_size(cllama_context *context, int32_t sequence);

/** Copy what a sequence has read. @return the bytes written, ≤ `capacity`; 0 on failure. */
size_t cllama_sequence_save(
    cllama_context *context, int32_t sequence, uint8_t *bytes, size_t capacity);

/**
 * Put what was saved into a sequence, in place of what it had.
 *
 * @param length tokens that it must have read then.
 * @return false if there are no cells for it, or it is not what this context saves.
 */
bool cllama_sequence_restore(
    cllama_context *context, int32_t sequence, const uint8_t *bytes, size_t count, int32_t length);

/* Batch: filled, decoded, filled again */

void cllama_batch_clear(cllama_context *context);
int32_t cllama_batch_count(const cllama_context *context);

/**
 * Add consecutive tokens of one sequence.
 *
 * @param logits how many of them get logits, the last ones.
 * @return index of the last one in the batch, for cllama_sampler_draw(), or -1 if it is full.
 */
int32_t cllama_batch_add(
    cllama_context *context,
    const int32_t *tokens,
    int32_t count,
    int32_t position,
    int32_t sequence,
    int32_t logits);

/** @return 0; 1: no free cells; 2: aborted; < 0: failed. */
int32_t cllama_decode(cllama_context *context);

/* Vectors, of contexts made for embeddings */

/** Numbers a vector has. */
int32_t cllama_model_embedding_length(const cllama_model *model);

/** Forget all sequences. */
void cllama_context_forget(cllama_context *context);

/** Add a whole text as a sequence of its own. @return false if the batch has no room for it. */
bool cllama_batch_add_text(
    cllama_context *context, const int32_t *tokens, int32_t count, int32_t sequence);

/** The vector of a sequence of the last decode, as it was pooled; valid until the next; NULL: none. */
const float *cllama_embedding(cllama_context *context, int32_t sequence);

/* Machine */

/** Physical cores this process may run on, at least 1. */
int32_t cllama_core_count(void);
/** Threads that this process may run at once, at least 1: a core may have several. */
int32_t cllama_processor_count(void);
bool cllama_supports_gpu_offload(void);
/** GPUs that models may lie on, those within the processor only where there are no others. */
int32_t cllama_gpu_count(void);
/** Bytes that are free on a GPU, 0 ≤ `index` < cllama_gpu_count(). */
uint64_t cllama_gpu_free_bytes(int32_t index);

/** Bytes that `count` elements of a GGUF tensor type take; 0: no such type, or not whole blocks. */
uint64_t cllama_type_bytes(uint32_t type, uint64_t row_length, uint64_t rows);

#ifdef __cplusplus
}
#endif

#include "CLlamaCheckpoint.h"
#include "CLlamaDraft.h"
#include "CLlamaImage.h"
#include "CLlamaSampler.h"
#include "CLlamaTools.h"

#endif
