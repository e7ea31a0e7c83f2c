/* error.c  From statuses to exceptions, and between str and lms_text. Mirrors lmstudio/error.h. */
#include "state.h"

#include <stdarg.h>
#include <string.h>
#include <unistd.h>

static PyObject *class_of(core_state *state, lms_status status) {
    PyObject *key = PyLong_FromLong(status);
    if (key == NULL)
        return NULL;
    PyObject *exception = PyDict_GetItemWithError(state->error_classes, key);
    Py_DECREF(key);
    if (exception == NULL && !PyErr_Occurred())
        exception = PyExc_RuntimeError;
    return exception;
}

/* Daemon threads see their clients close when the interpreter ends. Their tracebacks are nobody's
 * business, so they stop here, as CPython stops them when they next want the GIL. */
static void park_if_ending(core_state *state) {
    if (state->ending_thread == 0 || state->ending_thread == PyThread_get_thread_ident())
        return;
    Py_BEGIN_ALLOW_THREADS
    for (;;)
        pause();
    Py_END_ALLOW_THREADS
}

/* The exception for a failure: the class's, or what the factory makes of a server's details. */
static PyObject *exception_of(
    core_state *state, lms_status status, PyObject *message, lms_text details) {
    if (details.length > 0 && state->error_factory != NULL)
        return PyObject_CallFunction(
            state->error_factory,
            "iOs#",
            (int)status,
            message,
            details.data,
            (Py_ssize_t)details.length);
    PyObject *exception = class_of(state, status);
    return exception == NULL ? NULL : PyObject_CallFunctionObjArgs(exception, message, NULL);
}

/* The exception that stands for a failure; NULL with another one if it cannot be made. */
PyObject *core_exception(core_state *state, lms_status status, const lms_error *error) {
    lms_text message = lms_error_message(error);
    PyObject *text =
        message.length > 0
            ? PyUnicode_DecodeUTF8(message.data, (Py_ssize_t)message.length, "replace")
            : PyUnicode_FromFormat("The LM Studio library failed with status %d.", (int)status);
    PyObject *exception =
        text == NULL ? NULL : exception_of(state, status, text, lms_error_details(error));
    Py_XDECREF(text);
    return exception;
}

/* Raise the exception that stands for a failure; frees the error. Always returns NULL. */
PyObject *core_raise(core_state *state, lms_status status, lms_error *error) {
    park_if_ending(state);
    PyObject *exception = core_exception(state, status, error);
    if (exception != NULL)
        PyErr_SetObject((PyObject *)Py_TYPE(exception), exception);
    Py_XDECREF(exception);
    lms_error_free(error);
    return NULL;
}

/* Raise the exception for a bad argument. Always returns NULL. */
PyObject *core_refuse(core_state *state, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    PyObject *text = PyUnicode_FromFormatV(format, arguments);
    va_end(arguments);
    PyObject *exception = text == NULL ? NULL : class_of(state, LMS_ERROR_INVALID_ARGUMENT);
    if (exception != NULL)
        PyErr_SetObject(exception, text);
    Py_XDECREF(text);
    return NULL;
}

static int refuse_type(core_state *state, const char *name, PyObject *value) {
    PyObject *type = PyObject_GetAttrString((PyObject *)Py_TYPE(value), "__name__");
    if (type != NULL)
        core_refuse(state, "%s must be a str, not %U.", name, type);
    Py_XDECREF(type);
    return -1;
}

/* Lend the UTF-8 of a str; it lives as long as the str. 0, or -1 with an exception. */
int core_text(core_state *state, PyObject *value, const char *name, lms_text *text) {
    if (!PyUnicode_Check(value))
        return refuse_type(state, name, value);
    Py_ssize_t length = 0;
    text->data = PyUnicode_AsUTF8AndSize(value, &length);
    text->length = (size_t)length;
    if (text->data != NULL)
        return 0;
    if (PyErr_ExceptionMatches(PyExc_UnicodeEncodeError)) {
        PyErr_Clear();
        core_refuse(state, "%s holds a lone surrogate, which is not a character.", name);
    }
    return -1;
}

/* The same as a C string. A NUL inside is refused. */
int core_c_string(core_state *state, PyObject *value, const char *name, const char **string) {
    lms_text text = LMS_NO_TEXT;
    if (core_text(state, value, name, &text) < 0)
        return -1;
    if (strlen(text.data) != text.length) {
        /* Errors are logged, and secrets are not. */
        if (strcmp(name, "api_token") == 0)
            core_refuse(state, "api_token holds a NUL character.");
        else
            core_refuse(state, "%s holds a NUL character: %R.", name, value);
        return -1;
    }
    *string = text.data;
    return 0;
}

/* The same where None stands for NULL. */
int core_optional_c_string(
    core_state *state, PyObject *value, const char *name, const char **string) {
    *string = NULL;
    return value == Py_None ? 0 : core_c_string(state, value, name, string);
}

PyObject *core_str(lms_text text) {
    return PyUnicode_DecodeUTF8(text.data, (Py_ssize_t)text.length, NULL);
}

/* A str of text that the library handed over; frees the text. */
PyObject *core_take_str(lms_text *text) {
    PyObject *string = core_str(*text);
    lms_text_free(text);
    return string;
}

/* The texts that a handle lends by their index, as a list of str. */
PyObject *core_texts(lms_text (*text_at)(const void *handle, size_t index), const void *handle) {
    PyObject *list = PyList_New(0);
    for (size_t index = 0; list != NULL; index++) {
        lms_text text = text_at(handle, index);
        if (text.length == 0)
            break;
        PyObject *string = core_str(text);
        if (string == NULL || PyList_Append(list, string) < 0)
            Py_CLEAR(list);
        Py_XDECREF(string);
    }
    return list;
}

/* Borrows each text of a list; NULL with an exception if one is not text. */
lms_text *core_text_array(core_state *state, PyObject *list, const char *name) {
    Py_ssize_t count = PyList_Size(list);
    lms_text *texts = PyMem_Calloc(count > 0 ? (size_t)count : 1, sizeof *texts);
    if (texts == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    for (Py_ssize_t index = 0; index < count; index++) {
        char place[64];
        PyOS_snprintf(place, sizeof place, "%s[%zd]", name, index);
        if (core_text(state, PyList_GetItem(list, index), place, &texts[index]) < 0) {
            PyMem_Free(texts);
            return NULL;
        }
    }
    return texts;
}
