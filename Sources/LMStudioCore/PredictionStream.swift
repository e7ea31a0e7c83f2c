import Synchronization

/// Text as it is predicted: an asynchronous sequence of fragments with a result at its end.
///
/// ```swift
/// let stream = try await model.completeStream("My name is")
/// for try await fragment in stream { print(fragment, terminator: "") }
/// print(try await stream.result().stats)
/// ```
///
/// It can be iterated once. Leaving the loop early, cancelling the task that iterates and letting go
/// of the stream each stop the work. Fragments that nobody takes are kept, at most a context's worth.
public final class PredictionStream: AsyncSequence, Sendable {
    /// What iteration gives.
    public typealias Element = PredictionFragment
    /// What iteration throws.
    public typealias Failure = LMStudioError

    /// What a caller wants to be told on the way; called where the stream is iterated.
    public struct Callbacks: Sendable {
        /// Receives the share of the prompt that is processed: 0, then rising to 1.
        public var onPromptProgress: (@Sendable (Double) -> Void)?
        /// Called once, before the first fragment.
        public var onFirstToken: (@Sendable () -> Void)?
        /// Receives each step of the model's calls of tools, in its place among the fragments.
        public var onToolCall: (@Sendable (ToolCallEvent) -> Void)?

        /// Makes callbacks; `nil` means none.
        public init(
            onPromptProgress: (@Sendable (Double) -> Void)? = nil,
            onFirstToken: (@Sendable () -> Void)? = nil,
            onToolCall: (@Sendable (ToolCallEvent) -> Void)? = nil
        ) {
            self.onPromptProgress = onPromptProgress
            self.onFirstToken = onFirstToken
            self.onToolCall = onToolCall
        }
    }

    package let channel: PredictionChannel
    private let callbacks: Callbacks
    private let isAwaited = Atomic<Bool>(false)

    /// Makes the consumer's end of a channel.
    package init(_ channel: PredictionChannel, callbacks: Callbacks = Callbacks()) {
        self.channel = channel
        self.callbacks = callbacks
    }

    deinit {
        channel.abandon()
    }

    /// Stops the prediction; the sequence ends, and ``result()`` tells what came until then.
    ///
    /// The stop reason is then `.userStopped`. Does nothing once the prediction is finished.
    public func cancel() {
        channel.cancel()
    }

    /// Waits for the end and returns the whole.
    ///
    /// - Throws: what made the prediction fail; `.cancelled` if the task was cancelled or the
    ///   stream was left early.
    public func result() async throws(LMStudioError) -> PredictionResult {
        while try await nextFragment() != nil {}
        guard let result = try channel.result() else {
            throw LMStudioError(.invalidState, "another task is iterating this prediction")
        }
        return result
    }

    /// The next event of any kind; `nil` after the last.
    ///
    /// - Throws: what made the prediction fail; `.invalidState` if another task is waiting for it.
    package func nextEvent() async throws(LMStudioError) -> PredictionEvent? {
        guard !isAwaited.exchange(true, ordering: .acquiring) else {
            throw LMStudioError(.invalidState, "another task is waiting for this prediction")
        }
        defer { isAwaited.store(false, ordering: .releasing) }
        while true {
            if Task.isCancelled { channel.abandon("the task was cancelled") }
            switch try channel.next() {
            case .event(let event): return event
            case .finished: return nil
            case .pending: await ready()
            }
        }
    }

    private func ready() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                channel.wait { continuation.resume() }
            }
        } onCancel: {
            channel.abandon("the task was cancelled")
        }
    }

    private func nextFragment() async throws(LMStudioError) -> PredictionFragment? {
        while let event = try await nextEvent() {
            switch event {
            case .promptProgress(let progress, _): callbacks.onPromptProgress?(progress)
            case .firstToken: callbacks.onFirstToken?()
            case .fragment(let fragment): return fragment
            case .toolCall(let event): callbacks.onToolCall?(event)
            }
        }
        return nil
    }

    /// Iterates the fragments.
    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(stream: self)
    }

    /// Iterates the fragments; stops the prediction when it is let go of before the end.
    public struct AsyncIterator: AsyncIteratorProtocol {
        private let lease: Lease

        fileprivate init(stream: PredictionStream) {
            lease = Lease(stream)
        }

        /// The next fragment; `nil` after the last.
        public mutating func next() async throws(LMStudioError) -> PredictionFragment? {
            try await lease.stream.nextFragment()
        }

        /// The next fragment; `nil` after the last.
        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(LMStudioError) -> PredictionFragment? {
            try await lease.stream.nextFragment()
        }
    }

    /// Lives as long as an iterator.
    private final class Lease: Sendable {
        let stream: PredictionStream

        init(_ stream: PredictionStream) {
            self.stream = stream
        }

        deinit {
            stream.channel.leave()
        }
    }
}
