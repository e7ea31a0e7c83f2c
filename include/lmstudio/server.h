/** @file server.h  LM Studio servers: where there are any. */
#ifndef LMSTUDIO_SERVER_H
#define LMSTUDIO_SERVER_H

#include "common.h"

LMS_BEGIN_DECLS

/**
 * Ask whether an LM Studio server answers at an address.
 *
 * @param address    NUL-terminated, as for lms_client_open(); not NULL. A wss server's certificate must
 *                   be of an authority that the system trusts.
 * @param timeout_ms longest time to wait for it, milliseconds, 1 or more.
 * @param is_there   receives 1 or 0; models in this process are no server: 0; not NULL.
 * @param error      receives details on failure, caller frees with lms_error_free(); may be NULL.
 * @return LMS_OK, LMS_ERROR_INVALID_ARGUMENT (no address), LMS_ERROR_STATE (process forked).
 * @threads any. Blocks, `timeout_ms` at most.
 * @since 0.1
 */
LMS_API lms_status
lms_server_is_at(const char *address, int64_t timeout_ms, int32_t *is_there, lms_error **error);

/**
 * Look for an LM Studio server on the default ports of this computer, all at once.
 *
 * @param timeout_ms longest time to wait for one, milliseconds, 1 or more.
 * @param address    receives its address, which the caller frees with lms_text_free(); empty if
 *                   there is none; not NULL.
 * @param error      receives details on failure, caller frees with lms_error_free(); may be NULL.
 * @return LMS_OK, LMS_ERROR_INVALID_ARGUMENT, LMS_ERROR_STATE (process forked).
 * @threads any. Blocks, `timeout_ms` at most.
 * @since 0.1
 */
LMS_API lms_status lms_server_find(int64_t timeout_ms, lms_text *address, lms_error **error);

LMS_END_DECLS

#endif
