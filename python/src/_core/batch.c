/* batch.c  Many predictions at once. Mirrors lmstudio/batch.h. */
#include "state.h"

typedef lms_status (*begin_function)(
    const lms_llm *llm,
    const lms_text *inputs,
    size_t count,
    lms_text config,
    const lms_complete_options *options,
    int32_t keep_going,
    lms_batch **batch,
    lms_error **error);

/* (inputs, config, *, preset, timeout_ms, idle_timeout_ms, keep_going) */
static PyObject *begin(
    handle_object *llm,
    PyObject *args,
    PyObject *keywords,
    const char *format,
    char *inputs_name,
    begin_function begin_batch) {
    char *names[] = {
        inputs_name, "config", "preset", "timeout_ms", "idle_timeout_ms", "keep_going", NULL};
    core_state *state = llm->state;
    PyObject *list;
    PyObject *config_object;
    PyObject *preset = Py_None;
    long long timeout_ms = LMS_TIMEOUT_DEFAULT;
    long long idle_timeout_ms = LMS_TIMEOUT_DEFAULT;
    int keep_going = 0;
    lms_text config = LMS_NO_TEXT;
    lms_complete_options options;
    if (!PyArg_ParseTupleAndKeywords(
            args,
            keywords,
            format,
            names,
            &PyList_Type,
            &list,
            &config_object,
            &preset,
            &timeout_ms,
            &idle_timeout_ms,
            &keep_going) ||
        core_text(state, config_object, "config", &config) < 0 ||
        core_complete_options(state, &options, preset, timeout_ms, idle_timeout_ms) < 0)
        return NULL;
    lms_text *inputs = core_text_array(state, list, inputs_name);
    if (inputs == NULL)
        return NULL;
    lms_batch *handle = NULL;
    lms_error *error = NULL;
    lms_status status = begin_batch(
        llm->handle,
        inputs,
        (size_t)PyList_Size(list),
        config,
        &options,
        keep_going,
        &handle,
        &error);
    PyMem_Free(inputs);
    if (status < 0)
        return core_raise(state, status, error);
    handle_object *self = core_handle(state, state->batch_type, handle, llm->client);
    if (self == NULL)
        lms_batch_free(handle);
    return (PyObject *)self;
}

PyObject *core_complete_many(handle_object *llm, PyObject *args, PyObject *keywords) {
    return begin(llm, args, keywords, "O!O|$OLLp:complete_many", "prompts", lms_llm_complete_many);
}

PyObject *core_respond_many(handle_object *llm, PyObject *args, PyObject *keywords) {
    return begin(llm, args, keywords, "O!O|$OLLp:respond_many", "chats", lms_llm_respond_many);
}

static void batch_dealloc(handle_object *self) {
    lms_batch_free(self->handle);
    core_free_handle(self);
}

static PyObject *batch_next(handle_object *self) {
    size_t index = 0;
    double progress = 0;
    lms_error *error = NULL;
    lms_status status = LMS_PENDING;
    while (status == LMS_PENDING) {
        if (PyErr_CheckSignals() < 0)
            return NULL;
        Py_BEGIN_ALLOW_THREADS
        status = lms_batch_next(self->handle, CORE_SLICE_MS, &index, &progress, &error);
        Py_END_ALLOW_THREADS
    }
    if (status < 0)
        return core_raise(self->state, status, error);
    return status == LMS_END ? NULL : Py_BuildValue("(nd)", (Py_ssize_t)index, progress);
}

static PyObject *batch_cancel(handle_object *self, PyObject *Py_UNUSED(none)) {
    lms_batch_cancel(self->handle);
    Py_RETURN_NONE;
}

/* The result at a place, in the form that `parts` gives it. */
static PyObject *batch_part(
    handle_object *self, PyObject *place, PyObject *(*parts)(const lms_result *)) {
    size_t index = PyLong_AsSize_t(place);
    if (index == (size_t)-1 && PyErr_Occurred())
        return NULL;
    const lms_result *result = lms_batch_result(self->handle, index);
    return result == NULL ? core_raise(self->state, LMS_ERROR_STATE, NULL) : parts(result);
}

static PyObject *batch_result(handle_object *self, PyObject *place) {
    return batch_part(self, place, core_result);
}

static PyObject *batch_reasoning(handle_object *self, PyObject *place) {
    return batch_part(self, place, core_reasoning);
}

static PyObject *batch_tool_calls(handle_object *self, PyObject *place) {
    return batch_part(self, place, core_tool_calls);
}

static PyObject *batch_error(handle_object *self, PyObject *place) {
    size_t index = PyLong_AsSize_t(place);
    if (index == (size_t)-1 && PyErr_Occurred())
        return NULL;
    const lms_error *error = lms_batch_error(self->handle, index);
    if (error == NULL)
        Py_RETURN_NONE;
    return core_exception(self->state, lms_error_code(error), error);
}

static lms_text batch_warning(const void *handle, size_t index) {
    return lms_batch_warning(handle, index);
}

static PyObject *batch_warnings(handle_object *self, PyObject *Py_UNUSED(none)) {
    return core_texts(batch_warning, self->handle);
}

static PyMethodDef batch_methods[] = {
    {"cancel", (PyCFunction)batch_cancel, METH_NOARGS, "Stop all; the iteration then fails."},
    {"result",
     (PyCFunction)batch_result,
     METH_O,
     "Of a place: content, and as JSON: stats, model info, load config, prediction config."},
    {"reasoning",
     (PyCFunction)batch_reasoning,
     METH_O,
     "Of a place: the thinking without its marks, and the answer."},
    {"tool_calls",
     (PyCFunction)batch_tool_calls,
     METH_O,
     "Of a place: the calls of tools, a JSON array."},
    {"error", (PyCFunction)batch_error, METH_O, "Why a place failed; None if it did not."},
    {"warnings", (PyCFunction)batch_warnings, METH_NOARGS, "Warnings about the options."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot batch_slots[] = {
    {Py_tp_doc, "Many predictions; iterating yields places with their progress, -1.0 at the end."},
    {Py_tp_dealloc, batch_dealloc},
    {Py_tp_iter, PyObject_SelfIter},
    {Py_tp_iternext, batch_next},
    {Py_tp_methods, batch_methods},
    {0, NULL},
};

PyType_Spec core_batch_spec = {
    .name = "lmstudio._core.Batch",
    .basicsize = sizeof(handle_object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = batch_slots,
};
