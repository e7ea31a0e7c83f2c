import CLMStudio

/// Holds each exported function to the header.
///
/// `@_cdecl` alone checks nothing: a wrong parameter type links, and then corrupts. Here the two
/// types of a pair must be one, or this file does not compile.
private enum Agreement {
    static func agree<Function>(_ header: Function, _ swift: Function) {}

    static func check() {
        agree(CLMStudio.lms_text_free, textFree)
        agree(CLMStudio.lms_live_handle_count, liveHandleCount)
        agree(CLMStudio.lms_version, version)
        agree(CLMStudio.lms_error_code, errorCode)
        agree(CLMStudio.lms_error_message, errorMessage)
        agree(CLMStudio.lms_error_free, errorFree)
        agree(CLMStudio.lms_client_options_init, clientOptionsInit)
        agree(CLMStudio.lms_client_open, clientOpen)
        agree(CLMStudio.lms_client_close, clientClose)
        agree(CLMStudio.lms_client_free, clientFree)
        agree(CLMStudio.lms_client_address, clientAddress)
        agree(CLMStudio.lms_client_call, clientCall)
        agree(CLMStudio.lms_load_options_init, loadOptionsInit)
        agree(CLMStudio.lms_load_begin, loadBegin)
        agree(CLMStudio.lms_load_next, loadNext)
        agree(CLMStudio.lms_load_cancel, loadCancel)
        agree(CLMStudio.lms_load_llm, loadLLM)
        agree(CLMStudio.lms_load_warning, loadWarning)
        agree(CLMStudio.lms_load_free, loadFree)
        agree(CLMStudio.lms_client_llm, clientLLM)
        agree(CLMStudio.lms_client_llm_handle, clientLLMHandle)
        agree(CLMStudio.lms_llm_identifier, llmIdentifier)
        agree(CLMStudio.lms_llm_info, llmInfo)
        agree(CLMStudio.lms_llm_load_config, llmLoadConfig)
        agree(CLMStudio.lms_llm_tokenize, llmTokenize)
        agree(CLMStudio.lms_llm_unload, llmUnload)
        agree(CLMStudio.lms_llm_free, llmFree)
        agree(CLMStudio.lms_llm_complete, llmComplete)
        agree(CLMStudio.lms_prediction_start, predictionStart)
        agree(CLMStudio.lms_prediction_next, predictionNext)
        agree(CLMStudio.lms_prediction_cancel, predictionCancel)
        agree(CLMStudio.lms_prediction_result, predictionResult)
        agree(CLMStudio.lms_prediction_warning, predictionWarning)
        agree(CLMStudio.lms_prediction_free, predictionFree)
        agree(CLMStudio.lms_result_content, resultContent)
        agree(CLMStudio.lms_result_stop_reason, resultStopReason)
        agree(CLMStudio.lms_result_stop_string, resultStopString)
        agree(CLMStudio.lms_result_prompt_tokens_count, resultPromptTokensCount)
        agree(CLMStudio.lms_result_predicted_tokens_count, resultPredictedTokensCount)
        agree(CLMStudio.lms_result_total_tokens_count, resultTotalTokensCount)
        agree(CLMStudio.lms_result_tokens_per_second, resultTokensPerSecond)
        agree(CLMStudio.lms_result_time_to_first_token_seconds, resultTimeToFirstTokenSeconds)
        agree(CLMStudio.lms_result_total_time_seconds, resultTotalTimeSeconds)
        agree(CLMStudio.lms_result_stats, resultStats)
        agree(CLMStudio.lms_result_model_info, resultModelInfo)
        agree(CLMStudio.lms_result_load_config, resultLoadConfig)
        agree(CLMStudio.lms_result_prediction_config, resultPredictionConfig)
    }
}
