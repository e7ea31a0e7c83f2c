extension PredictionLoop {
    /// Puts a saved cache into a free slot, where a later sequence finds it.
    ///
    /// - Returns: whether it has been dealt with; `false` while all slots are taken.
    func restore(_ restore: SequenceRestore) -> Bool {
        guard !restore.hasEnded else { return true }
        let state = restore.state
        // Nothing is dropped for what the running ones leave no room for.
        guard !context.isUnified || takenCount + state.tokens.count <= context.cellCount else {
            restore.end(false)
            return true
        }
        guard let slot = slots.clearFree(in: context) else { return false }
        var isHeld = context.restore(state, to: slot)
        // Cells of other idle slots may be in its way.
        while !isHeld, slots.dropOldest(in: context) {
            isHeld = context.restore(state, to: slot)
        }
        slots.leave(slot, tokens: isHeld ? state.tokens[...] : [], sharedCount: 0)
        mayAdmit = true
        restore.end(isHeld)
        return true
    }
}
