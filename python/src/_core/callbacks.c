/* callbacks.c  What people want to be told on the way. */
#include "state.h"

int core_notify(PyObject *callback, PyObject *argument) {
    PyObject *called = PyObject_CallFunctionObjArgs(callback, argument, NULL);
    Py_XDECREF(argument);
    Py_XDECREF(called);
    return called == NULL ? -1 : 0;
}

int core_notify_progress(PyObject *callback, const lms_event *event) {
    if (callback == NULL)
        return 0;
    PyObject *called = PyObject_CallFunction(
        callback,
        "diii",
        event->progress,
        (int)event->cached_tokens_count,
        (int)event->processed_tokens_count,
        (int)event->prompt_tokens_count);
    Py_XDECREF(called);
    return called == NULL ? -1 : 0;
}

int core_notify_tool_call(PyObject *callback, const lms_event *event) {
    if (callback == NULL)
        return 0;
    PyObject *called = PyObject_CallFunction(
        callback, "iNN", (int)event->kind, core_str(event->text), core_str(event->raw_content));
    Py_XDECREF(called);
    return called == NULL ? -1 : 0;
}
