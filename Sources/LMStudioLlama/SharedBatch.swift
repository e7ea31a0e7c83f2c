import LMStudioCore

/// What a loop decodes next, at most a micro-batch.
///
/// First comes the latest token of each sequence that writes, and what is guessed to follow it; then a
/// fair share of what the others have to read. So a long prompt holds the others up by one micro-batch at
/// a time.
final class SharedBatch {
    /// A sequence's part of a batch.
    struct Part {
        let sequence: TokenSequence
        /// Its own tokens.
        let count: Int
        /// What was guessed to follow them.
        let guesses: [Int32]
        /// Where the logits of the last of its own tokens are; those of the guesses follow.
        let logitsIndex: Int32?

        /// Cells that it takes.
        var cellCount: Int { count + guesses.count }
    }

    private let context: LlamaContext
    /// Whether tokens can be taken back, so that they can be guessed.
    private let canTakeBack: Bool
    /// The memories of models that guess for sequences.
    private var drafts: [ObjectIdentifier: DraftContext] = [:]
    private let onWithdrawal: @Sendable () -> Void

    /// Makes an empty batch.
    ///
    /// - Parameters:
    ///   - context: what computes it.
    ///   - onWithdrawal: called from any thread when `dropWithdrawn()` has something to do.
    init(_ context: LlamaContext, onWithdrawal: @escaping @Sendable () -> Void) {
        self.context = context
        self.onWithdrawal = onWithdrawal
        canTakeBack = !context.model.isRecurrent
    }

    deinit {
        for draft in drafts.values { draft.model.forget(self) }
    }

    // MARK: Models that guess

    /// Makes the memory of the model that guesses for a sequence, in place of those that nobody uses.
    ///
    /// - Throws: `.engine` with llama.cpp's reason.
    func prepareDrafts(
        for sequence: TokenSequence,
        beside running: [TokenSequence]
    ) throws(LMStudioError) {
        guard let draft = sequence.drafting.model, drafts[ObjectIdentifier(draft)] == nil,
            let model = draft.model
        else { return }
        let used = running.compactMap(\.drafting.model)
        drop { memory in !used.contains { $0 === memory.model } }
        drafts[ObjectIdentifier(draft)] = try DraftContext(draft, model, beside: context)
        draft.onWithdrawal(for: self, onWithdrawal)
    }

    /// Frees the memories of models that were unloaded.
    func dropWithdrawn() {
        drop { $0.model.model == nil }
    }

    private func drop(where isGone: (DraftContext) -> Bool) {
        for (key, draft) in drafts where isGone(draft) {
            draft.model.forget(self)
            drafts[key] = nil
        }
    }

    // MARK: The batch

    /// Fills the context's batch.
    ///
    /// - Parameter sequences: those that take part; each gets at least one token in, but for those that
    ///   have an image to read first.
    /// - Returns: who has which part of it.
    func fill(with sequences: [TokenSequence]) -> [Part] {
        context.clearBatch()
        context.useThreads(sequences.compactMap(\.request.config.cpuThreads).max())
        var parts: [Part] = []
        var readers: [TokenSequence] = []
        var room = context.microBatchSize
        for sequence in sequences {
            if sequence.isWriting {
                // The others have a token each at least.
                let spare = room - (sequences.count - parts.count)
                let guesses = guesses(for: sequence, isAlone: sequences.count == 1, spare)
                parts.append(add(sequence, 1, guesses))
                room -= 1 + guesses.count
            } else if sequence.image == nil {
                readers.append(sequence)
            }
        }
        // The shortest first, so that the others have what it leaves of its share.
        readers.sort { $0.readable.count < $1.readable.count }
        for (index, sequence) in readers.enumerated() {
            let count = min(sequence.readable.count, room / (readers.count - index))
            parts.append(add(sequence, count))
            room -= count
        }
        return parts
    }

    /// Tokens that a sequence may well write after its latest one.
    private func guesses(for sequence: TokenSequence, isAlone: Bool, _ limit: Int) -> [Int32] {
        // Nothing can be guessed of a text whose images are only numbers here.
        guard canTakeBack, sequence.images == nil else { return [] }
        if let draft = sequence.drafting.model {
            return drafts[ObjectIdentifier(draft)].map {
                sequence.ask($0, atMost: limit, in: context)
            } ?? []
        }
        // Where others share the batch it is in good use already.
        return isAlone ? sequence.lookUp(atMost: limit, in: context) : []
    }

    private func add(_ sequence: TokenSequence, _ count: Int, _ guesses: [Int32] = []) -> Part {
        let pending = sequence.pending
        let isLast = count == pending.count
        let index = context.addToBatch(
            pending.prefix(count),
            at: sequence.place,
            sequence: sequence.slot,
            logitsCount: isLast ? 1 : 0
        )
        if !guesses.isEmpty {
            _ = context.addToBatch(
                guesses[...],
                at: sequence.place + count,
                sequence: sequence.slot,
                logitsCount: guesses.count
            )
        }
        return Part(
            sequence: sequence,
            count: count,
            guesses: guesses,
            logitsIndex: isLast ? index : nil
        )
    }
}
