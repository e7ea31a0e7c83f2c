/* embedding.c  Embedding models, and the vectors of texts. Mirrors lmstudio/embedding.h. */
#include "state.h"

static PyObject *wrap(core_state *state, lms_embedding_model *handle, PyObject *client) {
    handle_object *self = core_handle(state, state->embedding_model_type, handle, client);
    if (self == NULL)
        lms_embedding_model_free(handle);
    return (PyObject *)self;
}

/* Client.embedding_model(identifier) */
PyObject *core_embedding_model(client_object *client, PyObject *identifier) {
    const char *string = NULL;
    if (core_c_string(client->state, identifier, "model_identifier", &string) < 0)
        return NULL;
    lms_embedding_model *handle = NULL;
    lms_error *error = NULL;
    lms_status status = lms_client_embedding_model_handle(client->handle, string, &handle, &error);
    if (status < 0)
        return core_raise(client->state, status, error);
    return wrap(client->state, handle, (PyObject *)client);
}

/* Load.embedding_model() */
PyObject *core_load_embedding_model(core_state *state, lms_load *load, PyObject *client) {
    lms_embedding_model *handle = NULL;
    lms_error *error = NULL;
    lms_status status = lms_load_embedding_model(load, &handle, &error);
    if (status < 0)
        return core_raise(state, status, error);
    return wrap(state, handle, client);
}

static void embedding_model_dealloc(handle_object *self) {
    lms_embedding_model_free(self->handle);
    core_free_handle(self);
}

static PyObject *embedding_model_identifier(handle_object *self, void *Py_UNUSED(none)) {
    return core_str(lms_embedding_model_identifier(self->handle));
}

/* EmbeddingModel.load_config(timeout_ms, idle_timeout_ms) */
static PyObject *embedding_model_load_config(handle_object *self, PyObject *args) {
    long long timeout_ms;
    long long idle_timeout_ms;
    if (!PyArg_ParseTuple(args, "LL:load_config", &timeout_ms, &idle_timeout_ms))
        return NULL;
    lms_call_options options = core_call_options(timeout_ms, idle_timeout_ms);
    lms_call *call = NULL;
    lms_error *error = NULL;
    lms_status status =
        lms_embedding_model_load_config_begin(self->handle, &options, &call, &error);
    return core_call(self->state, self->client, status, call, error);
}

/* EmbeddingModel.embed(texts, timeout_ms, idle_timeout_ms) */
static PyObject *embedding_model_embed(handle_object *self, PyObject *args) {
    core_state *state = self->state;
    PyObject *list;
    long long timeout_ms;
    long long idle_timeout_ms;
    if (!PyArg_ParseTuple(args, "O!LL:embed", &PyList_Type, &list, &timeout_ms, &idle_timeout_ms))
        return NULL;
    Py_ssize_t count = PyList_Size(list);
    lms_text *texts = core_text_array(state, list, "input");
    if (texts == NULL)
        return NULL;
    lms_call_options options = core_call_options(timeout_ms, idle_timeout_ms);
    lms_embeddings *handle = NULL;
    lms_error *error = NULL;
    lms_status status =
        lms_embedding_model_embed(self->handle, texts, (size_t)count, &options, &handle, &error);
    PyMem_Free(texts);
    if (status < 0)
        return core_raise(state, status, error);
    handle_object *embeddings = core_handle(state, state->embeddings_type, handle, self->client);
    if (embeddings == NULL)
        lms_embeddings_free(handle);
    return (PyObject *)embeddings;
}

static void embeddings_dealloc(handle_object *self) {
    lms_embeddings_free(self->handle);
    core_free_handle(self);
}

static PyObject *list_of(const float *numbers, size_t count) {
    PyObject *list = PyList_New((Py_ssize_t)count);
    for (size_t index = 0; list != NULL && index < count; index++) {
        PyObject *number = PyFloat_FromDouble((double)numbers[index]);
        if (number == NULL || PyList_SetItem(list, (Py_ssize_t)index, number) < 0)
            Py_CLEAR(list);
    }
    return list;
}

/* Embeddings.wait() */
static PyObject *embeddings_wait(handle_object *self, PyObject *Py_UNUSED(none)) {
    lms_error *error = NULL;
    lms_status status;
    do {
        if (PyErr_CheckSignals() < 0)
            return NULL;
        Py_BEGIN_ALLOW_THREADS
        status = lms_embeddings_wait(self->handle, CORE_SLICE_MS, &error);
        Py_END_ALLOW_THREADS
    } while (status == LMS_PENDING);
    if (status < 0)
        return core_raise(self->state, status, error);
    size_t count = lms_embeddings_count(self->handle);
    size_t dimension = lms_embeddings_dimension(self->handle);
    PyObject *vectors = PyList_New((Py_ssize_t)count);
    for (size_t index = 0; vectors != NULL && index < count; index++) {
        PyObject *vector = list_of(lms_embeddings_vector(self->handle, index), dimension);
        if (vector == NULL || PyList_SetItem(vectors, (Py_ssize_t)index, vector) < 0)
            Py_CLEAR(vectors);
    }
    return vectors;
}

static PyMethodDef embedding_model_methods[] = {
    {"load_config",
     (PyCFunction)embedding_model_load_config,
     METH_VARARGS,
     "Begin to ask how it was loaded."},
    {"embed",
     (PyCFunction)embedding_model_embed,
     METH_VARARGS,
     "Begin to compute the vectors of a list of texts."},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef embedding_model_getters[] = {
    {"identifier", (getter)embedding_model_identifier, NULL, "The instance's identifier.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot embedding_model_slots[] = {
    {Py_tp_doc, "A loaded embedding model."},
    {Py_tp_dealloc, embedding_model_dealloc},
    {Py_tp_methods, embedding_model_methods},
    {Py_tp_getset, embedding_model_getters},
    {0, NULL},
};

PyType_Spec core_embedding_model_spec = {
    .name = "lmstudio._core.EmbeddingModel",
    .basicsize = sizeof(handle_object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = embedding_model_slots,
};

static PyMethodDef embeddings_methods[] = {
    {"wait",
     (PyCFunction)embeddings_wait,
     METH_NOARGS,
     "Wait for the vectors: a list of floats for each text."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot embeddings_slots[] = {
    {Py_tp_doc, "Vectors on their way; dropping it cancels the work."},
    {Py_tp_dealloc, embeddings_dealloc},
    {Py_tp_methods, embeddings_methods},
    {0, NULL},
};

PyType_Spec core_embeddings_spec = {
    .name = "lmstudio._core.Embeddings",
    .basicsize = sizeof(handle_object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = embeddings_slots,
};
