/** @file harness.h  Scenarios that call liblmstudio as C and C++ programs do.
 *
 * Each returns what it found wrong, a line for each failed check; empty if nothing. The text is lent
 * until the next scenario. One scenario runs at a time. `address` is that of a store with a model
 * that never ends by itself.
 */
#ifndef HARNESS_H
#define HARNESS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* layout.c */
/** Each public struct with its size, and each of its fields with its offset. */
const char *harness_layout(void);
/** Value of the C constant of this name; INT32_MIN if there is none. */
int32_t harness_status(const char *name);
/** What lms_version() must return. */
const char *harness_version(void);

/* options.c */
const char *harness_client_options_defaults(size_t size);
const char *harness_load_options_defaults(size_t size);
const char *harness_call_options_defaults(size_t size);
const char *harness_complete_options_defaults(size_t size);
const char *harness_old_client_options(const char *address);
const char *harness_old_load_options(const char *address);
const char *harness_struct_size_refused(const char *address, size_t size);

/* nulls.c */
const char *harness_null_no_ops(void);
const char *harness_null_getters(void);
const char *harness_null_arguments(const char *address);

/* handles.c */
const char *harness_wild_handle(const char *address, uintptr_t value);
const char *harness_freed_handles(const char *address);
const char *harness_handles_of_another_type(const char *address);
const char *harness_misaligned_handle(const char *address);

/* counts.c */
const char *harness_thousand_handles(const char *address);
const char *harness_finished_predictions_are_freed(const char *address);

/* texts.c */
const char *harness_nul_in_texts(const char *address);
const char *harness_refused_text(const char *address, const char *data, size_t length);
const char *harness_refused_string(const char *address, const char *string);

/* configs.c */
int32_t harness_prediction_config_status(const char *address, const char *config);
/** What preparing an answer to the chat returns. */
int32_t harness_chat_status(const char *address, const char *chat);
int32_t harness_load_config_status(const char *address, const char *config);
const char *harness_prediction_warnings(const char *address);
const char *harness_load_warnings(const char *address);

/* calls.c; some talk to a server that says nothing */
const char *harness_call_to_the_end(const char *address);
const char *harness_small_calls_are_answered_at_once(const char *address);
const char *harness_call_timeouts(void);
const char *harness_refused_timeout(const char *address, int64_t timeout_ms);
const char *harness_prediction_timeout(const char *address);
const char *harness_cancelling_a_call(void);
const char *harness_freeing_a_call_while_waiting(void);
const char *harness_closing_while_calling(void);
const char *harness_silence_is_no_server(void);

/* predictions.c */
const char *harness_events_and_result(const char *address);
const char *harness_polling(const char *address);
const char *harness_unloading_while_running(const char *address);
const char *harness_cancelling_before_the_start(const char *address);
const char *harness_starting_with_a_closed_client(const char *address);
const char *harness_closed_client(const char *address);

/* images.c */
const char *harness_image_in_a_chat(const char *address);

/* answers.c */
const char *harness_answer_of_a_form(const char *address);
const char *harness_tool_calls(const char *address);
const char *harness_cut_tool_call(const char *address);
const char *harness_tokens_of_fragments(const char *address);
const char *harness_prompt_of_a_chat(const char *address);

/* interruptions.c */
const char *harness_cancelling_from_another_thread(const char *address);
const char *harness_freeing_while_waiting(const char *address);
const char *harness_closing_while_waiting(const char *address);
const char *harness_handles_from_many_threads(const char *address);

/* loads.c */
const char *harness_load_to_the_end(const char *address);
const char *harness_load_for_ever(const char *address);
const char *harness_load_verified(const char *address);
const char *harness_cancelling_a_load(const char *address);
const char *harness_freeing_a_load(const char *address);
const char *harness_closing_while_loading(const char *address);
const char *harness_freeing_a_load_while_waiting(const char *address);
const char *harness_unknown_model(const char *address);

/* embeddings.c; of a store with one embedding model, of width 32 */
const char *harness_vectors_of_texts(const char *address);
const char *harness_loading_an_embedding_model(const char *address);
const char *harness_ending_embeddings(const char *address);
const char *harness_refused_embeddings(const char *address);

/* batches.c */
const char *harness_many_completions(const char *address);
const char *harness_ending_batches(const char *address);
const char *harness_refused_batches(const char *address);

/* caches.c */
const char *harness_saved_caches(const char *address, const char *path);

/* forks.c */
const char *harness_forked_calls(const char *address);
const char *harness_forked_errors(const char *address);
const char *harness_forking_while_others_call(const char *address);

/* round_trip.cpp */
const char *harness_cpp_round_trip(const char *address);
/** A completion as the library streams it; the caller frees it. NULL if anything failed. */
char *harness_completion(const char *address, const char *prompt, const char *config);
/** The same for an answer to a chat. */
char *harness_answer(const char *address, const char *chat, const char *config);

#ifdef __cplusplus
}
#endif

#endif
