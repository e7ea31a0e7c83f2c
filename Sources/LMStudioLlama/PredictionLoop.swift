import LMStudioCore

/// The predictions of one instance at work; it belongs to the scheduler's thread.
///
/// All running sequences share each decode, a ``SharedBatch``.
///
/// A sequence's text does not depend on its neighbours as far as arithmetic goes. llama.cpp chooses
/// kernels by the number of tokens and sums in the order in which cells lie, and rounds on the way:
/// SmolLM2 in Q4_1 or F16 gives the same bits beside others while its cells lie in order, Gemma 3 Q4_K
/// logits that differ by up to 1. Where two tokens are about as likely, the other one may then be written.
final class PredictionLoop {
    /// What the loop tells its scheduler.
    struct Callbacks {
        /// A prediction has ended.
        let onEnd: (TokenSequence, Result<PredictionStats, LMStudioError>) -> Void
        /// The prediction of a channel, which was parked, may go on; from any thread.
        let onReady: @Sendable (ObjectIdentifier) -> Void
        /// A batch is about to be decoded; whether a sequence writes in it.
        let onBatch: (Bool) -> Void
        /// A model that guesses for predictions was unloaded: it is time for a step; from any thread.
        let onWithdrawal: @Sendable () -> Void
    }

    let context: LlamaContext
    private let defaultSeed: UInt32?
    private let callbacks: Callbacks
    private var inHand: [ObjectIdentifier: TokenSequence] = [:]
    private var waiting = WaitingQueue()
    /// In the order in which they began.
    private(set) var running: [TokenSequence] = []
    var slots: SequenceSlots
    private let batch: SharedBatch
    /// Whether the first that waits may find room that it has not found before.
    var mayAdmit = false
    /// What waits for a free slot, saved caches to be put there.
    private var restores: [SequenceRestore] = []

    init(_ context: LlamaContext, defaultSeed: UInt32?, callbacks: Callbacks) {
        self.context = context
        self.defaultSeed = defaultSeed
        self.callbacks = callbacks
        slots = SequenceSlots(count: context.sequenceCount)
        batch = SharedBatch(context, onWithdrawal: callbacks.onWithdrawal)
    }

    // MARK: News

    /// Takes a prediction in hand.
    func take(_ sequence: TokenSequence) {
        let channel = ObjectIdentifier(sequence.channel)
        inHand[channel] = sequence
        guard sequence.preparedPrompt.isLong else {
            waiting.append(sequence)
            mayAdmit = true
            return
        }
        sequence.findTokens(by: context.model) { [onReady = callbacks.onReady] in onReady(channel) }
    }

    /// Looks at a prediction that was asked to end or may go on; others than those in hand are ignored.
    func look(at channel: ObjectIdentifier) {
        guard let sequence = inHand[channel] else { return }
        if let reason = sequence.stopFlag.stopReason {
            finish(sequence, reason)
        } else if sequence.phase == .parked {
            waiting.append(sequence)
            mayAdmit = true
        }
    }

    /// Takes a saved cache in hand.
    func take(_ restore: SequenceRestore) {
        restores.append(restore)
    }

    /// Ends all that were asked to end.
    func finishStopped() {
        for restore in restores { restore.end(false) }
        restores = []
        for sequence in inHand.values {
            if let reason = sequence.stopFlag.stopReason { finish(sequence, reason) }
        }
    }

    // MARK: Work

    /// Decodes one batch; nothing is left to do if there is none.
    ///
    /// - Returns: whether it did anything.
    func step() -> Bool {
        batch.dropWithdrawn()
        if !restores.isEmpty { restores.removeAll(where: restore) }
        admit()
        guard !running.isEmpty else { return false }
        if let sequence = running.first(where: { $0.image != nil }) { readImage(of: sequence) }
        decode(running)
        return true
    }

    private func admit() {
        while mayAdmit, running.count < context.sequenceCount, let sequence = waiting.first() {
            do {
                if !sequence.isPrepared {
                    let seed =
                        sequence.request.config.seed ?? defaultSeed ?? .random(in: 0 ... .max)
                    try sequence.prepare(in: context, seed: seed)
                }
                guard let place = slots.place(for: sequence.tokens, beside: running, in: context),
                    hasRoom(for: sequence, at: place)
                else {
                    mayAdmit = false
                    return
                }
                try batch.prepareDrafts(for: sequence, beside: running)
                waiting.removeFirst()
                begin(sequence, at: place)
            } catch {
                end(sequence, .failure(error))
            }
        }
    }

    /// Whether the cells that no running sequence needs will do; one alone always has room.
    private func hasRoom(for sequence: TokenSequence, at place: SequenceSlots.Place) -> Bool {
        guard context.isUnified, !running.isEmpty else { return true }
        let taken = running.reduce(0) { $0 + $1.cellCount }
        return taken + sequence.tokens.count + 1 - place.borrowedCount <= context.cellCount
    }

    private func begin(_ sequence: TokenSequence, at place: SequenceSlots.Place) {
        sequence.stopFlag.isRunning = true
        let lag = context.lag(of: sequence.tokens.prefix(place.count))
        let (count, sharedCount, checkpoints) = slots.take(
            place,
            position: place.count - lag,
            in: context
        )
        sequence.checkpoints = checkpoints
        (sequence.borrowedCount, sequence.lender) = (min(place.borrowedCount, count), place.source)
        if let owner = running.first(where: { $0.slot == place.source }) { owner.share(count) }
        sequence.enter(
            place.slot,
            count: count,
            lag: count == place.count ? lag : 0,
            sharedCount: sharedCount
        )
        sequence.phase = .running
        running.append(sequence)
        if let reason = sequence.stopFlag.stopReason { finish(sequence, reason) }
    }

