import CLMStudio
import LMStudio
import LMStudioWire
import Synchronization

/// What an `lms_prediction` stands for.
///
/// Events are taken from the channel in batches, so that a fragment costs one lock that nobody else
/// wants and one copy of its text.
final class PredictionHandle: Sendable {
    private struct State: ~Copyable {
        var isStarted = false
        var isCancelled = false
        /// Events that are taken from the channel; those before `index` were handed on.
        var batch: [PredictionEvent] = []
        var index = 0
        /// The text that was handed on.
        var text = PredictionText()
        var result: OpaquePointer?
    }

    private let owner: ClientHandle
    private let request: PredictionRequest
    private let timeouts: Timeouts
    let warnings: [LentText]
    private let channel = PredictionChannel()
    private let waiter = Waiter()
    private let state = Mutex(State())
    /// The text of the last fragment; guarded by `state`.
    private let lent = LentBuffer()
    /// Its tokens as JSON, if they are asked for, or what a tool's call was made of; guarded by `state`.
    private let lentTokens = LentBuffer()

    init(
        owner: ClientHandle,
        request: PredictionRequest,
        timeouts: Timeouts,
        warnings: [String]
    ) {
        self.owner = owner
        self.request = request
        self.timeouts = timeouts
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
            try owner.client.start(request, into: channel, timeouts: timeouts)
        } catch {
            state.withLock { $0.isStarted = false }
            throw error
        }
        // Cancelled before it began: it begins, so that there is a result, and stops at once.
        if state.withLock({ $0.isCancelled }) { channel.cancel() }
    }

    /// Fills in the next event.
    ///
    /// - Returns: `LMS_OK`, `LMS_END` after the last one, `LMS_PENDING` if the time is over.
    func next(
        within milliseconds: Int64,
        into event: UnsafeMutablePointer<lms_event>
    ) throws(LMStudioError) -> lms_status {
        if owner.isClosed { try failIfClosed() }
        if take(into: event) { return LMS_OK }
        try start()
        while true {
            let next = try waiter.next(within: milliseconds, poll: refill, arm: channel.wait)
            switch next {
            case nil, .pending: return LMS_PENDING
            case .events:
                // Unless it was cancelled meanwhile, which drops what was there.
                if take(into: event) { return LMS_OK }
            case .finished:
                try finish()
                return LMS_END
            }
        }
    }

    /// Hands on an event of the batch; `false` if there is none.
    private func take(into event: UnsafeMutablePointer<lms_event>) -> Bool {
        state.withLock { state in
            guard state.index < state.batch.count else { return false }
            state.text.append(state.batch[state.index])
            switch state.batch[state.index] {
            case .promptProgress(let progress, let counts):
                event.pointee.kind = LMS_EVENT_PROMPT_PROGRESS
                event.pointee.progress = progress
                if let counts { fill(event, with: counts) }
            case .firstToken:
                event.pointee.kind = LMS_EVENT_FIRST_TOKEN
            case .toolCall(let call): fill(event, with: call)
            case .fragment(let fragment):
                event.pointee.kind = LMS_EVENT_FRAGMENT
                event.pointee.text = lent.hold(fragment.content)
                if !fragment.tokens.isEmpty {
                    event.pointee.tokens = lentTokens.hold(fragment.tokensJSON)
                }
                event.pointee.tokens_count = Int32(clamping: fragment.tokensCount)
                event.pointee.contains_drafted = fragment.containsDrafted ? 1 : 0
                event.pointee.reasoning_type = fragment.reasoningType.status
            }
            state.index += 1
            return true
        }
    }

    private func fill(_ event: UnsafeMutablePointer<lms_event>, with counts: PromptProgress) {
        event.pointee.prompt_tokens_count = Int32(clamping: counts.totalTokensCount)
        event.pointee.processed_tokens_count = Int32(clamping: counts.processedTokensCount)
        event.pointee.cached_tokens_count = Int32(clamping: counts.cachedTokensCount)
    }

    private func fill(_ event: UnsafeMutablePointer<lms_event>, with call: ToolCallEvent) {
        var (text, rawContent): (String?, String?)
        switch call {
        case .started(let id): (event.pointee.kind, text) = (LMS_EVENT_TOOL_CALL_START, id)
        case .named(let name): (event.pointee.kind, text) = (LMS_EVENT_TOOL_CALL_NAME, name)
        case .argumentFragment(let piece):
            (event.pointee.kind, text) = (LMS_EVENT_TOOL_CALL_ARGUMENTS, piece)
        case .ended(let request, let raw):
            event.pointee.kind = LMS_EVENT_TOOL_CALL_END
            (text, rawContent) = (request.text, raw)
        case .failed(let reason, let raw):
            event.pointee.kind = LMS_EVENT_TOOL_CALL_FAILED
            (text, rawContent) = (reason, raw)
        }
        event.pointee.text = lent.hold(text ?? "")
        event.pointee.raw_content = lentTokens.hold(rawContent ?? "")
    }

    /// Takes what waits in the channel; `nil` if nothing does.
    private func refill() throws(LMStudioError) -> PredictionChannel.Batch? {
        let result = state.withLock { state -> Result<PredictionChannel.Batch, LMStudioError> in
            state.batch.removeAll(keepingCapacity: true)
            state.index = 0
            do throws(LMStudioError) {
                return .success(try channel.takeAll(into: &state.batch))
            } catch {
                return .failure(error)
            }
        }
        let next = try result.get()
        if case .pending = next { return nil }
        return next
    }

    /// Once its client is closed, an unfinished prediction has failed, whatever is still here.
    private func failIfClosed() throws(LMStudioError) {
        do throws(LMStudioError) {
            _ = try channel.result()
        } catch {
            dropBatch()
            throw error
        }
    }

    private func dropBatch() {
        state.withLock { state in
            state.batch = []
            state.index = 0
        }
    }

    private func finish() throws(LMStudioError) {
        let text = state.withLock { $0.text }
        guard let result = try channel.result(of: text) else { return }
        state.withLock { state in
            guard state.result == nil else { return }
            state.result = Handles.add(ResultHandle(result))
        }
    }

    func cancel() {
        let isStarted = state.withLock { state in
            state.isCancelled = true
            return state.isStarted
        }
        if isStarted, channel.cancel() { dropBatch() }
    }

    var result: OpaquePointer? {
        state.withLock { $0.result }
    }

    func close() {
        channel.abandon()
        _ = Handles.remove(state.withLock { $0.result.take() }, as: ResultHandle.self)
    }
}

extension PredictionFragment.ReasoningType {
    /// Its constant in prediction.h.
    fileprivate var status: Int32 {
        switch self {
        case .none: LMS_REASONING_NONE
        case .reasoning: LMS_REASONING_TEXT
        case .reasoningStartTag: LMS_REASONING_START_TAG
        case .reasoningEndTag: LMS_REASONING_END_TAG
        }
    }
}
