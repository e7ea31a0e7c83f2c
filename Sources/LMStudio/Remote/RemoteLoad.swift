import LMStudioCore
import LMStudioWire

/// Takes a load's messages from a link to whoever waits for the model.
final class RemoteLoad: RemoteLink.Receiver {
    private let report: @Sendable (LoadEvent) -> Void
    private let finish: @Sendable (Result<ModelInstanceInfo, LMStudioError>) -> Void
    private var latestProgress = -1.0

    init(
        report: @escaping @Sendable (LoadEvent) -> Void,
        finish: @escaping @Sendable (Result<ModelInstanceInfo, LMStudioError>) -> Void
    ) {
        self.report = report
        self.finish = finish
    }

    func receive(_ fragment: PredictionFragment) {}

    func receive(_ message: JSONValue) -> RemoteLink.Reception {
        switch LoadMessage.step(message) {
        case .event(.progress(let share)): advance(share)
        case .event(let event):
            if case .loading = event {
                report(event)
                advance(0)
            } else {
                report(event)
            }
        case .ready(let info):
            if latestProgress < 1 { advance(1) }
            finish(.success(info))
            return .last()
        case .unreadable:
            finish(.failure(RemoteHost.unreadable("a load", message)))
            return .last()
        case .unknown(let type): return .unknown(type: type)
        }
        return .oneOfMany()
    }

    /// Progress rises, from 0 if something is loaded at all to 1; the same again is a sign of life.
    private func advance(_ share: Double) {
        guard share >= latestProgress, share <= 1 else { return }
        latestProgress = share
        report(.progress(share))
    }

    func flush() -> PredictionChannel? { nil }

    func end(_ error: LMStudioError) {
        finish(.failure(error))
    }

    /// Whoever waited for the model was told when it was cancelled.
    func endUnanswered() {}
}
