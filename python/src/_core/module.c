/* module.c  The module: its state, its functions, its types. */
#include "state.h"

core_state *core_state_of(PyTypeObject *type) { return PyType_GetModuleState(type); }

/* The end of every tp_dealloc: memory back, and the instance's share in its heap type. */
void core_free_object(PyObject *self) {
    PyTypeObject *type = Py_TYPE(self);
    freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
    release(self);
    Py_DECREF(type);
}

/* An object for a handle; NULL with an exception, and then the handle is still the caller's. */
handle_object *core_handle(core_state *state, PyTypeObject *type, void *handle, PyObject *client) {
    handle_object *self = (handle_object *)PyType_GenericAlloc(type, 0);
    if (self == NULL)
        return NULL;
    self->state = state;
    self->handle = handle;
    self->client = client;
    Py_INCREF(client);
    return self;
}

/* The end of its tp_dealloc; its handle is freed. */
void core_free_handle(handle_object *self) {
    Py_DECREF(self->client);
    core_free_object((PyObject *)self);
}

/* close_all(), called when the interpreter ends. Lists first, because closing gives other threads a
 * chance to drop clients. */
static PyObject *close_all(PyObject *module, PyObject *Py_UNUSED(none)) {
    core_state *state = PyModule_GetState(module);
    state->ending_thread = PyThread_get_thread_ident();
    PyObject *clients = PyList_New(0);
    for (client_object *client = state->clients; clients != NULL && client != NULL;
         client = client->next) {
        if (PyList_Append(clients, (PyObject *)client) < 0)
            Py_CLEAR(clients);
    }
    if (clients == NULL)
        return NULL;
    for (Py_ssize_t index = 0; index < PyList_Size(clients); index++) {
        client_object *client = (client_object *)PyList_GetItem(clients, index);
        Py_BEGIN_ALLOW_THREADS
        lms_client_close(client->handle);
        Py_END_ALLOW_THREADS
    }
    Py_DECREF(clients);
    Py_RETURN_NONE;
}

static PyObject *live_handle_count(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none)) {
    return PyLong_FromSize_t(lms_live_handle_count());
}

static PyObject *version(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none)) {
    return PyUnicode_FromString(lms_version());
}

static PyObject *set_error_classes(PyObject *module, PyObject *classes) {
    core_state *state = PyModule_GetState(module);
    if (!PyDict_Check(classes)) {
        PyErr_SetString(PyExc_TypeError, "a dict from status to exception class is needed");
        return NULL;
    }
    if (PyDict_Update(state->error_classes, classes) < 0)
        return NULL;
    Py_RETURN_NONE;
}

static PyObject *set_error_factory(PyObject *module, PyObject *factory) {
    core_state *state = PyModule_GetState(module);
    PyObject *previous = state->error_factory;
    Py_INCREF(factory);
    state->error_factory = factory;
    Py_XDECREF(previous);
    Py_RETURN_NONE;
}

static PyObject *set_fragment_class(PyObject *module, PyObject *value) {
    core_state *state = PyModule_GetState(module);
    if (!PyType_Check(value) || !PyType_IsSubtype((PyTypeObject *)value, state->fragment_type)) {
        PyErr_SetString(PyExc_TypeError, "a subclass of Fragment is needed");
        return NULL;
    }
    PyTypeObject *previous = state->fragment_class;
    Py_INCREF(value);
    state->fragment_class = (PyTypeObject *)value;
    Py_DECREF(previous);
    Py_RETURN_NONE;
}

static PyMethodDef module_methods[] = {
    {"close_all", close_all, METH_NOARGS, "Close every client, for the end of the process."},
    {"live_handle_count", live_handle_count, METH_NOARGS, "Handles not yet freed."},
    {"version", version, METH_NOARGS, "Version of the library that is running."},
    {"set_error_classes", set_error_classes, METH_O, "Status → exception class."},
    {"set_error_factory",
     set_error_factory,
     METH_O,
     "What makes the exception of (status, message, a server's details as JSON)."},
    {"server_is_at", core_server_is_at, METH_VARARGS, "Whether a server answers at an address."},
    {"server_find", core_server_find, METH_O, "Address of a server on a default port, or empty."},
    {"log_keep",
     core_log_keep,
     METH_VARARGS,
     "Keeps lines of the engine, the least grave of this level."},
    {"log_next",
     core_log_next,
     METH_NOARGS,
     "(level, line), the oldest kept; None: there is none."},
    {"set_fragment_class", set_fragment_class, METH_O, "The class that streams yield."},
    {NULL, NULL, 0, NULL},
};

