/* call.c  Calls that are waited for in slices. Mirrors lmstudio/call.h. */
#include "state.h"

/* The object for a call that was begun, or the exception that says why it was not. */
PyObject *core_call(
    core_state *state, PyObject *client, lms_status status, lms_call *handle, lms_error *error) {
    if (status < 0)
        return core_raise(state, status, error);
    handle_object *self = core_handle(state, state->call_type, handle, client);
    if (self == NULL)
        lms_call_free(handle);
    return (PyObject *)self;
}

lms_call_options core_call_options(long long timeout_ms, long long idle_timeout_ms) {
    lms_call_options options;
    lms_call_options_init(&options, sizeof options);
    options.timeout_ms = timeout_ms;
    options.idle_timeout_ms = idle_timeout_ms;
    return options;
}

/* Client.begin(name_space, endpoint, parameter, timeout_ms, idle_timeout_ms) */
PyObject *core_call_begin(client_object *client, PyObject *args) {
    const char *name_space;
    const char *endpoint;
    PyObject *parameter_object;
    long long timeout_ms;
    long long idle_timeout_ms;
    lms_text parameter = LMS_NO_TEXT;
    if (!PyArg_ParseTuple(
            args,
            "ssULL:begin",
            &name_space,
            &endpoint,
            &parameter_object,
            &timeout_ms,
            &idle_timeout_ms) ||
        core_text(client->state, parameter_object, "parameter", &parameter) < 0)
        return NULL;
    lms_call_options options = core_call_options(timeout_ms, idle_timeout_ms);
    lms_call *handle = NULL;
    lms_error *error = NULL;
    lms_status status =
        lms_call_begin(client->handle, name_space, endpoint, parameter, &options, &handle, &error);
    return core_call(client->state, (PyObject *)client, status, handle, error);
}

static void call_dealloc(handle_object *self) {
    lms_call_free(self->handle);
    core_free_handle(self);
}

static PyObject *call_wait(handle_object *self, PyObject *Py_UNUSED(none)) {
    lms_text result = LMS_NO_TEXT;
    lms_error *error = NULL;
    lms_status status;
    do {
        if (PyErr_CheckSignals() < 0)
            return NULL;
        Py_BEGIN_ALLOW_THREADS
        status = lms_call_wait(self->handle, CORE_SLICE_MS, &result, &error);
        Py_END_ALLOW_THREADS
    } while (status == LMS_PENDING);
    if (status < 0)
        return core_raise(self->state, status, error);
    return core_take_str(&result);
}

static PyObject *call_cancel(handle_object *self, PyObject *Py_UNUSED(none)) {
    lms_call_cancel(self->handle);
    Py_RETURN_NONE;
}

static PyMethodDef call_methods[] = {
    {"wait", (PyCFunction)call_wait, METH_NOARGS, "Wait for the answer: JSON, once."},
    {"cancel", (PyCFunction)call_cancel, METH_NOARGS, "Stop the call; the wait then fails."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot call_slots[] = {
    {Py_tp_doc, "A call on its way; dropping it cancels it."},
    {Py_tp_dealloc, call_dealloc},
    {Py_tp_methods, call_methods},
    {0, NULL},
};

PyType_Spec core_call_spec = {
    .name = "lmstudio._core.Call",
    .basicsize = sizeof(handle_object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = call_slots,
};
