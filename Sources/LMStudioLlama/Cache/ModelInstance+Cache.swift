import LMStudioCore
import Synchronization

extension ModelInstance {
    /// Whose its saved caches are; the first time it reads part of the model's files.
    ///
    /// - Throws: `.engine` if they cannot be read.
    func owner() throws(LMStudioError) -> CacheOwner {
        if let owner = cacheOwner.withLock({ $0 }) { return owner }
        let owner = try CacheOwner(of: self)
        cacheOwner.withLock { $0 = owner }
        return owner
    }

    /// Has what a prediction leaves in its slot copied when it ends; see ``Scheduler``.
    func keepState(
        of channel: PredictionChannel,
        _ keep: @escaping @Sendable (SequenceState?) -> Void
    ) {
        guard case .predictions(let scheduler) = work else { return }
        scheduler.keepState(of: channel, keep)
    }

    /// Takes back a `keepState(of:_:)` whose prediction never came.
    func forgetState(of channel: PredictionChannel) {
        guard case .predictions(let scheduler) = work else { return }
        scheduler.forgetState(of: channel)
    }

    /// Puts a state into a slot; answers whether one has it now.
    ///
    /// Cancelling the task ends the wait for a slot.
    func restore(_ state: SequenceState) async -> Bool {
        guard case .predictions(let scheduler) = work else { return false }
        let restore = SequenceRestore(state)
        scheduler.submit(restore)
        return await restore.wait()
    }
}
