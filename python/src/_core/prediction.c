/* prediction.c  Text on its way: start, pull, cancel. Mirrors lmstudio/prediction.h. */
#include "state.h"

typedef struct {
    handle_object base;
    PyObject *on_progress;
    PyObject *on_first_token;
    PyObject *on_fragment;
    PyObject *on_tool_call;
} prediction_object;

static PyObject *callback_of(PyObject *value) {
    if (value == Py_None)
        return NULL;
    Py_INCREF(value);
    return value;
}

typedef lms_status (*prepare_function)(
    const lms_llm *llm,
    lms_text input,
    lms_text config,
    const lms_complete_options *options,
    lms_prediction **prediction,
    lms_error **error);

/* Fill in the options; the preset's text is borrowed. 0, or -1 with an exception. */
int core_complete_options(
    core_state *state,
    lms_complete_options *options,
    PyObject *preset,
    long long timeout_ms,
    long long idle_timeout_ms) {
    lms_complete_options_init(options, sizeof *options);
    options->timeout_ms = timeout_ms;
    options->idle_timeout_ms = idle_timeout_ms;
    return core_optional_c_string(state, preset, "preset", &options->preset);
}

/* (input, config, *, preset, timeout_ms, idle_timeout_ms, on_progress, on_first_token, on_fragment,
 * on_tool_call) */
static PyObject *predict(
    handle_object *llm,
    PyObject *args,
    PyObject *keywords,
    const char *format,
    char *input_name,
    prepare_function prepare) {
    char *names[] = {
        input_name,
        "config",
        "preset",
        "timeout_ms",
        "idle_timeout_ms",
        "on_progress",
        "on_first_token",
        "on_fragment",
        "on_tool_call",
        NULL};
    core_state *state = llm->state;
    PyObject *input_object;
    PyObject *config_object;
    PyObject *preset = Py_None;
    long long timeout_ms = LMS_TIMEOUT_DEFAULT;
    long long idle_timeout_ms = LMS_TIMEOUT_DEFAULT;
    PyObject *on_progress = Py_None;
    PyObject *on_first_token = Py_None;
    PyObject *on_fragment = Py_None;
    PyObject *on_tool_call = Py_None;
    lms_text input = LMS_NO_TEXT;
    lms_text config = LMS_NO_TEXT;
    lms_complete_options options;
    if (!PyArg_ParseTupleAndKeywords(
            args,
            keywords,
            format,
            names,
            &input_object,
            &config_object,
            &preset,
            &timeout_ms,
            &idle_timeout_ms,
            &on_progress,
            &on_first_token,
            &on_fragment,
            &on_tool_call) ||
        core_text(state, input_object, input_name, &input) < 0 ||
        core_text(state, config_object, "config", &config) < 0 ||
        core_complete_options(state, &options, preset, timeout_ms, idle_timeout_ms) < 0)
        return NULL;
    lms_prediction *handle = NULL;
    lms_error *error = NULL;
    lms_status status = prepare(llm->handle, input, config, &options, &handle, &error);
    if (status < 0)
        return core_raise(state, status, error);
    prediction_object *self =
        (prediction_object *)core_handle(state, state->prediction_type, handle, llm->client);
    if (self == NULL) {
        lms_prediction_free(handle);
        return NULL;
    }
    self->on_progress = callback_of(on_progress);
    self->on_first_token = callback_of(on_first_token);
    self->on_fragment = callback_of(on_fragment);
    self->on_tool_call = callback_of(on_tool_call);
    return (PyObject *)self;
}

PyObject *core_complete(handle_object *llm, PyObject *args, PyObject *keywords) {
    return predict(llm, args, keywords, "OO|$OLLOOOO:complete", "prompt", lms_llm_complete);
}

PyObject *core_respond(handle_object *llm, PyObject *args, PyObject *keywords) {
    return predict(llm, args, keywords, "OO|$OLLOOOO:respond", "chat", lms_llm_respond);
}

static int prediction_traverse(prediction_object *self, visitproc visit, void *arg) {
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(self->on_progress);
    Py_VISIT(self->on_first_token);
    Py_VISIT(self->on_fragment);
    Py_VISIT(self->on_tool_call);
    return 0;
}

static int prediction_clear(prediction_object *self) {
    Py_CLEAR(self->on_progress);
    Py_CLEAR(self->on_first_token);
    Py_CLEAR(self->on_fragment);
    Py_CLEAR(self->on_tool_call);
    return 0;
}

static void prediction_dealloc(prediction_object *self) {
    PyObject_GC_UnTrack(self);
    prediction_clear(self);
    lms_prediction_free(self->base.handle);
    core_free_handle(&self->base);
}

/* The next event: 1 when there is one, 0 after the last, -1 with an exception. What is queued
 * comes without giving up the GIL, which in a busy process takes milliseconds to get back. */
