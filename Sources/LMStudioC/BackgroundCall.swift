import LMStudioCore
import Synchronization

/// Asynchronous work that threads which are not Swift's wait for.
///
/// Never wait in a Swift task: that would hold a thread of the pool that the work may need. Letting
/// go of the call cancels the work.
final class BackgroundCall<Value: Sendable>: Sendable {
    private struct State {
        var outcome: Result<Value, LMStudioError>?
        var wake: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())
    private let task = Mutex<Task<Void, Never>?>(nil)
    private let waiter = Waiter()

    /// Begins the work.
    ///
    /// - Parameters:
    ///   - executor: where it runs; `nil`: on any thread of Swift's.
    ///   - work: what to do; it must not block.
    init(
        on executor: (any TaskExecutor)? = nil,
        _ work: @escaping @Sendable () async throws(LMStudioError) -> Value
    ) {
        let started = Task.detached(executorPreference: executor) { [weak self] in
            let outcome: Result<Value, LMStudioError>
            do throws(LMStudioError) {
                outcome = .success(try await work())
            } catch {
                outcome = .failure(error)
            }
            self?.finish(outcome)
        }
        task.withLock { $0 = started }
    }

    deinit {
        task.withLock { $0?.cancel() }
    }

    private func finish(_ outcome: Result<Value, LMStudioError>) {
        let wake = state.withLock { state in
            state.outcome = state.outcome ?? outcome
            return state.wake.take()
        }
        wake?()
    }

    /// Waits for what comes of the work.
    ///
    /// - Parameter milliseconds: most time to wait; negative: for ever.
    /// - Returns: what the work returned; `nil` if it goes on when the time is over.
    /// - Throws: what the work throws; `.cancelled`.
    func wait(within milliseconds: Int64) throws(LMStudioError) -> Value? {
        try waiter.next(within: milliseconds) { () throws(LMStudioError) in
            try state.withLock { $0.outcome }?.get()
        } arm: { wake in
            let isDone = state.withLock { state in
                state.wake = wake
                return state.outcome != nil
            }
            if isDone { wake() }
        }
    }

    /// Ends the work here and now; what is finished stays.
    func cancel() {
        finish(.failure(LMStudioError(.cancelled, "the call was cancelled")))
        task.withLock { $0?.cancel() }
    }
}

extension BackgroundCall {
    /// Does asynchronous work and waits for it.
    static func run(
        on executor: (any TaskExecutor)? = nil,
        _ work: @escaping @Sendable () async throws(LMStudioError) -> Value
    ) throws(LMStudioError) -> Value {
        guard let value = try BackgroundCall(on: executor, work).wait(within: -1) else {
            throw LMStudioError(.internal, "a finished call has no result")
        }
        return value
    }
}
