/** @file client.h  Clients: the way to the models. */
#ifndef LMSTUDIO_CLIENT_H
#define LMSTUDIO_CLIENT_H

#include "call.h"
#include "common.h"

/**
 * How a client is opened. Set it up with lms_client_options_init(); fields are only ever added.
 *
 * The timeouts are for calls that name none, in the units and ranges of lms_call_options. Their
 * LMS_TIMEOUT_DEFAULT means no limit for the whole call, and of silence 60 s for servers and no
 * limit for models in this process.
 */
typedef struct lms_client_options {
    size_t struct_size;      /**< sizeof of the struct the caller was compiled with */
    const char *address;     /**< where the models run, see lms_client_open(); NULL: automatic */
    const char *api_token;   /**< `sk-lm-…`; NULL: LM_API_TOKEN or LMSTUDIO_API_TOKEN, or a guest */
    const char *ca_file;     /**< PEM file of authorities to trust beside the system's, or NULL */
    int64_t timeout_ms;      /**< from the start of a call to its end */
    int64_t idle_timeout_ms; /**< longest time in which nothing comes */
} lms_client_options;

LMS_BEGIN_DECLS

/**
 * Fill options with the defaults.
 *
 * @param options     memory of `struct_size` bytes; NULL is a no-op.
 * @param struct_size `sizeof(lms_client_options)`; bytes past it are not touched.
 * @threads any.
 * @since 0.1
 */
LMS_API void lms_client_options_init(lms_client_options *options, size_t struct_size);

/**
 * Open a client.
 *
 * | address | where the models run |
 * |---|---|
 * | `host`, `host:port`, `[IPv6]:port`, also behind `ws://`, `wss://`, `http://`, `https://` and with a path | on that LM Studio server |
 * | `local:` | in this process, found in `LMSTUDIO_MODELS_DIR` or `~/.lmstudio/models` |
 * | `local:DIR` | in this process, found in DIR |
 * | NULL or `""` | where the `LMSTUDIO_HOST` environment variable says, else on a server that answers on a default port of this computer within 250 ms, else `local:` |
 *
 * An address that is given is not asked whether a server is there: the first call finds out.
 * Clients of one directory share the loaded models.
 *
 * @param options borrowed for the call; NULL: the defaults.
 * @param client  receives a client, which the caller frees with lms_client_free().
 * @param error   receives details on failure, caller frees with lms_error_free(); may be NULL.
 * @return LMS_OK, LMS_ERROR_INVALID_ARGUMENT (bad address, token, certificates or timeout),
 *         LMS_ERROR_STATE (in a process forked after the library was used).
 * @threads any. Blocks for 250 ms at most, and only without an address.
 * @since 0.1
 */
LMS_API lms_status
lms_client_open(const lms_client_options *options, lms_client **client, lms_error **error);

/**
 * Close a client: its loads and predictions end with LMS_ERROR_CANCELLED, later calls fail.
 *
 * Models stay loaded while another open client of the same directory is left.
 *
 * @param client live client; NULL and closed ones are no-ops.
 * @threads any.
 * @since 0.1
 */
LMS_API void lms_client_close(lms_client *client);

/**
 * Close a client and free it.
 *
 * @param client client to free; NULL is a no-op.
 * @threads any.
 * @since 0.1
 */
LMS_API void lms_client_free(lms_client *client);

/**
 * Where this client's models run, in the form lms_client_open() takes: `local:/home/me/models`,
 * `ws://127.0.0.1:1234`. After an automatic choice this tells what was chosen.
 *
 * @param client live client; NULL gives empty text.
 * @return text lent until the client is freed.
 * @threads any.
 * @since 0.1
 */
LMS_API lms_text lms_client_address(const lms_client *client);

/**
 * What the server sent that this version of the library cannot read, such as messages of a newer
 * kind; a text for each kind. Nothing fails for it.
 *
 * @param client live client; NULL gives empty text.
 * @param index  0 for the first; later ones come at the end.
 * @return text lent until the client is freed; empty past the last.
 * @threads any.
 * @since 0.1
 */
LMS_API lms_text lms_client_warning(const lms_client *client, size_t index);

/**
 * Call any endpoint that has no function of its own here.
 *
 * | name_space         | endpoint               | parameter                  | result              |
 * |--------------------|------------------------|----------------------------|---------------------|
 * | "llm"              | "listLoaded"           | none                       | array of model info |
 * | "llm"              | "getModelInfo"         | {"specifier": S}           | model info          |
 * | "llm"              | "unloadModel"          | {"identifier": "…"}        | null                |
 * | "llm"              | "tokenize"             | {"specifier": S, "inputString": "…"} | {"tokens": […]} |
 * | "llm"              | "countTokens"          | {"specifier": S, "inputString": "…"} | {"tokenCount": n} |
 * | "system"           | "listDownloadedModels" | none                       | array of model info |
 * | "files"            | "uploadFileBase64"     | {"name": "…", "contentBase64": "…"} | {"identifier": "…", "fileType": "…", "sizeBytes": n} |
 *
 * S is `{"type":"query","query":{"identifier":"…"}}`, `{"type":"query","query":{}}` for any loaded
 * model, or `{"type":"instanceReference","instanceReference":"…"}`. A file that was uploaded may be a part of chats until the client is freed.
 *
 * @param client     live client, borrowed for the call; not NULL.
 * @param name_space NUL-terminated; not NULL.
 * @param endpoint   NUL-terminated; not NULL.
 * @param parameter  JSON, borrowed for the call; empty: none.
 * @param options    borrowed for the call; NULL: the defaults.
 * @param result     receives JSON, which the caller frees with lms_text_free(); not NULL.
 * @param error      receives details on failure, caller frees with lms_error_free(); may be NULL.
 * @return LMS_OK, LMS_ERROR_INVALID_ARGUMENT, LMS_ERROR_MODEL_NOT_FOUND, LMS_ERROR_STATE,
 *         LMS_ERROR_UNSUPPORTED (no such endpoint), LMS_ERROR_ENGINE, LMS_ERROR_CONNECTION,
 *         LMS_ERROR_SERVER, LMS_ERROR_TIMED_OUT.
 * @threads any. Blocks for the time the call takes; lms_call_begin() does not.
 * @since 0.1
 */
LMS_API lms_status lms_client_call(
    lms_client *client,
    const char *name_space,
    const char *endpoint,
    lms_text parameter,
    const lms_call_options *options,
    lms_text *result,
    lms_error **error);

LMS_END_DECLS

#endif
