import LMStudioCore
import LMStudioWire

/// Takes a prediction's messages from a link to a ``PredictionChannel``.
final class RemotePrediction: RemoteLink.Receiver {
    /// Events that may wait for a slow consumer before reading pauses: a whole long context's.
    static let bound = 131_072

    private let channel: PredictionChannel
    private var events: [PredictionEvent] = []
    private var latestProgress = -1.0
    private var cachedTokensCount: Int?
    private var hasText = false

    init(_ channel: PredictionChannel) {
        self.channel = channel
    }

    func receive(_ fragment: PredictionFragment) {
        if !hasText { begin() }
        // Others may send empty ones; ours to callers never are.
        if !fragment.content.isEmpty { events.append(.fragment(fragment)) }
    }

    /// Says what a server may have left out before its first text.
    private func begin() {
        hasText = true
        report(1, nil)
        events.append(.firstToken)
    }

    /// Progress begins with 0 and rises.
    private func report(_ progress: Double, _ counts: PromptProgress?) {
        if latestProgress < 0, progress > 0 { events.append(.promptProgress(0)) }
        guard progress > latestProgress, progress <= 1 else { return }
        latestProgress = progress
        events.append(.promptProgress(progress, counts))
    }

    func receive(_ message: JSONValue) -> RemoteLink.Reception {
        switch PredictionMessage(message) {
        case .promptProgress(let progress, let counts):
            // A server tells the same again while it has nothing else to tell.
            channel.noteSignOfLife()
            cachedTokensCount = counts?.cachedTokensCount ?? cachedTokensCount
            if !hasText { report(progress, counts) }
        case .fragment(let fragment):
            receive(fragment)
            return .oneOfMany(UnknownWord.inFragment(message["fragment"]))
        case .toolCall(let event):
            if !hasText { begin() }
            events.append(.toolCall(event))
        case .success(var summary):
            _ = flush()
            summary.stats.cachedTokensCount = cachedTokensCount
            channel.finish(.success(summary))
            return .last(UnknownWord.inSuccess(message))
        case .error(let error):
            _ = flush()
            end(error)
            return .last()
        case .unknown(let type): return .unknown(type: type)
        }
        return .oneOfMany()
    }

    func flush() -> PredictionChannel? {
        guard !events.isEmpty else { return nil }
        let waiting = channel.yield(contentsOf: events)
        events.removeAll(keepingCapacity: true)
        return waiting >= Self.bound ? channel : nil
    }

    /// Ends the prediction as stopped, with the text until then.
    func endUnanswered() {
        channel.finish(.success(.unanswered))
    }

    /// Ends the prediction with an error: a cancellation, if a server fails what was to stop.
    ///
    /// The protocol has no word for what was stopped before it had a result.
    func end(_ error: LMStudioError) {
        let isStopped = channel.isCancelled && [.server, .prediction].contains(error.code)
        channel.finish(
            .failure(
                isStopped
                    ? LMStudioError(.cancelled, error.message, details: error.details) : error
            )
        )
    }
}
