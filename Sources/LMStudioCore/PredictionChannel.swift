import Synchronization

/// Where the producer of a prediction and its one consumer meet.
///
/// A ``ModelHost`` fills it; a ``PredictionStream`` empties it. The producer never waits. What it
/// yields is kept until it is taken, at most a context's worth of fragments. The consumer asks for
/// the next event, and where there is none leaves a closure that is called once when there is: a
/// continuation, a semaphore or a descriptor can hang on that.
public final class PredictionChannel: Sendable {
    private struct State: ~Copyable {
        var events: [PredictionEvent] = []
        var head = 0
        var outcome: Result<PredictionSummary, LMStudioError>?
        var isCancelled = false
        var text = PredictionText()
        var address: HostAddress?
        var wake: (@Sendable () -> Void)?
        var stop: (@Sendable () -> Void)?
        var drain: Drain?
        /// Events and other signs of life that ever came, so that a watcher sees whether any did.
        var arrivals = 0

        var pendingCount: Int { events.count - head }

        /// Forgets what waits; what a reader that paused for it is to be told.
        mutating func dropEvents() -> (@Sendable () -> Void)? {
            events = []
            head = 0
            return drain.take()?.resume
        }
    }

    /// Somebody who has stopped reading until fewer events wait.
    private struct Drain {
        let limit: Int
        let resume: @Sendable () -> Void
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

    /// Notes which host fills it.
    package func note(_ address: HostAddress) {
        state.withLock { $0.address = address }
    }

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
            state.arrivals &+= 1
            return state.wake.take()
        }
        wake?()
    }

    /// Hands several events over, in their order; dropped after a cancellation.
    ///
    /// - Returns: how many wait to be taken now.
    @discardableResult
    package func yield(contentsOf events: [PredictionEvent]) -> Int {
        let (wake, count) = state.withLock { state -> ((@Sendable () -> Void)?, Int) in
            guard state.outcome == nil, !state.isCancelled else { return (nil, 0) }
            state.events.append(contentsOf: events)
            state.arrivals &+= events.count
            return (state.wake.take(), state.pendingCount)
        }
        wake?()
        return count
    }

    /// The producer is alive, though it has nothing to hand over: its prediction waits its turn.
    package func noteSignOfLife() {
        state.withLock { $0.arrivals &+= 1 }
    }

    /// Whether its consumer has asked for its end.
    package var isCancelled: Bool { state.withLock { $0.isCancelled } }

    /// Calls `resume` once when fewer than `limit` events wait, which may be at once.
    package func onDrain(below limit: Int, _ resume: @escaping @Sendable () -> Void) {
        let isDrained = state.withLock { state in
            guard state.outcome == nil, state.pendingCount >= limit else { return true }
            state.drain = Drain(limit: limit, resume: resume)
            return false
        }
        if isDrained { resume() }
    }

    /// Ends the prediction; only the first end counts.
    public func finish(_ outcome: Result<PredictionSummary, LMStudioError>) {
        let callbacks = state.withLock { state -> [(@Sendable () -> Void)?] in
            guard state.outcome == nil else { return [] }
            state.outcome = outcome
            state.stop = nil
            // Nothing more comes that a reader would have to wait for.
            return [state.drain.take()?.resume, state.wake.take()]
        }
        for callback in callbacks { callback?() }
    }

    // MARK: The consumer's side

    /// Takes the next event.
    ///
    /// - Throws: the producer's error, once the events before it are taken.
    package func next() throws(LMStudioError) -> Next {
        let (result, resume) = state.withLock {
            state -> (Result<Next, LMStudioError>, (@Sendable () -> Void)?) in
            guard state.head < state.events.count else {
                return (state.outcome.map { $0.map { _ in .finished } } ?? .success(.pending), nil)
            }
            let event = state.events[state.head]
            state.head += 1
            if state.head == state.events.count {
                state.events.removeAll(keepingCapacity: true)
                state.head = 0
            } else if state.head >= Self.compactionSize {
                state.events.removeFirst(state.head)
                state.head = 0
            }
            state.text.append(event)
            let isDrained = state.drain.map { state.pendingCount < $0.limit } ?? false
            return (.success(.event(event)), isDrained ? state.drain.take()?.resume : nil)
        }
        resume?()
        return try result.get()
    }

    /// What the consumer of batches finds.
    package enum Batch {
        case events
        case finished
        case pending
    }

    /// Takes all events that wait, for a consumer that asks for nothing less and keeps the text itself:
    /// it gives it to ``result(of:)``.
    ///
    /// - Parameter events: an empty array, which is filled; its memory goes to the channel.
    /// - Returns: whether events came, and if none did, whether any will.
    /// - Throws: the producer's error, once the events before it are taken.
    package func takeAll(into events: inout [PredictionEvent]) throws(LMStudioError) -> Batch {
        let (result, resume) = state.withLock {
            state -> (Result<Batch, LMStudioError>, (@Sendable () -> Void)?) in
            guard !state.events.isEmpty else {
                return (state.outcome.map { $0.map { _ in .finished } } ?? .success(.pending), nil)
            }
            swap(&events, &state.events)
            events.removeFirst(state.head)
            state.head = 0
            return (.success(.events), state.drain.take()?.resume)
        }
        resume?()
        return try result.get()
    }

    /// Taken events that may lie before the waiting ones: few enough to be no memory, many enough that
    /// moving the rest costs nothing per event.
    private static let compactionSize = 8192

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
    ///
    /// - Parameter text: what a consumer of batches has put together; `nil`: the channel has.
    /// - Returns: the text, and what the producer said at the end.
    /// - Throws: what the producer failed with.
    package func result(
        of text: PredictionText? = nil
    ) throws(LMStudioError) -> PredictionResult? {
        let result: Result<PredictionResult, LMStudioError>? = state.withLock { state in
            guard state.head == state.events.count, let outcome = state.outcome else { return nil }
            return outcome.map {
                PredictionResult(text: text ?? state.text, summary: $0, address: state.address)
            }
        }
        return try result?.get()
    }

    /// Stops the work and drops what waits; the producer's summary still comes.
    ///
    /// - Returns: `false` if it was finished or cancelled before, and nothing was done.
    @discardableResult
    package func cancel() -> Bool {
        let (isNew, stop, resume) = state.withLock {
            state -> (Bool, (@Sendable () -> Void)?, (@Sendable () -> Void)?) in
            guard state.outcome == nil, !state.isCancelled else { return (false, nil, nil) }
            state.isCancelled = true
            return (true, state.stop.take(), state.dropEvents())
        }
        stop?()
        resume?()
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
        stop(with: LMStudioError(.cancelled, reason))
    }

    func stop(with error: LMStudioError) {
        let callbacks = state.withLock { state -> [(@Sendable () -> Void)?] in
            guard state.outcome == nil else { return [] }
            state.outcome = .failure(error)
            return [state.stop.take(), state.dropEvents(), state.wake.take()]
        }
        for callback in callbacks { callback?() }
    }

    // MARK: Patience

    /// Ends the prediction with `.timedOut` when it takes longer than it may.
    ///
    /// Events that wait for the consumer count as signs of life: a slow reader is no silent host.
    package func watch(_ patience: Patience) {
        if patience.isLimited { PredictionWatch.shared.add(self, patience) }
    }

    /// Changes whenever something came or waits; `nil` once there is nothing to wait for.
    package var signsOfLife: Patience.Signs? {
        state.withLock { state in
            guard state.outcome == nil else { return nil }
            return Patience.Signs(count: state.arrivals, isBusy: state.pendingCount > 0)
        }
    }
}
