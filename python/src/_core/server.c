/* server.c  Whether and where servers are. Mirrors lmstudio/server.h. */
#include "state.h"

/* server_is_at(address, timeout_ms) */
PyObject *core_server_is_at(PyObject *module, PyObject *args) {
    core_state *state = PyModule_GetState(module);
    PyObject *address_object;
    long long timeout_ms;
    const char *address = NULL;
    if (!PyArg_ParseTuple(args, "OL:server_is_at", &address_object, &timeout_ms) ||
        core_c_string(state, address_object, "api_host", &address) < 0)
        return NULL;
    int32_t is_there = 0;
    lms_error *error = NULL;
    lms_status status;
    Py_BEGIN_ALLOW_THREADS
    status = lms_server_is_at(address, timeout_ms, &is_there, &error);
    Py_END_ALLOW_THREADS
    if (status < 0)
        return core_raise(state, status, error);
    return PyBool_FromLong(is_there);
}

/* server_find(timeout_ms) */
PyObject *core_server_find(PyObject *module, PyObject *timeout_object) {
    core_state *state = PyModule_GetState(module);
    long long timeout_ms = PyLong_AsLongLong(timeout_object);
    if (timeout_ms == -1 && PyErr_Occurred())
        return NULL;
    lms_text address = LMS_NO_TEXT;
    lms_error *error = NULL;
    lms_status status;
    Py_BEGIN_ALLOW_THREADS
    status = lms_server_find(timeout_ms, &address, &error);
    Py_END_ALLOW_THREADS
    if (status < 0)
        return core_raise(state, status, error);
    return core_take_str(&address);
}
