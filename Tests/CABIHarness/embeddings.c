#include "check.h"
#include "harness.h"

#include <math.h>

static lms_embedding_model *model_of(lms_client *client) {
    lms_embedding_model *model = NULL;
    lms_status status = lms_client_embedding_model(client, NULL, LMS_NO_TEXT, &model, NULL);
    CHECK(status == LMS_OK);
    return model;
}

static double product(const float *a, const float *b, size_t count) {
    double sum = 0;
    for (size_t index = 0; index < count; index++) {
        sum += (double)a[index] * b[index];
    }
    return sum;
}

const char *harness_vectors_of_texts(const char *address) {
    const lms_text texts[] = {LMS_TEXT("hello world"), LMS_NO_TEXT, LMS_TEXT("hello world")};
    lms_client *client;
    lms_embedding_model *model;
    lms_embeddings *embeddings = NULL;
    lms_text json = LMS_NO_TEXT;
    check_begin();
    client = client_of(address);
    model = model_of(client);
    CHECK(lms_embedding_model_identifier(model).length > 0);
    CHECK(lms_embedding_model_info(model, NULL, &json, NULL) == LMS_OK);
    CHECK(json.length > 0);
    lms_text_free(&json);
    CHECK(lms_embedding_model_embed(model, texts, 3, NULL, &embeddings, NULL) == LMS_OK);
    CHECK(lms_embeddings_wait(embeddings, -1, NULL) == LMS_OK);
    CHECK(lms_embeddings_wait(embeddings, 0, NULL) == LMS_OK);
    lms_embeddings_cancel(embeddings);
    CHECK(lms_embeddings_count(embeddings) == 3);
    CHECK(lms_embeddings_dimension(embeddings) == 32);
    for (size_t index = 0; index < 3; index++) {
        const float *vector = lms_embeddings_vector(embeddings, index);
        CHECK(vector == lms_embeddings_vector(embeddings, 0) + index * 32);
        CHECK(fabs(product(vector, vector, 32) - 1) < 1e-6);
    }
    CHECK(
        product(lms_embeddings_vector(embeddings, 0), lms_embeddings_vector(embeddings, 2), 32) >
        0.99999);
    CHECK(lms_embeddings_vector(embeddings, 3) == NULL);
    CHECK(lms_embeddings_vector(embeddings, SIZE_MAX) == NULL);
    lms_embeddings_free(embeddings);
    CHECK(lms_embedding_model_embed(model, NULL, 0, NULL, &embeddings, NULL) == LMS_OK);
    CHECK(lms_embeddings_wait(embeddings, -1, NULL) == LMS_OK);
    CHECK(lms_embeddings_count(embeddings) == 0 && lms_embeddings_dimension(embeddings) == 0);
    CHECK(lms_embeddings_vector(embeddings, 0) == NULL);
    lms_embeddings_free(embeddings);
    CHECK(lms_embedding_model_unload(model, NULL, NULL) == LMS_OK);
    CHECK_FAILS(LMS_ERROR_MODEL_NOT_FOUND, lms_embedding_model_unload(model, NULL, error));
    lms_embedding_model_free(model);
    lms_client_free(client);
    return check_end();
}

const char *harness_loading_an_embedding_model(const char *address) {
    lms_client *client;
    lms_load *load = NULL;
    lms_call *call = NULL;
    lms_llm *llm = JUNK;
    lms_embedding_model *model = NULL;
    lms_embedding_model *handle = NULL;
    lms_text json = LMS_NO_TEXT;
    lms_load_options options;
    check_begin();
    client = client_of(address);
    lms_load_options_init(&options, sizeof options);
    options.domain = 2;
    CHECK_REFUSED(lms_load_begin(client, &options, &load, error));
    options.domain = LMS_DOMAIN_EMBEDDING;
    options.config = LMS_TEXT("{\"contextLength\": 32}");
    CHECK(lms_load_begin(client, &options, &load, NULL) == LMS_OK);
    while (lms_load_next(load, -1, NULL, NULL) == LMS_OK) {
    }
    CHECK_REFUSED(lms_load_llm(load, &llm, error));
    CHECK(llm == NULL);
    CHECK_REFUSED(lms_load_embedding_model(load, NULL, error));
    CHECK(lms_load_embedding_model(load, &model, NULL) == LMS_OK);
    lms_load_free(load);
    CHECK(lms_embedding_model_load_config_begin(model, NULL, &call, NULL) == LMS_OK);
    CHECK(lms_call_wait(call, -1, &json, NULL) == LMS_OK);
    CHECK(json.length > 0);
    lms_text_free(&json);
    lms_call_free(call);
    CHECK_REFUSED(lms_client_embedding_model_handle(client, "", &handle, error));
    CHECK(lms_client_embedding_model_handle(client, "x", &handle, NULL) == LMS_OK);
    CHECK_FAILS(LMS_ERROR_MODEL_NOT_FOUND, lms_embedding_model_info(handle, NULL, &json, error));
    lms_embedding_model_free(handle);
    lms_embedding_model_free(model);
    lms_client_free(client);
    return check_end();
}

