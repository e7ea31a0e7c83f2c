import CLlama

/// What of a sequence its model cannot take back to earlier tokens, as it was after so many.
///
/// Layers that look at a window forget what lies before it, and recurrent ones have one state only. A
/// later prompt that goes another way than the last one goes on from here.
struct Checkpoint: Sendable, Hashable {
    /// How many of its first tokens the sequence may be taken back to: all that were read; of a window
    /// also all but the last one, which looked as far back as the bytes reach.
    private(set) var counts: ClosedRange<Int>
    /// llama.cpp's bytes.
    let bytes: [UInt8]

    /// The same for a sequence that has only so many tokens in common; `nil`: it is no use to that.
    func limited(to count: Int) -> Checkpoint? {
        guard counts.lowerBound <= count else { return nil }
        var limited = self
        limited.counts = counts.clamped(to: counts.lowerBound...count)
        return limited
    }

    /// Prompts that end otherwise than the one before do so in the last tokens of the template.
    private static let tail = 4
    /// Shorter beginnings are read anew.
    private static let least = 16

    /// After how many tokens a sequence saves one: where the first batch ends that does so in a range, and
    /// in a range that lies ahead one does.
    ///
    /// One is for another question of up to a micro-batch, the other for the same prompt once more, which
    /// takes back its last token. A state takes nothing back and is saved before the end. A window does, and
    /// of as many places as a micro-batch has tokens whole batches end at one.
    static func places(of promptCount: Int, in context: LlamaContext) -> [ClosedRange<Int>] {
        guard context.checkpointLimit > 0 else { return [] }
        let end = promptCount - tail
        let question = end - context.microBatchSize
        let places =
            context.model.isRecurrent
            ? [question...question, end...end]
            : [question - context.microBatchSize + 1...question, promptCount...promptCount]
        return places.filter { $0.lowerBound > max(least, context.model.window) }
    }
}

extension [Checkpoint] {
    /// Adds the latest one; those go that it stands for too, and of too many the first ones.
    mutating func keep(_ latest: Checkpoint, limit: Int) {
        removeAll { latest.counts.contains($0.counts.lowerBound) }
        append(latest)
        removeFirst(Swift.max(0, count - limit))
    }
}

extension LlamaContext {
    /// Whether a sequence can be taken back to its first `count` tokens.
    func canTakeBack(_ sequence: Int, to count: Int, of total: Int) -> Bool {
        if count == total { return true }
        guard !model.isRecurrent else { return false }
        guard model.window > 0 else { return true }
        let first = Int(cllama_sequence_first(pointer, Int32(sequence)))
        return first >= 0 && first <= max(0, count + 1 - model.window)
    }

    /// Saves what a sequence that has read so many tokens could not be taken back to; `nil`: nothing.
    func checkpoint(_ sequence: Int, count: Int) -> Checkpoint? {
        let first = model.isRecurrent ? count : count - 1
        return copy(sequence, size: cllama_checkpoint_size, save: cllama_checkpoint_save)
            .map { Checkpoint(counts: first...count, bytes: $0) }
    }

    /// Takes a sequence back to the most tokens of a checkpoint of it, or lets another one begin there.
    ///
    /// - Returns: `false` if that cannot be; `target` is then empty.
    func restore(_ checkpoint: Checkpoint, of source: Int, to target: Int) -> Bool {
        cllama_checkpoint_restore(
            pointer,
            Int32(source),
            Int32(target),
            checkpoint.bytes,
            checkpoint.bytes.count,
            Int32(checkpoint.counts.upperBound)
        )
    }
}

extension TokenSequence {
    /// Saves a checkpoint where it has come to a place for one.
    func keepCheckpoint(in context: LlamaContext) {
        guard let range = checkpointPlaces.first(where: { $0.contains(position) }),
            place == position,
            !checkpoints.contains(where: { range.contains($0.counts.upperBound) }),
            let checkpoint = context.checkpoint(slot, count: position)
        else { return }
        checkpoints.keep(checkpoint, limit: context.checkpointLimit)
    }

    /// The text that it has to read next, up to an image or a place for a checkpoint.
    var readable: ArraySlice<Int32> {
        guard images == nil else { return pending.prefix { $0 >= 0 } }
        guard let next = checkpointPlaces.first(where: { $0.lowerBound > position }) else {
            return pending
        }
        return pending.prefix(next.upperBound - position)
    }
}
