import LMStudioCore
import Synchronization

/// A result that comes once, to one who waits; whatever comes later is dropped.
final class Outcome: Sendable {
    typealias Value = Result<ModelInstanceInfo, LMStudioError>

    private struct State: ~Copyable {
        var continuation: CheckedContinuation<Value, Never>?
        var value: Value?
    }

    private let state = Mutex(State())

    /// Resumes the continuation with the value, which may be there already.
    func await(_ continuation: CheckedContinuation<Value, Never>) {
        let value = state.withLock { state in
            if state.value == nil { state.continuation = continuation }
            return state.value
        }
        if let value { continuation.resume(returning: value) }
    }

    func settle(_ value: Value) {
        let continuation = state.withLock { state -> CheckedContinuation<Value, Never>? in
            guard state.value == nil else { return nil }
            state.value = value
            return state.continuation.take()
        }
        continuation?.resume(returning: value)
    }
}
