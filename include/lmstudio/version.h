/** @file version.h  The one place where the version number is written. */
#ifndef LMSTUDIO_VERSION_H
#define LMSTUDIO_VERSION_H

#include "common.h"

#define LMS_VERSION_MAJOR 0
#define LMS_VERSION_MINOR 1
#define LMS_VERSION_PATCH 0
#define LMS_VERSION_STRING "0.1.0"

LMS_BEGIN_DECLS

/**
 * Version of the library that is running, which may be newer than the header's.
 *
 * @return "MAJOR.MINOR.PATCH", static, NUL-terminated, never NULL.
 * @threads any.
 * @since 0.1
 */
LMS_API const char *lms_version(void);

LMS_END_DECLS

#endif
