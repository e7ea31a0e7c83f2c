/** @file check.h  What the scenarios share. */
#ifndef CHECK_H
#define CHECK_H

#include <lmstudio.h>

#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Forgets the failures of the last scenario. */
void check_begin(void);
/** The failures since then. */
const char *check_end(void);
/** Notes a failure; from any thread. */
void check_failed(const char *file, int line, const char *what);

/** Notes a failure if the condition does not hold. */
#define CHECK(condition) ((condition) ? (void)0 : check_failed(__FILE__, __LINE__, #condition))

/** Checks that a call fails with a status, and that its error says so.
 *
 * The call names its last argument `error`; it is made again with NULL there.
 */
#define CHECK_FAILS(status, call)                                                                  \
    do {                                                                                           \
        lms_error *check_error = NULL;                                                             \
        lms_error **error = &check_error;                                                          \
        CHECK((call) == (status));                                                                 \
        CHECK(lms_error_code(check_error) == (status));                                            \
        CHECK(lms_error_message(check_error).length > 0);                                          \
        lms_error_free(check_error);                                                               \
        error = NULL;                                                                              \
        CHECK((call) == (status));                                                                 \
    } while (0)

#define CHECK_REFUSED(call) CHECK_FAILS(LMS_ERROR_INVALID_ARGUMENT, call)

/** An address that is no handle, to see that a failing call empties its out-parameter. */
#define JUNK ((void *)0x5a50)

/** A client and the loaded model of its store. */
typedef struct fixture {
    lms_client *client;
    lms_llm *llm;
} fixture;

/** Opens them; notes a failure and returns 0 if it cannot. */
int fixture_open(fixture *fixture, const char *address);
/** The same, of a model that runs one prediction at a time. */
int fixture_open_for_one(fixture *fixture, const char *address);
/** Frees them. */
void fixture_free(fixture *fixture);
/** A client of an address, or NULL. */
lms_client *client_of(const char *address);
/** A prediction that is not started; of an endless text if `config` is NULL. */
lms_prediction *prediction_of(const lms_llm *llm, const char *config);

/** A NUL-terminated string as text. */
static inline lms_text text_of(const char *string) { return LMS_TEXT_OF(string, strlen(string)); }

/** Whether a text is these bytes. */
static inline int text_is(lms_text text, const char *string) {
    return text.length == strlen(string) && memcmp(text.data, string, text.length) == 0;
}

#ifdef __cplusplus
}
#endif

#endif
