public import CLMStudio
import LMStudio
import LMStudioWire

private var defaults: lms_complete_options {
    lms_complete_options(
        struct_size: MemoryLayout<lms_complete_options>.size,
        preset: nil,
        timeout_ms: Int64(LMS_TIMEOUT_DEFAULT),
        idle_timeout_ms: Int64(LMS_TIMEOUT_DEFAULT)
    )
}

@_cdecl("lms_complete_options_init")
public func completeOptionsInit(
    _ options: UnsafeMutablePointer<lms_complete_options>?,
    _ structSize: Int
) {
    Options.fill(options, size: structSize, with: defaults)
}

/// How predictions of a model are to be made.
final class PredictionOrder {
    let handle: LLMHandle
    let config: PredictionConfig
    let preset: String?
    let timeouts: Timeouts
    let warnings: [String]

    init(
        _ llm: OpaquePointer?,
        _ config: lms_text,
        _ options: UnsafePointer<lms_complete_options>?
    ) throws(LMStudioError) {
        handle = try LLMHandle.borrow(llm)
        let host = try handle.model.client.host()
        let options = try Options.read(options, over: defaults, "options")
        var warnings: [String] = []
        self.config = try PredictionConfig(
            json: parseJSON(config, as: "config"),
            for: host,
            warnings: &warnings
        )
        self.warnings = warnings
        preset = try string(options.preset, "preset")
        timeouts = try Timeouts(milliseconds: options.timeout_ms, idle: options.idle_timeout_ms)
    }
}

/// Prepares a prediction of what `request` makes of a model, options and a preset.
private func predict(
    _ llm: OpaquePointer?,
    _ config: lms_text,
    _ options: UnsafePointer<lms_complete_options>?,
    _ prediction: UnsafeMutablePointer<OpaquePointer?>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?,
    _ request: (LLM, PredictionConfig, String?) throws(LMStudioError) -> PredictionRequest
) -> lms_status {
    reporting(to: error) { () throws(LMStudioError) in
        let prediction = try outHandle(prediction, "prediction")
        let order = try PredictionOrder(llm, config, options)
        prediction.pointee = Handles.add(
            PredictionHandle(
                owner: order.handle.owner,
                request: try request(order.handle.model, order.config, order.preset),
                timeouts: order.timeouts,
                warnings: order.warnings
            )
        )
        return LMS_OK
    }
}

@_cdecl("lms_llm_complete")
public func llmComplete(
    _ llm: OpaquePointer?,
    _ prompt: lms_text,
    _ config: lms_text,
    _ options: UnsafePointer<lms_complete_options>?,
    _ prediction: UnsafeMutablePointer<OpaquePointer?>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> lms_status {
    predict(llm, config, options, prediction, error) {
        llm,
        config,
        preset throws(LMStudioError) in
        try llm.completionRequest(prompt.string("prompt"), config: config, preset: preset)
    }
}

@_cdecl("lms_llm_respond")
public func llmRespond(
    _ llm: OpaquePointer?,
    _ chat: lms_text,
    _ config: lms_text,
    _ options: UnsafePointer<lms_complete_options>?,
    _ prediction: UnsafeMutablePointer<OpaquePointer?>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> lms_status {
    predict(llm, config, options, prediction, error) {
        llm,
        config,
        preset throws(LMStudioError) in
        let chat = try Chat(json: parseJSON(chat, as: "chat"), as: "chat")
        return try llm.chatRequest(chat, config: config, preset: preset)
    }
}

@_cdecl("lms_prediction_start")
public func predictionStart(
    _ prediction: OpaquePointer?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> lms_status {
    reporting(to: error) { () throws(LMStudioError) in
        try Handles.borrow(prediction, as: PredictionHandle.self, "prediction").start()
        return LMS_OK
    }
}

@_cdecl("lms_prediction_next")
public func predictionNext(
    _ prediction: OpaquePointer?,
    _ timeoutMilliseconds: Int64,
    _ event: UnsafeMutablePointer<lms_event>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> lms_status {
    reporting(to: error) { () throws(LMStudioError) in
        let event = try out(event, "event")
        event.pointee = lms_event()
        let handle = try Handles.borrow(prediction, as: PredictionHandle.self, "prediction")
        return try handle.next(within: timeoutMilliseconds, into: event)
    }
}

@_cdecl("lms_prediction_cancel")
public func predictionCancel(_ prediction: OpaquePointer?) {
    Handles.find(prediction, as: PredictionHandle.self)?.cancel()
}

@_cdecl("lms_prediction_result")
public func predictionResult(_ prediction: OpaquePointer?) -> OpaquePointer? {
    Handles.find(prediction, as: PredictionHandle.self)?.result
}

@_cdecl("lms_prediction_warning")
public func predictionWarning(_ prediction: OpaquePointer?, _ index: Int) -> lms_text {
    Handles.find(prediction, as: PredictionHandle.self)?.warnings.text(at: index) ?? .none
}

@_cdecl("lms_prediction_free")
public func predictionFree(_ prediction: OpaquePointer?) {
    Handles.remove(prediction, as: PredictionHandle.self)?.close()
}
