/* result.c  The parts of a finished prediction. Mirrors lmstudio/result.h. */
#include "state.h"

/* The parts of a result: content, address, and as JSON stats, model info and both configs. */
PyObject *core_result(const lms_result *result) {
    return Py_BuildValue(
        "(NNNNNN)",
        core_str(lms_result_content(result)),
        core_str(lms_result_address(result)),
        core_str(lms_result_stats(result)),
        core_str(lms_result_model_info(result)),
        core_str(lms_result_load_config(result)),
        core_str(lms_result_prediction_config(result)));
}

/* The thinking of a result, and its answer. */
PyObject *core_reasoning(const lms_result *result) {
    return Py_BuildValue(
        "(NN)",
        core_str(lms_result_reasoning_content(result)),
        core_str(lms_result_non_reasoning_content(result)));
}

/* The calls of tools of a result, as JSON. */
PyObject *core_tool_calls(const lms_result *result) {
    return core_str(lms_result_tool_calls(result));
}
