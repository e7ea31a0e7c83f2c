/* model.c  Models on their way into memory, and loaded ones. Mirrors lmstudio/model.h. */
#include "state.h"

/* Client.load(model_key, identifier, config, ttl_ms, new_instance, verify, is_embedding, timeout_ms,
 * idle_timeout_ms) */
PyObject *core_load_begin(client_object *client, PyObject *args, PyObject *keywords) {
    static char *names[] = {
        "model_key",
        "identifier",
        "config",
        "ttl_ms",
        "new_instance",
        "verify",
        "is_embedding",
        "timeout_ms",
        "idle_timeout_ms",
        NULL};
    core_state *state = client->state;
    PyObject *model_key = Py_None;
    PyObject *identifier = Py_None;
    PyObject *config = NULL;
    long long ttl_ms = -1;
    int new_instance = 0;
    int verify = 0;
    int is_embedding = 0;
    long long timeout_ms = LMS_TIMEOUT_DEFAULT;
    long long idle_timeout_ms = LMS_TIMEOUT_DEFAULT;
    lms_load_options options;
    if (!PyArg_ParseTupleAndKeywords(
            args,
            keywords,
            "|$OOULpppLL:load",
            names,
            &model_key,
            &identifier,
            &config,
            &ttl_ms,
            &new_instance,
            &verify,
            &is_embedding,
            &timeout_ms,
            &idle_timeout_ms))
        return NULL;
    lms_load_options_init(&options, sizeof options);
    if (core_optional_c_string(state, model_key, "model_key", &options.model_key) < 0 ||
        core_optional_c_string(state, identifier, "instance_identifier", &options.identifier) < 0 ||
        (config != NULL && core_text(state, config, "config", &options.config) < 0))
        return NULL;
    options.ttl_ms = ttl_ms;
    options.new_instance = new_instance;
    options.verify = verify;
    options.domain = is_embedding ? LMS_DOMAIN_EMBEDDING : LMS_DOMAIN_LLM;
    options.timeout_ms = timeout_ms;
    options.idle_timeout_ms = idle_timeout_ms;
    lms_load *handle = NULL;
    lms_error *error = NULL;
    lms_status status = lms_load_begin(client->handle, &options, &handle, &error);
    if (status < 0)
        return core_raise(state, status, error);
    handle_object *self = core_handle(state, state->load_type, handle, (PyObject *)client);
    if (self == NULL)
        lms_load_free(handle);
    return (PyObject *)self;
}

static void load_dealloc(handle_object *self) {
    lms_load_free(self->handle);
    core_free_handle(self);
}

static PyObject *load_next(handle_object *self) {
    double progress = 0;
    lms_error *error = NULL;
    lms_status status;
    do {
        if (PyErr_CheckSignals() < 0)
            return NULL;
        Py_BEGIN_ALLOW_THREADS
        status = lms_load_next(self->handle, CORE_SLICE_MS, &progress, &error);
        Py_END_ALLOW_THREADS
    } while (status == LMS_PENDING);
    if (status < 0)
        return core_raise(self->state, status, error);
    return status == LMS_END ? NULL : PyFloat_FromDouble(progress);
}

static PyObject *load_cancel(handle_object *self, PyObject *Py_UNUSED(none)) {
    lms_load_cancel(self->handle);
    Py_RETURN_NONE;
}

static PyObject *load_llm(handle_object *self, PyObject *Py_UNUSED(none)) {
    lms_llm *handle = NULL;
    lms_error *error = NULL;
    lms_status status = lms_load_llm(self->handle, &handle, &error);
    if (status < 0)
        return core_raise(self->state, status, error);
    return core_llm(self->state, handle, self->client);
}

static PyObject *load_embedding_model(handle_object *self, PyObject *Py_UNUSED(none)) {
    return core_load_embedding_model(self->state, self->handle, self->client);
}

static lms_text load_warning(const void *handle, size_t index) {
    return lms_load_warning(handle, index);
}

static PyObject *load_warnings(handle_object *self, PyObject *Py_UNUSED(none)) {
    return core_texts(load_warning, self->handle);
}

static lms_text load_step(const void *handle, size_t index) { return lms_load_step(handle, index); }

