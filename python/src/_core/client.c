/* client.c  Clients: the way to the models. Mirrors lmstudio/client.h. */
#include "state.h"

static void link_client(client_object *self) {
    self->next = self->state->clients;
    if (self->next != NULL)
        self->next->previous = self;
    self->state->clients = self;
}

static void unlink_client(client_object *self) {
    if (self->previous != NULL)
        self->previous->next = self->next;
    else
        self->state->clients = self->next;
    if (self->next != NULL)
        self->next->previous = self->previous;
}

static PyObject *client_new(PyTypeObject *type, PyObject *args, PyObject *keywords) {
    static char *names[] = {"address", "api_token", "ca_file", NULL};
    core_state *state = core_state_of(type);
    PyObject *address = Py_None;
    PyObject *api_token = Py_None;
    PyObject *ca_file = Py_None;
    lms_client_options options;
    if (!PyArg_ParseTupleAndKeywords(
            args, keywords, "|OOO:Client", names, &address, &api_token, &ca_file))
        return NULL;
    lms_client_options_init(&options, sizeof options);
    if (core_optional_c_string(state, address, "api_host", &options.address) < 0 ||
        core_optional_c_string(state, api_token, "api_token", &options.api_token) < 0 ||
        core_optional_c_string(state, ca_file, "ca_file", &options.ca_file) < 0)
        return NULL;
    lms_client *handle = NULL;
    lms_error *error = NULL;
    lms_status status;
    Py_BEGIN_ALLOW_THREADS
    status = lms_client_open(&options, &handle, &error);
    Py_END_ALLOW_THREADS
    if (status < 0)
        return core_raise(state, status, error);
    client_object *self = (client_object *)PyType_GenericAlloc(type, 0);
    if (self == NULL) {
        lms_client_free(handle);
        return NULL;
    }
    self->state = state;
    self->handle = handle;
    link_client(self);
    return (PyObject *)self;
}

static void client_dealloc(client_object *self) {
    unlink_client(self);
    Py_BEGIN_ALLOW_THREADS
    lms_client_free(self->handle);
    Py_END_ALLOW_THREADS
    core_free_object((PyObject *)self);
}

static PyObject *client_close(client_object *self, PyObject *Py_UNUSED(none)) {
    Py_BEGIN_ALLOW_THREADS
    lms_client_close(self->handle);
    Py_END_ALLOW_THREADS
    Py_RETURN_NONE;
}

static PyObject *client_address(client_object *self, void *Py_UNUSED(closure)) {
    return core_str(lms_client_address(self->handle));
}

/* Client.warnings(): those that have come since it was asked the last time. */
PyObject *core_client_warnings(client_object *client, PyObject *Py_UNUSED(none)) {
    PyObject *texts = PyList_New(0);
    while (texts != NULL) {
        lms_text text = lms_client_warning(client->handle, client->warnings_told);
        if (text.length == 0)
            break;
        PyObject *string = core_str(text);
        if (string == NULL || PyList_Append(texts, string) < 0)
            Py_CLEAR(texts);
        Py_XDECREF(string);
        client->warnings_told++;
    }
    return texts;
}

static PyObject *client_llm(client_object *self, PyObject *identifier) {
    const char *string = NULL;
    if (core_c_string(self->state, identifier, "model_identifier", &string) < 0)
        return NULL;
    lms_llm *handle = NULL;
    lms_error *error = NULL;
    lms_status status = lms_client_llm_handle(self->handle, string, &handle, &error);
    if (status < 0)
        return core_raise(self->state, status, error);
    return core_llm(self->state, handle, (PyObject *)self);
}

static PyMethodDef client_methods[] = {
    {"close", (PyCFunction)client_close, METH_NOARGS, "End its work; later calls fail."},
    {"warnings",
     (PyCFunction)core_client_warnings,
     METH_NOARGS,
     "What the server sent that cannot be read, since this was last called."},
    {"begin",
     (PyCFunction)core_call_begin,
     METH_VARARGS,
     "Begin to call an endpoint: JSON in, JSON out."},
    {"llm", (PyCFunction)client_llm, METH_O, "A handle for an instance by its identifier."},
    {"embedding_model",
     (PyCFunction)core_embedding_model,
     METH_O,
     "A handle for an instance by its identifier."},
    {"load",
     (PyCFunction)(void (*)(void))core_load_begin,
     METH_VARARGS | METH_KEYWORDS,
     "Begin to get a model."},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef client_getters[] = {
    {"address", (getter)client_address, NULL, "Where the models run.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot client_slots[] = {
    {Py_tp_doc, "An open client; freed with the object."},
    {Py_tp_new, client_new},
    {Py_tp_dealloc, client_dealloc},
    {Py_tp_methods, client_methods},
    {Py_tp_getset, client_getters},
    {0, NULL},
};

PyType_Spec core_client_spec = {
    .name = "lmstudio._core.Client",
    .basicsize = sizeof(client_object),
    .flags = Py_TPFLAGS_DEFAULT,
    .slots = client_slots,
};
