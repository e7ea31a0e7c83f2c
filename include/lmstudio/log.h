/** @file log.h  What the engine in this process says while it works. */
#ifndef LMSTUDIO_LOG_H
#define LMSTUDIO_LOG_H

#include "common.h"

/* How grave a line is; larger: less. */
#define LMS_LOG_NONE 0    /**< none is so grave: nothing is kept */
#define LMS_LOG_ERROR 1   /**< something failed */
#define LMS_LOG_WARNING 2 /**< something is odd */
#define LMS_LOG_DEBUG 3   /**< what a model is, and how it is loaded: some hundred lines */
#define LMS_LOG_TRACE 4   /**< everything */

LMS_BEGIN_DECLS

/**
 * Keep the lines that llama.cpp says in this process from now on, for all clients; none at the start.
 *
 * They go to one place: here, or to the logger that Swift code of the process has last given to a host.
 * At most 1,000 are kept; when there are more, the oldest go.
 *
 * @param level the least grave to keep, an LMS_LOG_ constant; LMS_LOG_NONE also drops those kept until now.
 * @param error receives details on failure, caller frees with lms_error_free(); may be NULL.
 * @return LMS_OK, LMS_ERROR_INVALID_ARGUMENT, LMS_ERROR_STATE (process forked).
 * @threads any.
 * @since 0.1
 */
LMS_API lms_status lms_log_keep(int32_t level, lms_error **error);

/**
 * Take the oldest line that is kept.
 *
 * @param level receives how grave it is, an LMS_LOG_ constant; LMS_LOG_NONE if there is none; not NULL.
 * @param line  receives it, without a newline; caller frees with lms_text_free(); emptied if there
 *              is none; not NULL.
 * @param error receives details on failure, caller frees with lms_error_free(); may be NULL.
 * @return LMS_OK, LMS_PENDING (there is none now), LMS_ERROR_INVALID_ARGUMENT, LMS_ERROR_STATE
 *         (process forked).
 * @threads any; never blocks.
 * @since 0.1
 */
LMS_API lms_status lms_log_next(int32_t *level, lms_text *line, lms_error **error);

LMS_END_DECLS

#endif