static PyObject *load_steps(handle_object *self, PyObject *Py_UNUSED(none)) {
    return core_texts(load_step, self->handle);
}

PyObject *core_llm(core_state *state, lms_llm *handle, PyObject *client) {
    handle_object *self = core_handle(state, state->llm_type, handle, client);
    if (self == NULL)
        lms_llm_free(handle);
    return (PyObject *)self;
}

static void llm_dealloc(handle_object *self) {
    lms_llm_free(self->handle);
    core_free_handle(self);
}

static PyObject *llm_identifier(handle_object *self, void *Py_UNUSED(closure)) {
    return core_str(lms_llm_identifier(self->handle));
}

/* Llm.load_config(timeout_ms, idle_timeout_ms) */
static PyObject *llm_load_config(handle_object *self, PyObject *args) {
    long long timeout_ms;
    long long idle_timeout_ms;
    if (!PyArg_ParseTuple(args, "LL:load_config", &timeout_ms, &idle_timeout_ms))
        return NULL;
    lms_call_options options = core_call_options(timeout_ms, idle_timeout_ms);
    lms_call *call = NULL;
    lms_error *error = NULL;
    lms_status status = lms_llm_load_config_begin(self->handle, &options, &call, &error);
    return core_call(self->state, self->client, status, call, error);
}

static PyMethodDef load_methods[] = {
    {"cancel", (PyCFunction)load_cancel, METH_NOARGS, "Stop the load."},
    {"llm", (PyCFunction)load_llm, METH_NOARGS, "The model, once the iteration has ended."},
    {"embedding_model", (PyCFunction)load_embedding_model, METH_NOARGS, "The same, to embed with."},
    {"warnings", (PyCFunction)load_warnings, METH_NOARGS, "Warnings about the options."},
    {"steps", (PyCFunction)load_steps, METH_NOARGS, "What happened on the way, as JSON each."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot load_slots[] = {
    {Py_tp_doc, "A model on its way into memory; iterating yields the share done, 0.0 to 1.0."},
    {Py_tp_dealloc, load_dealloc},
    {Py_tp_iter, PyObject_SelfIter},
    {Py_tp_iternext, load_next},
    {Py_tp_methods, load_methods},
    {0, NULL},
};

PyType_Spec core_load_spec = {
    .name = "lmstudio._core.Load",
    .basicsize = sizeof(handle_object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = load_slots,
};

static PyMethodDef llm_methods[] = {
    {"load_config", (PyCFunction)llm_load_config, METH_VARARGS, "Begin to ask how it was loaded."},
    {"complete",
     (PyCFunction)(void (*)(void))core_complete,
     METH_VARARGS | METH_KEYWORDS,
     "Prepare a completion of a prompt."},
    {"respond",
     (PyCFunction)(void (*)(void))core_respond,
     METH_VARARGS | METH_KEYWORDS,
     "Prepare an answer to a chat."},
    {"complete_many",
     (PyCFunction)(void (*)(void))core_complete_many,
     METH_VARARGS | METH_KEYWORDS,
     "Begin to complete a list of prompts."},
    {"respond_many",
     (PyCFunction)(void (*)(void))core_respond_many,
     METH_VARARGS | METH_KEYWORDS,
     "Begin to answer a list of chats."},
    {"save_cache", (PyCFunction)core_save_cache, METH_VARARGS, "Begin to save a prompt's cache."},
    {"save_chat_cache",
     (PyCFunction)core_save_chat_cache,
     METH_VARARGS,
     "Begin to save a chat's cache."},
    {"load_cache", (PyCFunction)core_load_cache, METH_VARARGS, "Begin to load a saved cache."},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef llm_getters[] = {
    {"identifier", (getter)llm_identifier, NULL, "The instance's identifier.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot llm_slots[] = {
    {Py_tp_doc, "A loaded language model."},
    {Py_tp_dealloc, llm_dealloc},
    {Py_tp_methods, llm_methods},
    {Py_tp_getset, llm_getters},
    {0, NULL},
};

PyType_Spec core_llm_spec = {
    .name = "lmstudio._core.Llm",
    .basicsize = sizeof(handle_object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = llm_slots,
};
