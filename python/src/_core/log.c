/* log.c  What the engine in this process says. Mirrors lmstudio/log.h. */
#include "state.h"

/* log_keep(level) */
PyObject *core_log_keep(PyObject *module, PyObject *args) {
    core_state *state = PyModule_GetState(module);
    int level;
    if (!PyArg_ParseTuple(args, "i:log_keep", &level))
        return NULL;
    lms_error *error = NULL;
    lms_status status = lms_log_keep(level, &error);
    if (status < 0)
        return core_raise(state, status, error);
    Py_RETURN_NONE;
}

/* log_next() -> (level, line); None: there is none now */
PyObject *core_log_next(PyObject *module, PyObject *none) {
    (void)none;
    core_state *state = PyModule_GetState(module);
    int32_t level = 0;
    lms_text line = LMS_NO_TEXT;
    lms_error *error = NULL;
    lms_status status = lms_log_next(&level, &line, &error);
    if (status < 0)
        return core_raise(state, status, error);
    if (status == LMS_PENDING)
        Py_RETURN_NONE;
    return Py_BuildValue("(iN)", (int)level, core_take_str(&line));
}
