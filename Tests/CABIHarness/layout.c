#include "check.h"
#include "harness.h"

#include <stdio.h>

static char text[4096];
static size_t length;

static void line(const char *format, const char *name, size_t value) {
    length += (size_t)snprintf(text + length, sizeof text - length, format, name, value);
}

#define STRUCT(type) line("struct %s %zu\n", #type, sizeof(type))
#define FIELD(type, field) line("    %s %zu\n", #field, offsetof(type, field))

const char *harness_layout(void) {
    length = 0;
    STRUCT(lms_call_options);
    FIELD(lms_call_options, struct_size);
    FIELD(lms_call_options, timeout_ms);
    FIELD(lms_call_options, idle_timeout_ms);
    STRUCT(lms_client_options);
    FIELD(lms_client_options, struct_size);
    FIELD(lms_client_options, address);
    FIELD(lms_client_options, api_token);
    FIELD(lms_client_options, ca_file);
    FIELD(lms_client_options, timeout_ms);
    FIELD(lms_client_options, idle_timeout_ms);
    STRUCT(lms_complete_options);
    FIELD(lms_complete_options, struct_size);
    FIELD(lms_complete_options, preset);
    FIELD(lms_complete_options, timeout_ms);
    FIELD(lms_complete_options, idle_timeout_ms);
    STRUCT(lms_event);
    FIELD(lms_event, kind);
    FIELD(lms_event, tokens_count);
    FIELD(lms_event, text);
    FIELD(lms_event, progress);
    FIELD(lms_event, reasoning_type);
    FIELD(lms_event, contains_drafted);
    FIELD(lms_event, tokens);
    FIELD(lms_event, raw_content);
    FIELD(lms_event, prompt_tokens_count);
    FIELD(lms_event, processed_tokens_count);
    FIELD(lms_event, cached_tokens_count);
    STRUCT(lms_load_options);
    FIELD(lms_load_options, struct_size);
    FIELD(lms_load_options, model_key);
    FIELD(lms_load_options, identifier);
    FIELD(lms_load_options, config);
    FIELD(lms_load_options, ttl_ms);
    FIELD(lms_load_options, new_instance);
    FIELD(lms_load_options, domain);
    FIELD(lms_load_options, timeout_ms);
    FIELD(lms_load_options, idle_timeout_ms);
    FIELD(lms_load_options, verify);
    STRUCT(lms_text);
    FIELD(lms_text, data);
    FIELD(lms_text, length);
    return text;
}

#define STATUS(constant) {#constant, constant}

int32_t harness_status(const char *name) {
    static const struct {
        const char *name;
        int32_t value;
    } table[] = {
        STATUS(LMS_ERROR_INVALID_ARGUMENT),
        STATUS(LMS_ERROR_STATE),
        STATUS(LMS_ERROR_CONNECTION),
        STATUS(LMS_ERROR_SERVER),
        STATUS(LMS_ERROR_MODEL_NOT_FOUND),
        STATUS(LMS_ERROR_PRESET_NOT_FOUND),
        STATUS(LMS_ERROR_TIMED_OUT),
        STATUS(LMS_ERROR_CANCELLED),
        STATUS(LMS_ERROR_ENGINE),
        STATUS(LMS_ERROR_UNSUPPORTED),
        STATUS(LMS_ERROR_PREDICTION),
        STATUS(LMS_ERROR_INTERNAL),
        STATUS(LMS_OK),
        STATUS(LMS_END),
        STATUS(LMS_PENDING),
    };
    for (size_t index = 0; index < sizeof table / sizeof *table; index++) {
        if (strcmp(table[index].name, name) == 0) {
            return table[index].value;
        }
    }
    return INT32_MIN;
}

const char *harness_version(void) { return LMS_VERSION_STRING; }