    private func decode(_ sequences: [TokenSequence]) {
        let parts = batch.fill(with: sequences)
        guard !parts.isEmpty else { return }
        makeRoom(for: parts.reduce(0) { $0 + $1.cellCount })
        callbacks.onBatch(parts.contains { $0.sequence.isWriting })
        switch context.decode() {
        case .done:
            for part in parts { advance(part) }
        case .interrupted:
            // The stopped ones are ended next; the others do this batch again.
            takeBack(sequences)
        case .full:
            if !slots.dropOldest(in: context) { relieve() }
        case .failed(let error):
            takeBack(sequences)
            if sequences.count == 1 {
                end(sequences[0], .failure(error))
            } else {
                // Each by itself, so that only the one that cannot be computed fails.
                for sequence in sequences where sequence.phase == .running { decode([sequence]) }
            }
        }
    }

    /// Has a sequence read the image it has come to; those that write go on before the next one.
    private func readImage(of sequence: TokenSequence) {
        guard let image = sequence.image else { return }
        callbacks.onBatch(running.contains(where: \.isWriting))
        makeRoom(for: image.extent.count)
        switch sequence.read(image, in: context) {
        case .done: break
        case .interrupted: takeBack([sequence])
        case .full: if !slots.dropOldest(in: context) { relieve() }
        case .failed(let error):
            takeBack([sequence])
            end(sequence, .failure(error))
        }
    }

    /// Takes sequences back to what they had read before a decode that came to nothing.
    private func takeBack(_ sequences: [TokenSequence]) {
        for sequence in sequences { sequence.rewind(in: context) }
        guard context.model.isRecurrent else { return }
        // llama.cpp has moved the states of slots about then, idle ones too, but not in all layers.
        for sequence in running { sequence.restart(in: context) }
        while slots.dropOldest(in: context) {}
    }

    /// Cells that the running sequences have.
    var takenCount: Int { running.reduce(0) { $0 + $1.position - $1.borrowedCount } }

    /// Drops what idle slots hold while so many tokens seem not to fit beside it.
    private func makeRoom(for count: Int) {
        guard context.isUnified else { return }
        let needed = takenCount + count
        while needed + slots.idleCount > context.cellCount, slots.dropOldest(in: context) {}
    }

    private func advance(_ part: SharedBatch.Part) {
        let sequence = part.sequence
        do {
            let reason = try sequence.advance(
                by: part.count,
                guesses: part.guesses,
                in: context,
                logitsAt: part.logitsIndex
            )
            if let reason {
                finish(sequence, reason)
            } else if sequence.report.isBehind {
                park(sequence)
            }
        } catch {
            end(sequence, .failure(error))
        }
    }

    /// Frees the cells of the sequence that began last, which reads its tokens again when there is room.
    private func relieve() {
        guard let youngest = running.last else { return }
        guard running.count > 1 else {
            return youngest.isWriting
                ? finish(youngest, .contextLengthReached)
                : end(youngest, .failure(context.isTooSmall(for: youngest.tokens.count)))
        }
        leave(youngest, isUsable: false)
        waiting.putBack(youngest)
        mayAdmit = false
        // The cells that they shared are counted as their own from now on.
        for sequence in running { sequence.borrowedCount = 0 }
    }

    // MARK: Ends

    /// Lets a sequence go on when its reader has caught up; its slot is free until then.
    private func park(_ sequence: TokenSequence) {
        leave(sequence, isUsable: true)
        // The channel keeps this closure, so the closure must not keep the channel.
        let channel = ObjectIdentifier(sequence.channel)
        sequence.park { [onReady = callbacks.onReady] in onReady(channel) }
    }

    private func finish(_ sequence: TokenSequence, _ reason: PredictionStats.StopReason) {
        sequence.flush(isCut: true)
        let stats = sequence.stats(stopReason: reason, gpuLayers: context.model.gpuLayers)
        end(sequence, .success(stats))
    }

    private func end(
        _ sequence: TokenSequence,
        _ outcome: Result<PredictionStats, LMStudioError>
    ) {
        switch sequence.phase {
        case .running: leave(sequence, isUsable: (try? outcome.get()) != nil)
        case .waiting: waiting.lose()
        case .parked: break
        case .ended: return
        }
        sequence.phase = .ended
        mayAdmit = true
        inHand[ObjectIdentifier(sequence.channel)] = nil
        callbacks.onEnd(sequence, outcome)
    }

    /// Takes a sequence out of its slot.
    ///
    /// - Parameters:
    ///   - sequence: one that runs.
    ///   - isUsable: whether its cells stay for others that begin with the same tokens.
    private func leave(_ sequence: TokenSequence, isUsable: Bool) {
        running.removeAll { $0 === sequence }
        // What others have of its cells is their own now.
        for other in running where other.lender == sequence.slot { other.borrowedCount = 0 }
        sequence.stopFlag.isRunning = false
        var tokens = sequence.leave(in: context)
        if !isUsable {
            context.truncate(sequence.slot, from: 0)
            tokens = []
        }
        slots.leave(
            sequence.slot,
            tokens: tokens,
            sharedCount: min(sequence.sharedCount, tokens.count),
            checkpoints: sequence.checkpoints
        )
        mayAdmit = true
    }
}
