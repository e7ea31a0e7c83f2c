import CLlama

/// What of a sequence its model cannot take back to an earlier token, as it was after so many.
///
/// Layers that look at a window forget what lies before it, and recurrent ones have one state only. A
/// later prompt that goes another way than the last one goes on from here.
struct Checkpoint: Sendable, Hashable {
    /// Tokens that were read.
    let count: Int
    /// llama.cpp's bytes.
    let bytes: [UInt8]

    /// Prompts that end otherwise than the one before do so in the last tokens of the template.
    private static let tail = 4
    /// Shorter beginnings are read anew.
    private static let least = 16

    /// Where a sequence that reads a prompt stops to save one: before its end, and where a question
    /// of a micro-batch may begin.
    static func places(of promptCount: Int, in context: LlamaContext) -> [Int] {
        guard context.checkpointLimit > 0 else { return [] }
        let places = [promptCount - tail - context.microBatchSize, promptCount - tail]
        return places.filter { $0 > max(least, context.model.window) }
    }
}

extension LlamaContext {
    /// Whether a sequence can be taken back to its first `count` tokens.
    func canTakeBack(_ sequence: Int, to count: Int, of total: Int) -> Bool {
        if count == total { return true }
        guard !model.isRecurrent else { return false }
        guard model.window > 0 else { return true }
        let first = Int(cllama_sequence_first(pointer, Int32(sequence)))
        return first >= 0 && first <= max(0, count - model.window)
    }

    /// Saves what a sequence that has read so many tokens could not be taken back to; `nil`: nothing.
    func checkpoint(_ sequence: Int, count: Int) -> Checkpoint? {
        copy(sequence, size: cllama_checkpoint_size, save: cllama_checkpoint_save)
            .map { Checkpoint(count: count, bytes: $0) }
    }

    /// Takes a sequence back to a checkpoint of it, or lets another one begin there.
    ///
    /// - Returns: `false` if that cannot be; `target` is then empty.
    func restore(_ checkpoint: Checkpoint, of source: Int, to target: Int) -> Bool {
        cllama_checkpoint_restore(
            pointer,
            Int32(source),
            Int32(target),
            checkpoint.bytes,
            checkpoint.bytes.count,
            Int32(checkpoint.count)
        )
    }
}

extension TokenSequence {
    /// Saves a checkpoint where it has come to a place for one; of too many the first ones go.
    func keepCheckpoint(in context: LlamaContext) {
        guard checkpointPlaces.contains(position), place == position,
            !checkpoints.contains(where: { $0.count == position }),
            let checkpoint = context.checkpoint(slot, count: position)
        else { return }
        checkpoints.append(checkpoint)
        checkpoints.removeFirst(max(0, checkpoints.count - context.checkpointLimit))
    }

    /// The text that it has to read next, up to an image or a place for a checkpoint.
    var readable: ArraySlice<Int32> {
        guard images == nil else { return pending.prefix { $0 >= 0 } }
        guard let stop = checkpointPlaces.first(where: { $0 > position }) else { return pending }
        return pending.prefix(stop - position)
    }
}