static int next_event(prediction_object *self, lms_event *event) {
    lms_error *error = NULL;
    lms_status status = lms_prediction_next(self->base.handle, 0, event, &error);
    while (status == LMS_PENDING) {
        if (PyErr_CheckSignals() < 0)
            return -1;
        Py_BEGIN_ALLOW_THREADS
        status = lms_prediction_next(self->base.handle, CORE_SLICE_MS, event, &error);
        Py_END_ALLOW_THREADS
    }
    if (status == LMS_OK)
        return 1;
    if (status == LMS_END)
        return 0;
    core_raise(self->base.state, status, error);
    return -1;
}

static PyObject *prediction_next(prediction_object *self) {
    lms_event event;
    int more;
    while ((more = next_event(self, &event)) > 0) {
        if (event.kind == LMS_EVENT_FRAGMENT) {
            PyObject *fragment = core_fragment(self->base.state, &event);
            if (fragment == NULL || self->on_fragment == NULL)
                return fragment;
            Py_INCREF(fragment);
            if (core_notify(self->on_fragment, fragment) < 0)
                Py_CLEAR(fragment);
            return fragment;
        }
        if (event.kind == LMS_EVENT_PROMPT_PROGRESS) {
            if (core_notify_progress(self->on_progress, &event) < 0)
                return NULL;
        } else if (event.kind == LMS_EVENT_FIRST_TOKEN && self->on_first_token != NULL) {
            if (core_notify(self->on_first_token, NULL) < 0)
                return NULL;
        } else if (event.kind >= LMS_EVENT_TOOL_CALL_START) {
            if (core_notify_tool_call(self->on_tool_call, &event) < 0)
                return NULL;
        }
        if (PyErr_CheckSignals() < 0)
            return NULL;
    }
    return NULL;
}

static PyObject *prediction_start(prediction_object *self, PyObject *Py_UNUSED(none)) {
    lms_error *error = NULL;
    lms_status status = lms_prediction_start(self->base.handle, &error);
    if (status < 0)
        return core_raise(self->base.state, status, error);
    Py_RETURN_NONE;
}

static PyObject *prediction_cancel(prediction_object *self, PyObject *Py_UNUSED(none)) {
    lms_prediction_cancel(self->base.handle);
    Py_RETURN_NONE;
}

/* The result, in the form that `part` gives it. */
static PyObject *part_of(prediction_object *self, PyObject *(*part)(const lms_result *)) {
    const lms_result *result = lms_prediction_result(self->base.handle);
    return result == NULL ? core_raise(self->base.state, LMS_ERROR_STATE, NULL) : part(result);
}

static PyObject *prediction_server_warnings(prediction_object *self, PyObject *none) {
    return core_client_warnings((client_object *)self->base.client, none);
}

static PyObject *prediction_result(prediction_object *self, PyObject *Py_UNUSED(none)) {
    return part_of(self, core_result);
}

static PyObject *prediction_reasoning(prediction_object *self, PyObject *Py_UNUSED(none)) {
    return part_of(self, core_reasoning);
}

static PyObject *prediction_tool_calls(prediction_object *self, PyObject *Py_UNUSED(none)) {
    return part_of(self, core_tool_calls);
}

static lms_text prediction_warning(const void *handle, size_t index) {
    return lms_prediction_warning(handle, index);
}

static PyObject *prediction_warnings(prediction_object *self, PyObject *Py_UNUSED(none)) {
    return core_texts(prediction_warning, self->base.handle);
}

static PyMethodDef prediction_methods[] = {
    {"start", (PyCFunction)prediction_start, METH_NOARGS, "Begin the work; do not wait."},
    {"cancel", (PyCFunction)prediction_cancel, METH_NOARGS, "Stop; the iteration then ends."},
    {"result",
     (PyCFunction)prediction_result,
     METH_NOARGS,
     "Content, and as JSON: stats, model info, load config, prediction config."},
    {"server_warnings",
     (PyCFunction)prediction_server_warnings,
     METH_NOARGS,
     "What the server sent that cannot be read, since this was last called."},
    {"reasoning",
     (PyCFunction)prediction_reasoning,
     METH_NOARGS,
     "The result's thinking without its marks, and the answer."},
    {"tool_calls",
     (PyCFunction)prediction_tool_calls,
     METH_NOARGS,
     "The result's calls of tools, a JSON array."},
    {"warnings", (PyCFunction)prediction_warnings, METH_NOARGS, "Warnings about the options."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot prediction_slots[] = {
    {Py_tp_doc, "Text on its way; iterating yields fragments and calls the callbacks."},
    {Py_tp_dealloc, prediction_dealloc},
    {Py_tp_traverse, prediction_traverse},
    {Py_tp_clear, prediction_clear},
    {Py_tp_iter, PyObject_SelfIter},
    {Py_tp_iternext, prediction_next},
    {Py_tp_methods, prediction_methods},
    {0, NULL},
};

PyType_Spec core_prediction_spec = {
    .name = "lmstudio._core.Prediction",
    .basicsize = sizeof(prediction_object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = prediction_slots,
};
