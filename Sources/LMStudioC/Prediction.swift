public import CLMStudio
import LMStudio
import LMStudioWire
import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// What an `lms_prediction` stands for.
final class PredictionHandle: Sendable {
    private struct State {
        var isStarted = false
        var isCancelled = false
        /// The fragment that is lent; replaced by the next call.
        var lent: LentText?
        var result: OpaquePointer?
    }

    let client: LMStudioClient
    let request: PredictionRequest
    let warnings: [LentText]
    private let channel = PredictionChannel()
    private let state = Mutex(State())

    init(client: LMStudioClient, request: PredictionRequest, warnings: [String]) {
        self.client = client
        self.request = request
        self.warnings = warnings.map(LentText.init)
    }

    deinit {
        close()
    }

    func start() throws(LMStudioError) {
        let isFirst = state.withLock { state in
            defer { state.isStarted = true }
            return !state.isStarted
        }
        guard isFirst else { return }
        do throws(LMStudioError) {
            try client.start(request, into: channel)
        } catch {
            state.withLock { $0.isStarted = false }
            throw error
        }
        // Cancelled before it began: it begins, so that there is a result, and stops at once.
        if state.withLock({ $0.isCancelled }) { channel.cancel() }
    }

    /// The next event, or `nil` after the last.
    func next(within milliseconds: Int64) throws(LMStudioError) -> lms_event? {
        try start()
        let channel = channel
        let next = try Blocking.next(within: milliseconds) {
            () throws(LMStudioError) -> PredictionChannel.Next? in
            let next = try channel.next()
            if case .pending = next { return nil }
            return next
        } arm: {
            channel.wait($0)
        }
        guard case .event(let event) = next else {
            try finish()
            return nil
        }
        return lend(event)
    }

    private func lend(_ event: PredictionEvent) -> lms_event {
        var lent = lms_event()
        switch event {
        case .promptProgress(let progress, _):
            lent.kind = LMS_EVENT_PROMPT_PROGRESS
            lent.progress = progress
        case .firstToken:
            lent.kind = LMS_EVENT_FIRST_TOKEN
        case .fragment(let fragment):
            let text = LentText(fragment.content)
            state.withLock { $0.lent = text }
            lent.kind = LMS_EVENT_FRAGMENT
            lent.tokens_count = Int32(clamping: fragment.tokensCount)
            lent.text = text.text
            lent.contains_drafted = fragment.containsDrafted ? 1 : 0
            lent.reasoning_type =
                switch fragment.reasoningType {
                case .none: LMS_REASONING_NONE
                case .reasoning: LMS_REASONING_TEXT
                case .reasoningStartTag: LMS_REASONING_START_TAG
                case .reasoningEndTag: LMS_REASONING_END_TAG
                }
        }
        return lent
    }

    private func finish() throws(LMStudioError) {
        guard let result = try channel.result() else { return }
        state.withLock { state in
            if state.result == nil { state.result = Handles.add(ResultHandle(result)) }
        }
    }

    func cancel() {
        let isStarted = state.withLock { state in
            state.isCancelled = true
            return state.isStarted
        }
        if isStarted { channel.cancel() }
    }

    var result: OpaquePointer? {
        state.withLock { $0.result }
    }

    func close() {
        channel.abandon()
        _ = Handles.remove(state.withLock { $0.result.take() }, as: ResultHandle.self)
    }
}

@_cdecl("lms_llm_complete")
public func llmComplete(
    _ llm: OpaquePointer?,
    _ prompt: lms_text,
    _ config: lms_text,
    _ prediction: UnsafeMutablePointer<OpaquePointer?>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> lms_status {
    reporting(to: error) { () throws(LMStudioError) in
        let prediction = try outHandle(prediction, "prediction")
        let llm = try Handles.borrow(llm, as: LLMHandle.self, "llm").llm
        let host = try llm.client.host()
        var warnings: [String] = []
        let options = try PredictionConfig(
            json: parseJSON(config, as: "config"),
            for: host,
            warnings: &warnings
        )
        let request = try llm.completionRequest(prompt.string("prompt"), config: options)
        prediction.pointee = Handles.add(
            PredictionHandle(client: llm.client, request: request, warnings: warnings)
        )
        return LMS_OK
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
        guard let next = try handle.next(within: timeoutMilliseconds) else { return LMS_END }
        event.pointee = next
        return LMS_OK
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
