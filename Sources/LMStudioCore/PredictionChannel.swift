import Synchronization

/// Where the producer of a prediction and its one consumer meet.
///
/// A ``ModelHost`` fills it; a ``PredictionStream`` empties it. The producer never waits. What it
/// yields is kept until it is taken, at most a context's worth of fragments. The consumer asks for
/// the next event, and where there is none leaves a closure that is called once when there is: a
/// continuation, a semaphore or a descriptor can hang on that.
public final class PredictionChannel: Sendable {
    private struct State {
        var events: [PredictionEvent] = []
        var head = 0
        var outcome: Result<PredictionSummary, LMStudioError>?
        var isCancelled = false
        var content = ""
        var wake: (@Sendable () -> Void)?
        var stop: (@Sendable () -> Void)?
    }

    /// What the consumer finds.
    package enum Next {
        case event(PredictionEvent)
        case finished
        case pending
    }

    private let state = Mutex(State())

    /// Makes an empty channel.
    public init() {}

    // MARK: The producer's side

    /// Says how to stop the work.
    ///
    /// It is called at once if nobody wants the result any more.
    public func onStop(_ stop: @escaping @Sendable () -> Void) {
        let isLate = state.withLock { state in
            guard state.outcome == nil, !state.isCancelled else { return true }
            state.stop = stop
            return false
        }
        if isLate { stop() }
    }

    /// Hands an event over; dropped after a cancellation.
    public func yield(_ event: PredictionEvent) {
        let wake = state.withLock { state -> (@Sendable () -> Void)? in
            guard state.outcome == nil, !state.isCancelled else { return nil }
            state.events.append(event)
            return state.wake.take()
        }
        wake?()
    }

    /// Ends the prediction; only the first end counts.
    public func finish(_ outcome: Result<PredictionSummary, LMStudioError>) {
        let wake = state.withLock { state -> (@Sendable () -> Void)? in
            guard state.outcome == nil else { return nil }
            state.outcome = outcome
            state.stop = nil
            return state.wake.take()
        }
        wake?()
    }

    // MARK: The consumer's side

    /// Takes the next event.
    ///
    /// - Throws: the producer's error, once the events before it are taken.
    package func next() throws(LMStudioError) -> Next {
        let result: Result<Next, LMStudioError> = state.withLock { state in
            if state.head < state.events.count {
                let event = state.events[state.head]
                state.head += 1
                if state.head == state.events.count {
                    state.events.removeAll(keepingCapacity: true)
                    state.head = 0
                }
                if case .fragment(let fragment) = event { state.content += fragment.content }
                return .success(.event(event))
            }
            return state.outcome.map { $0.map { _ in .finished } } ?? .success(.pending)
        }
        return try result.get()
    }

    /// Calls `wake` once when `next()` is worth asking again, which may be at once.
    ///
    /// It replaces an earlier one, which is then never called.
    package func wait(_ wake: @escaping @Sendable () -> Void) {
        let isReady = state.withLock { state in
            guard state.head == state.events.count, state.outcome == nil else { return true }
            state.wake = wake
            return false
        }
        if isReady { wake() }
    }

    /// The result, once the events are taken; `nil` before.
    package func result() throws(LMStudioError) -> PredictionResult? {
        let result: Result<PredictionResult, LMStudioError>? = state.withLock { state in
            guard state.head == state.events.count, let outcome = state.outcome else { return nil }
            return outcome.map { PredictionResult(content: state.content, summary: $0) }
        }
        return try result?.get()
    }

    /// Stops the work and drops what waits; the producer's summary still comes.
    ///
    /// - Returns: `false` if it was finished or cancelled before, and nothing was done.
    @discardableResult
    package func cancel() -> Bool {
        let (isNew, stop) = state.withLock { state -> (Bool, (@Sendable () -> Void)?) in
            guard state.outcome == nil, !state.isCancelled else { return (false, nil) }
            state.isCancelled = true
            state.events = []
            state.head = 0
            return (true, state.stop.take())
        }
        stop?()
        return isNew
    }

    /// Says that the consumer looks away for good: stops what is neither finished nor cancelled.
    package func leave() {
        if state.withLock({ !$0.isCancelled }) {
            abandon("the loop over the prediction was left before its end")
        }
    }

    /// Stops the work and ends the prediction here and now with an error.
    package func abandon(_ reason: String = "the prediction was closed before its end") {
        let (stop, wake) = state.withLock {
            state -> ((@Sendable () -> Void)?, (@Sendable () -> Void)?) in
            guard state.outcome == nil else { return (nil, nil) }
            state.outcome = .failure(LMStudioError(.cancelled, reason))
            state.events = []
            state.head = 0
            return (state.stop.take(), state.wake.take())
        }
        stop?()
        wake?()
    }
}
