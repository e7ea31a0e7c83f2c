import LMStudioCore
import Synchronization

/// A load that several callers may wait for.
final class LoadOperation: Sendable {
    private struct Waiter {
        let report: @Sendable (LoadEvent) -> Void
        let resume: @Sendable (Result<ModelInstance, LMStudioError>) -> Void
        /// Steps of `State.steps` that it knows.
        var stepCount = 0
        var progress = -1.0
    }

    private struct State: ~Copyable {
        var waiters: [Int: Waiter] = [:]
        /// Those who are about to wait.
        var expected: Set<Int> = []
        var nextID = 0
        /// What comes before all progress.
        var steps: [LoadEvent]
        var lastProgress = -1.0
        /// Bytes that were free when this needed more.
        var freeBytes: Int64?
        var hasRoom = false
        /// What it needs, bytes.
        var needBytes: Int64
        /// The end, kept for those who are about to wait and no longer: it holds the model in memory.
        var outcome: Result<ModelInstance, LMStudioError>?
        var isAbandoned = false

        /// Gives it up if nobody waits any more.
        mutating func abandonIfUnwanted() {
            if waiters.isEmpty, expected.isEmpty { isAbandoned = true }
        }

        /// What a waiter has not been told yet.
        mutating func news(for id: Int) -> [LoadEvent] {
            guard var waiter = waiters[id] else { return [] }
            var news = Array(steps.dropFirst(waiter.stepCount))
            waiter.stepCount = steps.count
            if lastProgress >= 0, waiter.progress < 0 { news.append(.progress(0)) }
            if lastProgress > max(waiter.progress, 0) { news.append(.progress(lastProgress)) }
            waiter.progress = lastProgress
            waiters[id] = waiter
            return news
        }
    }

    private let state: Mutex<State>
    let order: ModelInstance.Order
    var path: String { order.stored.info.path }
    var identifier: String { order.identifier }

    /// Makes a load that nobody waits for yet.
    ///
    /// - Parameters:
    ///   - order: what to load, and how.
    ///   - ambiguous: the keys of all models that fit the name, if several do.
    init(_ order: ModelInstance.Order, ambiguous: [String]) {
        self.order = order
        let first = LoadEvent.loading(
            order.stored.info,
            identifier: order.identifier,
            ambiguous: ambiguous
        )
        state = Mutex(State(steps: [first], needBytes: order.memory.totalBytes))
    }

    /// Whether a new caller may still join: nobody has given it up.
    var isJoinable: Bool { state.withLock { !$0.isAbandoned } }

    /// Announces somebody who is going to wait, so that those who leave meanwhile do not stop the load.
    ///
    /// - Returns: what to wait as.
    func join() -> Int {
        state.withLock { state in
            state.nextID += 1
            state.expected.insert(state.nextID)
            return state.nextID
        }
    }

    /// Waits for the model; when the last waiter's task is cancelled, the load stops.
    ///
    /// - Parameters:
    ///   - id: what `join()` gave; it is waited with once.
    ///   - report: receives all steps, however late this comes: on the loader's thread, or here if the
    ///     load has ended.
    /// - Returns: the model.
    /// - Throws: why the model could not be loaded.
    func wait(
        as id: Int,
        report: @escaping @Sendable (LoadEvent) -> Void
    ) async throws(LMStudioError) -> ModelInstance {
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                add(Waiter(report: report) { continuation.resume(returning: $0) }, id: id)
            }
        } onCancel: {
            remove(id)
        }
        return try result.get()
    }

    private func add(_ waiter: Waiter, id: Int) {
        let (news, outcome) = state.withLock {
            state -> ([LoadEvent], Result<ModelInstance, LMStudioError>?) in
            state.expected.remove(id)
            defer { if state.expected.isEmpty { state.outcome = nil } }
            if Task.isCancelled {
                state.abandonIfUnwanted()
                return ([], .failure(Self.cancelled))
            }
            state.waiters[id] = waiter
            guard let outcome = state.outcome else { return ([], nil) }
            defer { state.waiters[id] = nil }
            return (state.news(for: id), outcome)
        }
        if let outcome { Self.end(waiter, news, outcome) }
    }

    private func remove(_ id: Int) {
        let waiter = state.withLock { state in
            let waiter = state.waiters.removeValue(forKey: id)
            if waiter != nil { state.abandonIfUnwanted() }
            return waiter
        }
        waiter?.resume(.failure(Self.cancelled))
    }

    private static let cancelled = LMStudioError(.cancelled, "loading the model was cancelled")

    // MARK: From the loader's thread, which alone reports, so that the steps come in order

    /// Says that another instance is unloaded for this one.
    func announce(unloading other: ModelInstanceInfo) {
        state.withLock { $0.steps.append(.unloadingOther(other)) }
        tell()
    }

    /// Notes that room was made, or that `freeBytes` is all there is.
    func setRoom(freeBytes: Int64?) {
        state.withLock { state in
            state.hasRoom = true
            state.freeBytes = freeBytes
        }
    }

    /// What it needs, bytes.
    var needBytes: Int64 { state.withLock { $0.needBytes } }

    /// Notes what it needs, once that is known exactly.
    func setNeed(_ bytes: Int64) {
        state.withLock { $0.needBytes = bytes }
    }

    /// What this takes of the memory that is free now: nothing before room was made for it.
    var claimedBytes: Int64 { state.withLock { $0.hasRoom ? $0.needBytes : 0 } }

    /// Notes the progress; answers whether to go on.
    ///
    /// Steps of less than a percent are left out.
    func report(_ progress: Double) -> Bool {
        state.withLock { state in
            // 1.0 is for a model that is ready, its context included.
            let isStep =
                progress < 1 && (progress >= state.lastProgress + 0.01 || state.lastProgress < 0)
            if isStep { state.lastProgress = progress }
        }
        tell()
        return isJoinable
    }

    private func tell() {
        for id in state.withLock({ Array($0.waiters.keys) }) {
            let (report, news) = state.withLock { ($0.waiters[id]?.report, $0.news(for: id)) }
            for event in news { report?(event) }
        }
    }

    /// The loader's end.
    func complete(_ outcome: Result<ModelInstance, LMStudioError>) {
        let (ends, outcome) = state.withLock { state in
            let ends = state.waiters.map { (waiter: $0.value, news: state.news(for: $0.key)) }
            state.waiters = [:]
            let (freeBytes, needBytes) = (state.freeBytes, state.needBytes)
            let outcome = outcome.mapError { Self.explained($0, freeBytes, needBytes) }
            if !state.expected.isEmpty { state.outcome = outcome }
            return (ends, outcome)
        }
        for (waiter, news) in ends { Self.end(waiter, news, outcome) }
    }

    private static func end(
        _ waiter: Waiter,
        _ news: [LoadEvent],
        _ outcome: Result<ModelInstance, LMStudioError>
    ) {
        for event in news { waiter.report(event) }
        if case .success = outcome { waiter.report(.progress(1)) }
        waiter.resume(outcome)
    }

    /// The engine's error, with the memory that may be the reason for it.
    private static func explained(
        _ error: LMStudioError,
        _ freeBytes: Int64?,
        _ needBytes: Int64
    ) -> LMStudioError {
        guard error.code == .engine, let freeBytes else { return error }
        return LMStudioError(
            .engine,
            "\(error.message); the model needs about \(ByteCount.text(needBytes)) of memory, "
                + "and \(ByteCount.text(freeBytes)) were free: unload other models, or load it with a smaller contextLength",
            details: error.details,
            underlyingError: error.underlyingError
        )
    }
}