const char *harness_ending_embeddings(const char *address) {
    enum { COUNT = 20000 };
    static lms_text texts[COUNT];
    lms_client *client;
    lms_embedding_model *model;
    lms_embeddings *embeddings = NULL;
    size_t count;
    check_begin();
    count = lms_live_handle_count();
    client = client_of(address);
    model = model_of(client);
    for (size_t index = 0; index < COUNT; index++) {
        texts[index] = LMS_TEXT("a text of some letters and digits 0123456789");
    }
    CHECK(lms_embedding_model_embed(model, texts, COUNT, NULL, &embeddings, NULL) == LMS_OK);
    CHECK(lms_embeddings_wait(embeddings, 0, NULL) == LMS_PENDING);
    CHECK(lms_embeddings_count(embeddings) == 0 && lms_embeddings_vector(embeddings, 0) == NULL);
    lms_embeddings_cancel(embeddings);
    CHECK_FAILS(LMS_ERROR_CANCELLED, lms_embeddings_wait(embeddings, -1, error));
    lms_embeddings_free(embeddings);
    CHECK(lms_embedding_model_embed(model, texts, COUNT, NULL, &embeddings, NULL) == LMS_OK);
    lms_embeddings_free(embeddings);
    CHECK(lms_embedding_model_embed(model, texts, COUNT, NULL, &embeddings, NULL) == LMS_OK);
    lms_client_close(client);
    CHECK_FAILS(LMS_ERROR_CANCELLED, lms_embeddings_wait(embeddings, -1, error));
    lms_embeddings_free(embeddings);
    CHECK_FAILS(
        LMS_ERROR_STATE, lms_embedding_model_embed(model, texts, 1, NULL, &embeddings, error));
    CHECK(embeddings == NULL);
    lms_embedding_model_free(model);
    lms_client_free(client);
    CHECK(lms_live_handle_count() == count);
    return check_end();
}

const char *harness_refused_embeddings(const char *address) {
    const lms_text bad = {"\xff", 1};
    const lms_text one = LMS_TEXT("x");
    lms_client *client;
    lms_embedding_model *model;
    lms_embedding_model *none = JUNK;
    lms_embeddings *embeddings = JUNK;
    lms_call *call = JUNK;
    lms_text json = {JUNK, 7};
    lms_llm *llm = NULL;
    check_begin();
    client = client_of(address);
    model = model_of(client);
    CHECK_REFUSED(lms_client_embedding_model(NULL, NULL, LMS_NO_TEXT, &none, error));
    CHECK(none == NULL);
    CHECK_REFUSED(lms_client_embedding_model(client, NULL, LMS_NO_TEXT, NULL, error));
    CHECK_REFUSED(lms_client_embedding_model_handle(NULL, "x", &none, error));
    CHECK_REFUSED(lms_client_embedding_model_handle(client, NULL, &none, error));
    CHECK_REFUSED(lms_client_embedding_model_handle(client, "x", NULL, error));
    CHECK_REFUSED(lms_load_embedding_model(NULL, &none, error));
    CHECK_REFUSED(lms_embedding_model_embed(NULL, &one, 1, NULL, &embeddings, error));
    CHECK(embeddings == NULL);
    CHECK_REFUSED(lms_embedding_model_embed(model, NULL, 1, NULL, &embeddings, error));
    CHECK_REFUSED(lms_embedding_model_embed(model, &one, SIZE_MAX, NULL, &embeddings, error));
    CHECK_REFUSED(lms_embedding_model_embed(model, &one, 1, NULL, NULL, error));
    CHECK_REFUSED(lms_embedding_model_embed(model, &bad, 1, NULL, &embeddings, error));
    CHECK_REFUSED(lms_embeddings_wait(NULL, 0, error));
    CHECK_REFUSED(lms_embedding_model_info(NULL, NULL, &json, error));
    CHECK(json.data == NULL && json.length == 0);
    CHECK_REFUSED(lms_embedding_model_info(model, NULL, NULL, error));
    CHECK_REFUSED(lms_embedding_model_load_config_begin(NULL, NULL, &call, error));
    CHECK(call == NULL);
    CHECK_REFUSED(lms_embedding_model_load_config_begin(model, NULL, NULL, error));
    CHECK_REFUSED(lms_embedding_model_unload(NULL, NULL, error));
    CHECK_REFUSED(lms_client_llm_handle((lms_client *)model, "x", &llm, error));
    CHECK(lms_embedding_model_identifier(NULL).length == 0);
    CHECK(lms_embeddings_count(NULL) == 0 && lms_embeddings_dimension(NULL) == 0);
    CHECK(lms_embeddings_vector(NULL, 0) == NULL);
    lms_embeddings_cancel(NULL);
    lms_embeddings_free(NULL);
    lms_embedding_model_free(NULL);
    lms_embedding_model_free(model);
    lms_client_free(client);
    return check_end();
}
