import CLMStudio
import LMStudio
import Synchronization

/// What an `lms_batch` stands for.
final class BatchHandle: ClosableWork {
    private struct State {
        /// What has happened; those steps before `told` were handed on.
        var steps: [Step] = []
        var told = 0
        var outcomes: [Int: PredictionBatch.Outcome] = [:]
        /// What was lent of them.
        var handles: [Int: OpaquePointer] = [:]
        var end: Result<Void, LMStudioError>?
        var wake: (@Sendable () -> Void)?

        /// The handle of a place, made when it is first asked for.
        mutating func lend(
            _ index: Int,
            _ make: () -> some Sendable & AnyObject
        ) -> OpaquePointer? {
            if handles[index] == nil { handles[index] = Handles.add(make()) }
            return handles[index]
        }
    }

    /// What a wait gives.
    enum Step {
        /// The place of a prompt, and the share of it that is read or `LMS_BATCH_ENDED`.
        case step(Int, Double)
        case end
    }

    let count: Int
    let warnings: [LentText]
    private let owner: ClientHandle
    private let state = Mutex(State())
    private let task = Mutex<Task<Void, Never>?>(nil)
    private let waiter = Waiter()

    /// Begins the work.
    init(_ batch: PredictionBatch, _ order: PredictionOrder) {
        count = batch.count
        warnings = order.warnings.map(LentText.init)
        owner = order.handle.owner
        let timeouts = order.timeouts
        let callbacks = LLM.BatchCallbacks(
            onPromptProgress: { [weak self] index, share in
                self?.update { $0.steps.append(.step(index, share)) }
            },
            onEnd: { [weak self] index, outcome in
                self?.update { state in
                    state.outcomes[index] = outcome
                    state.steps.append(.step(index, LMS_BATCH_ENDED))
                }
            }
        )
        let started = Task.detached(executorPreference: owner.client.taskExecutor) { [weak self] in
            let end: Result<Void, LMStudioError>
            do throws(LMStudioError) {
                _ = try await batch.run(timeouts: timeouts, callbacks: callbacks)
                end = .success(())
            } catch {
                end = .failure(error)
            }
            self?.update { $0.end = $0.end ?? end }
        }
        task.withLock { $0 = started }
    }

    deinit {
        close()
    }

    private func update(_ change: (inout State) -> Void) {
        let wake = state.withLock { state in
            change(&state)
            return state.wake.take()
        }
        wake?()
    }

    /// The next thing that happened; `nil` if the time is over.
    func next(within milliseconds: Int64) throws(LMStudioError) -> Step? {
        try waiter.next(within: milliseconds, poll: poll) { wake in
            let isReady = state.withLock { state in
                guard state.told == state.steps.count, state.end == nil else { return true }
                state.wake = wake
                return false
            }
            if isReady { wake() }
        }
    }

    private func poll() throws(LMStudioError) -> Step? {
        let result: Result<Step?, LMStudioError> = state.withLock { state in
            if case .failure(let error) = state.end { return .failure(error) }
            guard state.told < state.steps.count else {
                state.steps.removeAll(keepingCapacity: true)
                state.told = 0
                return .success(state.end == nil ? nil : .end)
            }
            state.told += 1
            return .success(state.steps[state.told - 1])
        }
        return try result.get()
    }

    /// The result at a place; `nil` if there is none.
    func result(at index: Int) -> OpaquePointer? {
        state.withLock { state in
            guard case .success(let result)? = state.outcomes[index] else { return nil }
            return state.lend(index) { ResultHandle(result) }
        }
    }

    /// The failure at a place; `nil` if there is none.
    func error(at index: Int) -> OpaquePointer? {
        state.withLock { state in
            guard case .failure(let error)? = state.outcomes[index] else { return nil }
            return state.lend(index) { ErrorHandle(error) }
        }
    }

    /// Ends the work here and now; what is finished stays.
    func cancel() {
        update {
            $0.end =
                $0.end ?? .failure(LMStudioError(.cancelled, "the predictions were cancelled"))
        }
        task.withLock { $0?.cancel() }
    }

    /// Ends the work and takes back what was lent.
    func close() {
        cancel()
        let handles = state.withLock { state in
            defer { state.handles = [:] }
            return state.handles.values
        }
        for handle in handles {
            _ = Handles.remove(handle, as: ResultHandle.self)
            _ = Handles.remove(handle, as: ErrorHandle.self)
        }
    }
}
