/* cache.c  Saved caches. Mirrors lmstudio/cache.h. */
#include "state.h"

/* Llm.save_cache(prompt, path, timeout_ms, idle_timeout_ms) */
PyObject *core_save_cache(handle_object *llm, PyObject *args) {
    PyObject *prompt_object;
    PyObject *path_object;
    long long timeout_ms;
    long long idle_timeout_ms;
    lms_text prompt = LMS_NO_TEXT;
    const char *path = NULL;
    if (!PyArg_ParseTuple(
            args, "OOLL:save_cache", &prompt_object, &path_object, &timeout_ms, &idle_timeout_ms) ||
        core_text(llm->state, prompt_object, "prompt", &prompt) < 0 ||
        core_c_string(llm->state, path_object, "path", &path) < 0)
        return NULL;
    lms_call_options options = core_call_options(timeout_ms, idle_timeout_ms);
    lms_call *call = NULL;
    lms_error *error = NULL;
    lms_status status =
        lms_llm_save_cache_begin(llm->handle, prompt, path, &options, &call, &error);
    return core_call(llm->state, llm->client, status, call, error);
}

/* Llm.save_chat_cache(chat, config, path, timeout_ms, idle_timeout_ms) */
PyObject *core_save_chat_cache(handle_object *llm, PyObject *args) {
    PyObject *chat_object;
    PyObject *config_object;
    PyObject *path_object;
    long long timeout_ms;
    long long idle_timeout_ms;
    lms_text chat = LMS_NO_TEXT;
    lms_text config = LMS_NO_TEXT;
    const char *path = NULL;
    if (!PyArg_ParseTuple(
            args,
            "OOOLL:save_chat_cache",
            &chat_object,
            &config_object,
            &path_object,
            &timeout_ms,
            &idle_timeout_ms) ||
        core_text(llm->state, chat_object, "chat", &chat) < 0 ||
        core_text(llm->state, config_object, "config", &config) < 0 ||
        core_c_string(llm->state, path_object, "path", &path) < 0)
        return NULL;
    lms_call_options options = core_call_options(timeout_ms, idle_timeout_ms);
    lms_call *call = NULL;
    lms_error *error = NULL;
    lms_status status =
        lms_llm_save_chat_cache_begin(llm->handle, chat, config, path, &options, &call, &error);
    return core_call(llm->state, llm->client, status, call, error);
}

/* Llm.load_cache(path, timeout_ms, idle_timeout_ms) */
PyObject *core_load_cache(handle_object *llm, PyObject *args) {
    PyObject *path_object;
    long long timeout_ms;
    long long idle_timeout_ms;
    const char *path = NULL;
    if (!PyArg_ParseTuple(args, "OLL:load_cache", &path_object, &timeout_ms, &idle_timeout_ms) ||
        core_c_string(llm->state, path_object, "path", &path) < 0)
        return NULL;
    lms_call_options options = core_call_options(timeout_ms, idle_timeout_ms);
    lms_call *call = NULL;
    lms_error *error = NULL;
    lms_status status = lms_llm_load_cache_begin(llm->handle, path, &options, &call, &error);
    return core_call(llm->state, llm->client, status, call, error);
}
