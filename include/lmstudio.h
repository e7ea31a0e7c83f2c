/**
 * @file lmstudio.h  Complete and stream text with LM Studio's models, from C.
 *
 * @code
 * lms_client *client = NULL;
 * lms_llm *llm = NULL;
 * lms_prediction *prediction = NULL;
 * lms_event event;
 * lms_client_open(NULL, &client, NULL);
 * lms_client_llm(client, NULL, LMS_NO_TEXT, &llm, NULL);
 * lms_llm_complete(llm, LMS_TEXT("My name is"), LMS_NO_TEXT, NULL, &prediction, NULL);
 * while (lms_prediction_next(prediction, -1, &event, NULL) == LMS_OK)
 *     if (event.kind == LMS_EVENT_FRAGMENT) fwrite(event.text.data, 1, event.text.length, stdout);
 * lms_prediction_free(prediction), lms_llm_free(llm), lms_client_free(client);
 * @endcode
 *
 * Ownership. `lms_x **` out-parameters give a handle, which you free with `lms_x_free()`; freeing
 * NULL is a no-op. A returned `lms_text` or `const lms_x *` is lent by the handle it was asked of.
 * Arguments are borrowed for the call. Handles are checked: NULL, a freed handle or one of another
 * type gives LMS_ERROR_INVALID_ARGUMENT, never a crash.
 *
 * Threads. Every handle may be used from any thread; freeing one while another thread waits on it
 * makes that thread return LMS_ERROR_CANCELLED. No callback ever runs: progress is pulled. After
 * fork() the child gets LMS_ERROR_STATE from every call if the parent had used the library.
 *
 * Time. A wait ends after its own `timeout_ms` with LMS_PENDING, and nothing is lost. The timeouts of
 * options are the work's: when one passes, it is stopped and fails with LMS_ERROR_TIMED_OUT.
 *
 * Errors. Functions that can fail return a negative status and, where `error` is not NULL, store an
 * lms_error there. Out-parameters are set to NULL or emptied on failure.
 *
 * Versions. Handles are opaque and options structs start with their size, so that a program built
 * against an older header keeps working until the soname changes.
 */
#ifndef LMSTUDIO_H
#define LMSTUDIO_H

#include "lmstudio/common.h"
#include "lmstudio/error.h"
#include "lmstudio/version.h"
#include "lmstudio/call.h"
#include "lmstudio/server.h"
#include "lmstudio/client.h"
#include "lmstudio/model.h"
#include "lmstudio/embedding.h"
#include "lmstudio/prediction.h"
#include "lmstudio/result.h"
#include "lmstudio/batch.h"
#include "lmstudio/cache.h"
#include "lmstudio/log.h"

#endif
