import LMStudioCore
import Synchronization

/// Asynchronous work that threads which are not Swift's wait for, step by step.
///
/// Never wait in a Swift task: that would hold a thread of the pool that the work may need. Letting
/// go of the work cancels it.
final class BackgroundWork<Step: Sendable, Value: Sendable>: Sendable {
    /// What a wait gives.
    enum Event {
        case step(Step)
        /// After the last step, as often as it is asked for.
        case end(Value)
    }

    private struct State: ~Copyable {
        /// What has happened; those steps before `told` were handed on.
        var steps: [Step] = []
        var told = 0
        var end: Result<Value, LMStudioError>?
        var wake: (@Sendable () -> Void)?
        /// Where it runs, if the thread that waits can help there.
        var executor: (any WaitableExecutor)?
    }

    private let state = Mutex(State())
    private let task = Mutex<Task<Void, Never>?>(nil)
    private let waiter = Waiter()
    private let cancelled: LMStudioError

    /// - Parameter message: what the error says once the work is cancelled.
    init(cancelled message: String) {
        cancelled = LMStudioError(.cancelled, message)
    }

    deinit {
        task.withLock { $0?.cancel() }
    }

    /// Begins the work, once.
    ///
    /// - Parameters:
    ///   - executor: where it runs, and begins; `nil`: on any thread of Swift's.
    ///   - beginsHere: whether without an executor it begins on this thread: one that waits for it anyway, or
    ///     work that takes less time than to wake another one, and then this one again.
    ///   - work: what to do; it must not block.
    func start(
        on executor: (any TaskExecutor)? = nil,
        beginsHere: Bool = false,
        _ work: @escaping @Sendable () async throws(LMStudioError) -> Value
    ) {
        let body = { @Sendable [weak self] in
            let end: Result<Value, LMStudioError>
            do throws(LMStudioError) {
                end = .success(try await work())
            } catch {
                end = .failure(error)
            }
            self?.finish(end)
        }
        if beginsHere, let executor = executor as? any WaitableExecutor {
            state.withLock { $0.executor = executor }
        }
        let started =
            if #available(macOS 26, *), beginsHere, executor == nil {
                Task.immediateDetached(operation: body)
            } else {
                Task.detached(executorPreference: executor, operation: body)
            }
        task.withLock { $0 = started }
    }

    /// Adds a step.
    func tell(_ step: Step) {
        update { $0.steps.append(step) }
    }

    private func finish(_ end: Result<Value, LMStudioError>) {
        update { $0.end = $0.end ?? end }
    }

    private func update(_ change: (inout State) -> Void) {
        let wake = state.withLock { state in
            change(&state)
            return state.wake.take()
        }
        wake?()
    }

    /// What came of it; `nil` while it goes on.
    var end: Result<Value, LMStudioError>? {
        state.withLock { $0.end }
    }

    /// Waits for the next thing that happens.
    ///
    /// - Parameter milliseconds: most time to wait; negative: for ever.
    /// - Returns: it; `nil` if nothing has happened when the time is over.
    /// - Throws: what the work throws, `.cancelled`; whatever steps there are.
    func next(within milliseconds: Int64) throws(LMStudioError) -> Event? {
        let help = state.withLock { $0.executor }.map { executor in executor.help }
        return try waiter.next(within: milliseconds, help: help, poll: poll) { wake in
            let isReady = state.withLock { state in
                guard state.told == state.steps.count, state.end == nil else { return true }
                state.wake = wake
                return false
            }
            if isReady { wake() }
        }
    }

    private func poll() throws(LMStudioError) -> Event? {
        let result: Result<Event?, LMStudioError> = state.withLock { state in
            if case .failure(let error) = state.end { return .failure(error) }
            guard state.told < state.steps.count else {
                state.steps.removeAll(keepingCapacity: true)
                state.told = 0
                return .success((try? state.end?.get()).map(Event.end))
            }
            state.told += 1
            return .success(.step(state.steps[state.told - 1]))
        }
        return try result.get()
    }

    /// Ends the work here and now; what is finished stays.
    func cancel() {
        finish(.failure(cancelled))
        task.withLock { $0?.cancel() }
    }
}
