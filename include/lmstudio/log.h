/** @file log.h  What the engine in this process says while it works. */
#ifndef LMSTUDIO_LOG_H
#define LMSTUDIO_LOG_H

#include "common.h"

LMS_BEGIN_DECLS

/** How grave a line is; larger: less. */
typedef enum lms_log_level {
    LMS_LOG_NONE = 0,    /**< none is so grave: nothing is kept */
    LMS_LOG_ERROR = 1,   /**< something failed */
    LMS_LOG_WARNING = 2, /**< something is odd */
    LMS_LOG_DEBUG = 3,   /**< what a model is, and how it is loaded: some hundred lines */
    LMS_LOG_TRACE = 4    /**< everything */
} lms_log_level;

/**
 * Keep the lines that llama.cpp says in this process from now on, for all clients; none at the start.
 *
 * At most 1,000 are kept; when there are more, the oldest go.
 *
 * @param level the least grave to keep, an lms_log_level; LMS_LOG_NONE also drops those kept until now.
 * @param error receives details on failure, caller frees with lms_error_free(); may be NULL.
 * @return LMS_OK, LMS_ERROR_INVALID_ARGUMENT, LMS_ERROR_STATE (process forked).
 * @threads any.
 * @since 0.1
 */
LMS_API lms_status lms_log_keep(int32_t level, lms_error **error);

/**
 * Take the oldest line that is kept.
 *
 * @param level receives how grave it is, an lms_log_level; not NULL.
 * @param line  receives it, without a newline; caller frees with lms_text_free(); not NULL.
 * @param error receives details on failure, caller frees with lms_error_free(); may be NULL.
 * @return LMS_OK, LMS_PENDING (there is none now), LMS_ERROR_INVALID_ARGUMENT, LMS_ERROR_STATE
 *         (process forked).
 * @threads any; never blocks.
 * @since 0.1
 */
LMS_API lms_status lms_log_next(int32_t *level, lms_text *line, lms_error **error);

LMS_END_DECLS

#endif
