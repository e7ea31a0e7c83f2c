import LMStudioCore
import Synchronization

/// A load that several callers may wait for.
final class LoadOperation: Sendable {
    private struct Waiter {
        let progress: @Sendable (Double) -> Void
        let resume: @Sendable (Result<ModelInstance?, LMStudioError>) -> Void
    }

    private struct State {
        var waiters: [Int: Waiter] = [:]
        var nextID = 0
        var lastProgress = -1.0
        /// The outcome is not kept: it would hold the model in memory after an unload.
        var hasEnded = false
        var isAbandoned = false
    }

    private let state = Mutex(State())
    let path: String
    let identifier: String

    init(path: String, identifier: String) {
        self.path = path
        self.identifier = identifier
    }

    /// Whether a new caller may still join: nobody has given it up.
    var isJoinable: Bool { state.withLock { !$0.isAbandoned } }

    /// Waits for the model; when the last waiter's task is cancelled, the load stops.
    ///
    /// - Returns: the model; `nil` if the load had ended before, so that it is time to look again.
    /// - Throws: why the model could not be loaded.
    func wait(
        progress: @escaping @Sendable (Double) -> Void
    ) async throws(LMStudioError) -> ModelInstance? {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                add(Waiter(progress: progress) { continuation.resume(returning: $0) }, id: id)
            }
        } onCancel: {
            remove(id)
        }
        return try result.get()
    }

    private func add(_ waiter: Waiter, id: Int) {
        let (outcome, progress) = state.withLock {
            state -> (Result<ModelInstance?, LMStudioError>?, Double) in
            if Task.isCancelled {
                state.isAbandoned = state.isAbandoned || state.waiters.isEmpty
                return (.failure(Self.cancelled), state.lastProgress)
            }
            if state.hasEnded { return (.success(nil), state.lastProgress) }
            state.waiters[id] = waiter
            return (nil, state.lastProgress)
        }
        if let outcome { return waiter.resume(outcome) }
        if progress >= 0 { waiter.progress(progress) }
    }

    private func remove(_ id: Int) {
        let waiter = state.withLock { state in
            let waiter = state.waiters.removeValue(forKey: id)
            if waiter != nil, state.waiters.isEmpty { state.isAbandoned = true }
            return waiter
        }
        waiter?.resume(.failure(Self.cancelled))
    }

    private static let cancelled = LMStudioError(.cancelled, "loading the model was cancelled")

    /// The loader's report; answers whether to go on.
    ///
    /// Steps of less than a percent are left out.
    func report(_ progress: Double) -> Bool {
        let (waiters, goesOn) = state.withLock { state -> ([Waiter], Bool) in
            // 1.0 is for a model that is ready, its context included.
            let isStep =
                progress < 1 && (progress >= state.lastProgress + 0.01 || state.lastProgress < 0)
            if isStep { state.lastProgress = progress }
            return (isStep ? Array(state.waiters.values) : [], !state.isAbandoned)
        }
        for waiter in waiters { waiter.progress(progress) }
        return goesOn
    }

    /// The loader's end.
    func complete(_ outcome: Result<ModelInstance, LMStudioError>) {
        let waiters = state.withLock { state in
            state.hasEnded = true
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        for waiter in waiters {
            if case .success = outcome { waiter.progress(1) }
            waiter.resume(outcome.map(\.self))
        }
    }
}
