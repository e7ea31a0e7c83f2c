import CLlama

/// What a sequence has read, copied out of its slot.
struct SequenceState: Sendable, Hashable {
    /// Its tokens, in order.
    var tokens: [Int32]
    /// llama.cpp's bytes for them.
    var bytes: [UInt8]
}

/// A state that is to be put into a slot.
struct SequenceRestore: Sendable {
    let state: SequenceState
    /// Called once, on the scheduler's thread or the caller's: whether a slot has it now.
    let onEnd: @Sendable (Bool) -> Void
}

extension LlamaContext {
    /// Copies what a sequence that has left its slot has left there; `nil` if that is nothing.
    func state(of sequence: TokenSequence) -> SequenceState? {
        let count = Int(cllama_sequence_length(pointer, Int32(sequence.slot)))
        let size = cllama_sequence_state_size(pointer, Int32(sequence.slot))
        guard count > 0, count <= sequence.tokens.count, size > 0 else { return nil }
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, written in
            written = cllama_sequence_save(
                pointer,
                Int32(sequence.slot),
                buffer.baseAddress,
                buffer.count
            )
        }
        return bytes.count == size
            ? SequenceState(tokens: Array(sequence.tokens.prefix(count)), bytes: bytes) : nil
    }

    /// Puts a state into an empty sequence.
    ///
    /// - Returns: `false` if there is no room for it, or it is of another kind; the sequence is empty.
    func restore(_ state: SequenceState, to sequence: Int) -> Bool {
        cllama_sequence_restore(
            pointer,
            Int32(sequence),
            state.bytes,
            state.bytes.count,
            Int32(state.tokens.count)
        )
    }
}

extension PredictionLoop {
    /// Puts a saved cache into a free slot, where a later sequence finds it.
    ///
    /// - Returns: whether it has been dealt with; `false` while all slots are taken.
    func restore(_ restore: SequenceRestore) -> Bool {
        guard let slot = slots.clearFree(in: context) else { return false }
        let state = restore.state
        var isHeld = context.restore(state, to: slot)
        // Cells of other idle slots may be in its way.
        while !isHeld, slots.dropOldest(in: context) {
            isHeld = context.restore(state, to: slot)
        }
        slots.leave(slot, tokens: isHeld ? state.tokens[...] : [], sharedCount: 0)
        mayAdmit = true
        restore.onEnd(isHeld)
        return true
    }
}
