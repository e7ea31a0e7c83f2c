import CLMStudio
import LMStudio
import Synchronization

/// What an `lms_batch` stands for.
final class BatchHandle: ClosableWork {
    /// Its steps are the place of a prompt, and the share of it that is read or `LMS_BATCH_ENDED`.
    typealias Work = BackgroundWork<(place: Int, share: Double), Void>

    private struct State: ~Copyable {
        var outcomes: [Int: PredictionBatch.Outcome] = [:]
        /// What was lent of them.
        var handles: [Int: OpaquePointer] = [:]

        /// The handle of a place, made when it is first asked for.
        mutating func lend(
            _ index: Int,
            _ make: () -> some Sendable & AnyObject
        ) -> OpaquePointer? {
            if handles[index] == nil { handles[index] = Handles.add(make()) }
            return handles[index]
        }
    }

    let count: Int
    let warnings: [LentText]
    private let owner: ClientHandle
    private let state = Mutex(State())
    private let work = Work(cancelled: "the predictions were cancelled")

    /// Begins the work.
    init(_ batch: PredictionBatch, _ order: PredictionOrder) {
        count = batch.count
        warnings = order.warnings.map(LentText.init)
        owner = order.handle.owner
        let timeouts = order.timeouts
        let callbacks = LLM.BatchCallbacks(
            onPromptProgress: { [weak self] index, share in self?.work.tell((index, share)) },
            onEnd: { [weak self] index, outcome in
                self?.state.withLock { $0.outcomes[index] = outcome }
                self?.work.tell((index, LMS_BATCH_ENDED))
            }
        )
        work.start(on: owner.client.taskExecutor()) { () throws(LMStudioError) in
            _ = try await batch.run(timeouts: timeouts, callbacks: callbacks)
        }
    }

    deinit {
        close()
    }

    /// The next thing that happened; `nil` if the time is over.
    func next(within milliseconds: Int64) throws(LMStudioError) -> Work.Event? {
        try work.next(within: milliseconds)
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
        work.cancel()
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
