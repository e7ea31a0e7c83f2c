/** @file error.h  Status codes, and the details of a failure. */
#ifndef LMSTUDIO_ERROR_H
#define LMSTUDIO_ERROR_H

#include "common.h"

/* Success. */
#define LMS_OK 0      /**< done; out-parameters are filled */
#define LMS_END 1     /**< done, and nothing more will come */
#define LMS_PENDING 2 /**< nothing yet; the wait's time is over and the work goes on: call again */

/* Failure; the numbers are those of Swift's LMStudioError.Code. */
#define LMS_ERROR_INVALID_ARGUMENT (-1) /**< a value the function does not take; nothing was done */
#define LMS_ERROR_STATE (-2)            /**< not possible now: closed, unloaded, forked, finished */
#define LMS_ERROR_CONNECTION (-3)       /**< the server cannot be reached, or went away */
#define LMS_ERROR_SERVER (-4)           /**< the server answered with an error */
#define LMS_ERROR_MODEL_NOT_FOUND (-5)  /**< no model of that name; the message lists near ones */
#define LMS_ERROR_PRESET_NOT_FOUND (-6) /**< no preset of that name */
#define LMS_ERROR_TIMED_OUT (-7)        /**< the timeout passed; the work was stopped */
#define LMS_ERROR_CANCELLED (-8)        /**< somebody cancelled, closed or freed it */
#define LMS_ERROR_ENGINE (-9)       /**< out of memory, corrupt model file, failed computation */
#define LMS_ERROR_UNSUPPORTED (-10) /**< a known option or call that this version cannot do */
#define LMS_ERROR_PREDICTION (-11)  /**< the server gave up in the middle of a prediction */
#define LMS_ERROR_INTERNAL (-99)    /**< a bug in this library; please report it */

LMS_BEGIN_DECLS

/**
 * The failure's status code, the same the failing function returned.
 *
 * @param error live error; NULL gives LMS_OK.
 * @threads any.
 * @since 0.1
 */
LMS_API lms_status lms_error_code(const lms_error *error);

/**
 * What failed, with which value, and what to try; for people, in English.
 *
 * @param error live error; NULL gives empty text.
 * @return text lent until the error is freed.
 * @threads any.
 * @since 0.1
 */
LMS_API lms_text lms_error_message(const lms_error *error);

/**
 * What a server said of the failure: its error object as JSON, with `title` and, where it says so,
 * `rootTitle`, `cause`, `suggestion` and `displayData`, whose `code` is for programs.
 *
 * @param error live error; NULL gives empty text.
 * @return text lent until the error is freed; empty for failures that no server told of.
 * @threads any.
 * @since 0.1
 */
LMS_API lms_text lms_error_details(const lms_error *error);

/**
 * Free an error.
 *
 * @param error error to free; NULL is a no-op.
 * @threads any.
 * @since 0.1
 */
LMS_API void lms_error_free(lms_error *error);

LMS_END_DECLS

#endif
