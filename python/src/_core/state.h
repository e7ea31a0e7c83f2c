/* state.h  What the files of the extension share: module state, errors, text, the waiting loop.
 *
 * The rules of the house: a body borrows the handle, makes one call of the library and copies out;
 * the GIL is released round every call that may block; waits are cut into slices so that Ctrl-C
 * works. Handles are freed in tp_dealloc only, when no thread can be inside a call on them.
 */
#ifndef LMSTUDIO_CORE_STATE_H
#define LMSTUDIO_CORE_STATE_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <structmember.h>
#include <stdbool.h>

#include <lmstudio.h>

/* Longest wait without a look at the pending signals, in milliseconds. */
#define CORE_SLICE_MS 25

typedef struct client_object client_object;

typedef struct {
    PyTypeObject *client_type;
    PyTypeObject *call_type;
    PyTypeObject *load_type;
    PyTypeObject *llm_type;
    PyTypeObject *embedding_model_type;
    PyTypeObject *embeddings_type;
    PyTypeObject *prediction_type;
    PyTypeObject *batch_type;
    PyTypeObject *fragment_type;
    PyTypeObject *fragment_class; /* what streams yield: fragment_type or a subclass of it */
    PyObject *error_classes;      /* dict: status → exception class */
    PyObject *error_factory;      /* (status, message, details) → exception; NULL: not set */
    PyObject *reasoning_types[4]; /* texts for LMS_REASONING_… */
    client_object *clients;       /* every client object, for close_all() */
    unsigned long ending_thread;  /* the one that called close_all(); 0: nobody has */
} core_state;

struct client_object {
    PyObject_HEAD
    core_state *state;
    lms_client *handle;
    size_t warnings_told; /* of lms_client_warning()'s */
    client_object *previous;
    client_object *next;
};

/* What stands for a handle that a client gave. */
typedef struct {
    PyObject_HEAD
    core_state *state;
    void *handle;
    PyObject *client; /* keeps the library's client open */
} handle_object;

/* module.c */
core_state *core_state_of(PyTypeObject *type);
void core_free_object(PyObject *self);
handle_object *core_handle(core_state *state, PyTypeObject *type, void *handle, PyObject *client);
void core_free_handle(handle_object *self);

/* error.c */
PyObject *core_raise(core_state *state, lms_status status, lms_error *error);
PyObject *core_exception(core_state *state, lms_status status, const lms_error *error);
PyObject *core_refuse(core_state *state, const char *format, ...);
int core_text(core_state *state, PyObject *value, const char *name, lms_text *text);
int core_c_string(core_state *state, PyObject *value, const char *name, const char **string);
int core_optional_c_string(
    core_state *state, PyObject *value, const char *name, const char **string);
PyObject *core_str(lms_text text);
PyObject *core_take_str(lms_text *text);
lms_text *core_text_array(core_state *state, PyObject *list, const char *name);
PyObject *core_texts(lms_text (*text_at)(const void *handle, size_t index), const void *handle);

/* call.c */
lms_call_options core_call_options(long long timeout_ms, long long idle_timeout_ms);
PyObject *core_call(
    core_state *state, PyObject *client, lms_status status, lms_call *handle, lms_error *error);
PyObject *core_client_warnings(client_object *client, PyObject *none);
PyObject *core_call_begin(client_object *client, PyObject *args);

/* callbacks.c: 0, or -1 with the exception that a callback raised. */
int core_notify(PyObject *callback, PyObject *argument); /* takes the argument over; NULL: none */
int core_notify_progress(PyObject *callback, const lms_event *event);  /* no callback: nothing */
int core_notify_tool_call(PyObject *callback, const lms_event *event); /* likewise */

/* fragment.c */
PyObject *core_fragment(core_state *state, const lms_event *event);

/* model.c */
PyObject *core_load_begin(client_object *client, PyObject *args, PyObject *keywords);
PyObject *core_llm(core_state *state, lms_llm *handle, PyObject *client);

/* embedding.c */
PyObject *core_embedding_model(client_object *client, PyObject *identifier);
PyObject *core_load_embedding_model(core_state *state, lms_load *load, PyObject *client);

/* server.c */
PyObject *core_server_is_at(PyObject *module, PyObject *args);
PyObject *core_server_find(PyObject *module, PyObject *timeout_ms);

/* log.c */
PyObject *core_log_keep(PyObject *module, PyObject *args);
PyObject *core_log_next(PyObject *module, PyObject *none);

/* batch.c */
PyObject *core_complete_many(handle_object *llm, PyObject *args, PyObject *keywords);
PyObject *core_respond_many(handle_object *llm, PyObject *args, PyObject *keywords);

/* cache.c */
PyObject *core_save_cache(handle_object *llm, PyObject *args);
PyObject *core_save_chat_cache(handle_object *llm, PyObject *args);
PyObject *core_load_cache(handle_object *llm, PyObject *args);

/* result.c */
PyObject *core_result(const lms_result *result);
PyObject *core_reasoning(const lms_result *result);
PyObject *core_tool_calls(const lms_result *result);

/* prediction.c */
int core_complete_options(
    core_state *state,
    lms_complete_options *options,
    PyObject *preset,
    long long timeout_ms,
    long long idle_timeout_ms);
PyObject *core_complete(handle_object *llm, PyObject *args, PyObject *keywords);
PyObject *core_respond(handle_object *llm, PyObject *args, PyObject *keywords);

extern PyType_Spec core_client_spec;
extern PyType_Spec core_call_spec;
extern PyType_Spec core_load_spec;
extern PyType_Spec core_llm_spec;
extern PyType_Spec core_embedding_model_spec;
extern PyType_Spec core_embeddings_spec;
extern PyType_Spec core_prediction_spec;
extern PyType_Spec core_batch_spec;
extern PyType_Spec core_fragment_spec;

#endif