static PyTypeObject *add_type(PyObject *module, PyType_Spec *spec) {
    PyTypeObject *type = (PyTypeObject *)PyType_FromModuleAndSpec(module, spec, NULL);
    if (type != NULL && PyModule_AddType(module, type) < 0)
        Py_CLEAR(type);
    return type;
}

static int module_exec(PyObject *module) {
    static const char *const reasoning_types[] = {
        "none", "reasoning", "reasoningStartTag", "reasoningEndTag"};
    core_state *state = PyModule_GetState(module);
    for (int index = 0; index < 4; index++) {
        state->reasoning_types[index] = PyUnicode_InternFromString(reasoning_types[index]);
        if (state->reasoning_types[index] == NULL)
            return -1;
    }
    if ((state->error_classes = PyDict_New()) == NULL ||
        (state->client_type = add_type(module, &core_client_spec)) == NULL ||
        (state->call_type = add_type(module, &core_call_spec)) == NULL ||
        (state->load_type = add_type(module, &core_load_spec)) == NULL ||
        (state->llm_type = add_type(module, &core_llm_spec)) == NULL ||
        (state->embedding_model_type = add_type(module, &core_embedding_model_spec)) == NULL ||
        (state->embeddings_type = add_type(module, &core_embeddings_spec)) == NULL ||
        (state->prediction_type = add_type(module, &core_prediction_spec)) == NULL ||
        (state->batch_type = add_type(module, &core_batch_spec)) == NULL ||
        (state->fragment_type = add_type(module, &core_fragment_spec)) == NULL)
        return -1;
    Py_INCREF(state->fragment_type);
    state->fragment_class = state->fragment_type;
    return 0;
}

static int module_traverse(PyObject *module, visitproc visit, void *arg) {
    core_state *state = PyModule_GetState(module);
    Py_VISIT(state->client_type);
    Py_VISIT(state->call_type);
    Py_VISIT(state->load_type);
    Py_VISIT(state->llm_type);
    Py_VISIT(state->embedding_model_type);
    Py_VISIT(state->embeddings_type);
    Py_VISIT(state->prediction_type);
    Py_VISIT(state->batch_type);
    Py_VISIT(state->fragment_type);
    Py_VISIT(state->fragment_class);
    Py_VISIT(state->error_classes);
    Py_VISIT(state->error_factory);
    return 0;
}

static int module_clear(PyObject *module) {
    core_state *state = PyModule_GetState(module);
    Py_CLEAR(state->client_type);
    Py_CLEAR(state->call_type);
    Py_CLEAR(state->load_type);
    Py_CLEAR(state->llm_type);
    Py_CLEAR(state->embedding_model_type);
    Py_CLEAR(state->embeddings_type);
    Py_CLEAR(state->prediction_type);
    Py_CLEAR(state->batch_type);
    Py_CLEAR(state->fragment_type);
    Py_CLEAR(state->fragment_class);
    Py_CLEAR(state->error_classes);
    Py_CLEAR(state->error_factory);
    for (int index = 0; index < 4; index++)
        Py_CLEAR(state->reasoning_types[index]);
    return 0;
}

static void module_free(void *module) { module_clear(module); }

static PyModuleDef_Slot module_slots[] = {
    {Py_mod_exec, module_exec},
    {0, NULL},
};

static PyModuleDef module_definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "lmstudio._core",
    .m_doc = "The LM Studio library for the modules of this package; private.",
    .m_size = sizeof(core_state),
    .m_methods = module_methods,
    .m_slots = module_slots,
    .m_traverse = module_traverse,
    .m_clear = module_clear,
    .m_free = module_free,
};

PyMODINIT_FUNC PyInit__core(void) { return PyModuleDef_Init(&module_definition); }
