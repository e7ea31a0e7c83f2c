public import CLMStudio
import LMStudioCore
import LMStudioWire

/// What an `lms_result` stands for.
final class ResultHandle: Sendable {
    let stats: PredictionStats
    let content: LentText
    let reasoningContent: LentText
    let nonReasoningContent: LentText
    let toolCalls: LentText
    let stopReason: LentText
    let stopString: LentText
    let statsJSON: LentText
    let modelInfo: LentText
    let loadConfig: LentText
    let predictionConfig: LentText
    let address: LentText

    init(_ result: PredictionResult) {
        stats = result.stats
        content = LentText(result.content)
        reasoningContent = LentText(result.reasoningContent)
        nonReasoningContent = LentText(result.nonReasoningContent)
        toolCalls = LentText(result.toolCallsJSON)
        stopReason = LentText(result.stats.stopReason.rawValue)
        stopString = LentText(result.stats.stopString ?? "")
        statsJSON = LentText(result.stats.fullJSON.text)
        modelInfo = LentText(result.modelInfo.json.text)
        loadConfig = LentText(result.loadConfig.json.text)
        predictionConfig = LentText(result.predictionConfig.json.text)
        address = LentText(result.address.map { "\($0)" } ?? "")
    }
}

private func find(_ result: OpaquePointer?) -> ResultHandle? {
    Handles.find(result, as: ResultHandle.self)
}

private func count(_ value: Int?) -> Int64 {
    value.map(Int64.init) ?? -1
}

private func seconds(_ value: Duration?) -> Double {
    value.map { $0 / .seconds(1) } ?? .nan
}

@_cdecl("lms_result_content")
public func resultContent(_ result: OpaquePointer?) -> lms_text {
    find(result)?.content.text ?? .none
}

@_cdecl("lms_result_reasoning_content")
public func resultReasoningContent(_ result: OpaquePointer?) -> lms_text {
    find(result)?.reasoningContent.text ?? .none
}

@_cdecl("lms_result_non_reasoning_content")
public func resultNonReasoningContent(_ result: OpaquePointer?) -> lms_text {
    find(result)?.nonReasoningContent.text ?? .none
}

@_cdecl("lms_result_tool_calls")
public func resultToolCalls(_ result: OpaquePointer?) -> lms_text {
    find(result)?.toolCalls.text ?? .none
}

@_cdecl("lms_result_stop_reason")
public func resultStopReason(_ result: OpaquePointer?) -> lms_text {
    find(result)?.stopReason.text ?? .none
}

@_cdecl("lms_result_stop_string")
public func resultStopString(_ result: OpaquePointer?) -> lms_text {
    find(result)?.stopString.text ?? .none
}

@_cdecl("lms_result_prompt_tokens_count")
public func resultPromptTokensCount(_ result: OpaquePointer?) -> Int64 {
    count(find(result)?.stats.promptTokensCount)
}

@_cdecl("lms_result_predicted_tokens_count")
public func resultPredictedTokensCount(_ result: OpaquePointer?) -> Int64 {
    count(find(result)?.stats.predictedTokensCount)
}

@_cdecl("lms_result_total_tokens_count")
public func resultTotalTokensCount(_ result: OpaquePointer?) -> Int64 {
    count(find(result)?.stats.totalTokensCount)
}

@_cdecl("lms_result_tokens_per_second")
public func resultTokensPerSecond(_ result: OpaquePointer?) -> Double {
    find(result)?.stats.tokensPerSecond ?? .nan
}

@_cdecl("lms_result_time_to_first_token_seconds")
public func resultTimeToFirstTokenSeconds(_ result: OpaquePointer?) -> Double {
    seconds(find(result)?.stats.timeToFirstToken)
}

@_cdecl("lms_result_total_time_seconds")
public func resultTotalTimeSeconds(_ result: OpaquePointer?) -> Double {
    seconds(find(result)?.stats.totalTime)
}

@_cdecl("lms_result_stats")
public func resultStats(_ result: OpaquePointer?) -> lms_text {
    find(result)?.statsJSON.text ?? .none
}

@_cdecl("lms_result_model_info")
public func resultModelInfo(_ result: OpaquePointer?) -> lms_text {
    find(result)?.modelInfo.text ?? .none
}

@_cdecl("lms_result_load_config")
public func resultLoadConfig(_ result: OpaquePointer?) -> lms_text {
    find(result)?.loadConfig.text ?? .none
}

@_cdecl("lms_result_prediction_config")
public func resultPredictionConfig(_ result: OpaquePointer?) -> lms_text {
    find(result)?.predictionConfig.text ?? .none
}

@_cdecl("lms_result_address")
public func resultAddress(_ result: OpaquePointer?) -> lms_text {
    find(result)?.address.text ?? .none
}
