/* fragment.c  One streamed piece of text: the base of lmstudio.LlmPredictionFragment. */
#include "state.h"

typedef struct {
    PyObject_HEAD
    PyObject *content;
    PyObject *reasoning_type;
    PyObject *tokens_json; /* NULL: not asked for */
    int tokens_count;
    char contains_drafted;
} fragment_object;

PyObject *core_fragment(core_state *state, const lms_event *event) {
    PyObject *content = core_str(event->text);
    if (content == NULL)
        return NULL;
    fragment_object *self = (fragment_object *)PyType_GenericAlloc(state->fragment_class, 0);
    if (self == NULL) {
        Py_DECREF(content);
        return NULL;
    }
    self->content = content;
    if (event->tokens.length > 0 && (self->tokens_json = core_str(event->tokens)) == NULL) {
        Py_DECREF(self);
        return NULL;
    }
    self->reasoning_type = state->reasoning_types[event->reasoning_type & 3];
    Py_INCREF(self->reasoning_type);
    self->tokens_count = event->tokens_count;
    self->contains_drafted = event->contains_drafted != 0;
    return (PyObject *)self;
}

static int fragment_init(fragment_object *self, PyObject *args, PyObject *keywords) {
    static char *names[] = {"content", "tokens_count", "contains_drafted", "reasoning_type", NULL};
    PyObject *content;
    PyObject *reasoning_type;
    int tokens_count;
    int contains_drafted;
    if (!PyArg_ParseTupleAndKeywords(
            args,
            keywords,
            "$UipU:LlmPredictionFragment",
            names,
            &content,
            &tokens_count,
            &contains_drafted,
            &reasoning_type))
        return -1;
    PyObject *old_content = self->content;
    PyObject *old_reasoning_type = self->reasoning_type;
    Py_INCREF(content);
    self->content = content;
    Py_INCREF(reasoning_type);
    self->reasoning_type = reasoning_type;
    self->tokens_count = tokens_count;
    self->contains_drafted = contains_drafted != 0;
    Py_XDECREF(old_content);
    Py_XDECREF(old_reasoning_type);
    return 0;
}

static void fragment_dealloc(fragment_object *self) {
    Py_XDECREF(self->content);
    Py_XDECREF(self->reasoning_type);
    Py_XDECREF(self->tokens_json);
    core_free_object((PyObject *)self);
}

static PyObject *fragment_str(fragment_object *self) {
    if (self->content == NULL)
        return PyUnicode_FromString("");
    Py_INCREF(self->content);
    return self->content;
}

static PyMemberDef fragment_members[] = {
    {"content",
     T_OBJECT_EX,
     offsetof(fragment_object, content),
     READONLY,
     "The text, never empty; it may stand for several tokens or for a part of one."},
    {"tokens_count",
     T_INT,
     offsetof(fragment_object, tokens_count),
     READONLY,
     "Tokens it stands for, 0 or more; over a whole stream they sum to the total."},
    {"contains_drafted",
     T_BOOL,
     offsetof(fragment_object, contains_drafted),
     READONLY,
     "Whether a part of it was guessed ahead."},
    {"reasoning_type",
     T_OBJECT_EX,
     offsetof(fragment_object, reasoning_type),
     READONLY,
     "'none', 'reasoning', 'reasoningStartTag' or 'reasoningEndTag'."},
    {"_tokens_json",
     T_OBJECT,
     offsetof(fragment_object, tokens_json),
     READONLY,
     "Its tokens, a JSON array; None unless they were asked for."},
    {NULL, 0, 0, 0, NULL},
};

static PyType_Slot fragment_slots[] = {
    {Py_tp_doc, "One streamed piece of text."},
    {Py_tp_init, fragment_init},
    {Py_tp_dealloc, fragment_dealloc},
    {Py_tp_str, fragment_str},
    {Py_tp_members, fragment_members},
    {0, NULL},
};

PyType_Spec core_fragment_spec = {
    .name = "lmstudio._core.Fragment",
    .basicsize = sizeof(fragment_object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .slots = fragment_slots,
};
