import LMStudioCore

extension ModelInstance {
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
