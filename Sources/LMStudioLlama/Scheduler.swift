import Dispatch
import LMStudioCore
import Synchronization

/// Runs the predictions of one loaded instance, on one thread that owns its context.
///
/// Requests come in through an inbox. The loop admits them to free slots, puts the next token of
/// each writing sequence and a piece of the reading ones' prompts into one batch of at most a
/// micro-batch, decodes it, and hands each sequence what came of it. It never waits for a consumer.
final class Scheduler: Sendable {
    private struct Inbox {
        var arrived: [Arrival] = []
        var predictions: [ObjectIdentifier: Prediction] = [:]
        var isStopped = false
        var onEnd: [@Sendable () -> Void] = []
        var hasEnded = false
    }

    /// A prediction in hand, waiting or running.
    private struct Prediction: Sendable {
        let stopFlag: TokenSequence.StopFlag
        let onEnd: @Sendable () -> Void
    }

    private struct Arrival: Sendable {
        let request: PredictionRequest
        let prompt: PreparedPrompt
        let channel: PredictionChannel
        let stopFlag: TokenSequence.StopFlag
    }

    private let inbox = Mutex(Inbox())
    private let arrivals = DispatchSemaphore(value: 0)
    /// The context while the loop runs, for `interrupt()`.
    private let running = Mutex<LlamaContext?>(nil)
    /// Whether the last batch held a token of a sequence that writes.
    private let isGenerating = Atomic<Bool>(false)
    private let summarize: @Sendable (PredictionStats, PredictionConfig) -> PredictionSummary
    private let defaultSeed: UInt32?
    private let slotCount: Int

    /// Makes a scheduler; `run(_:)` sets it to work.
    ///
    /// - Parameters:
    ///   - slotCount: sequences that may run at once; the context is made for so many.
    ///   - defaultSeed: seed of predictions that name none; `nil`: another one each time.
    ///   - summarize: completes statistics to what a stream ends with.
    init(
        slotCount: Int,
        defaultSeed: UInt32?,
        summarize: @escaping @Sendable (PredictionStats, PredictionConfig) -> PredictionSummary
    ) {
        self.slotCount = slotCount
        self.defaultSeed = defaultSeed
        self.summarize = summarize
    }

    // MARK: From any thread

    /// What the loop is at, and how many predictions it has in hand.
    var processingState: ProcessingState {
        let queued = inbox.withLock { $0.predictions.count }
        let isWriting = isGenerating.load(ordering: .relaxed)
        return ProcessingState(
            status: queued == 0 ? .idle : isWriting ? .generating : .processingPrompt,
            queued: queued
        )
    }

    /// Queues a prediction; after `stop()` it ends at once.
    ///
    /// - Parameters:
    ///   - request: what to predict, and how.
    ///   - prompt: the text that the model continues.
    ///   - channel: receives what comes of it.
    ///   - onEnd: called once, before the channel is told of the end.
    func submit(
        _ request: PredictionRequest,
        prompt: PreparedPrompt,
        into channel: PredictionChannel,
        onEnd: @escaping @Sendable () -> Void
    ) {
        let stopFlag = TokenSequence.StopFlag()
        let arrival = Arrival(
            request: request,
            prompt: prompt,
            channel: channel,
            stopFlag: stopFlag
        )
        let isLate = inbox.withLock { inbox in
            if inbox.isStopped { return true }
            inbox.arrived.append(arrival)
            inbox.predictions[ObjectIdentifier(channel)] =
                Prediction(stopFlag: stopFlag, onEnd: onEnd)
            return false
        }
        if isLate {
            onEnd()
            return channel.finish(.failure(Self.unloaded))
        }
        channel.onStop { [weak self] in
            stopFlag.stop(.userStopped)
            self?.wake()
        }
        arrivals.signal()
    }

    /// Ends all predictions with `.modelUnloaded`, then the thread; `onEnd` is called when it is gone.
    func stop(onEnd: @escaping @Sendable () -> Void = {}) {
        let hasEnded = inbox.withLock { inbox in
            inbox.isStopped = true
            for prediction in inbox.predictions.values { prediction.stopFlag.stop(.modelUnloaded) }
            if !inbox.hasEnded { inbox.onEnd.append(onEnd) }
            return inbox.hasEnded
        }
        wake()
        if hasEnded { onEnd() }
    }

    private func wake() {
        running.withLock { $0 }?.interrupt()
        arrivals.signal()
    }

    private static let unloaded = LMStudioError(
        .modelNotFound,
        "the model was unloaded; get it again with model() before the next prediction"
    )

    // MARK: On the scheduler's own thread

    /// Works until `stop()`.
    func run(_ context: LlamaContext) {
        self.running.withLock { $0 = context }
        defer { self.running.withLock { $0 = nil } }
        var waiting: ArraySlice<TokenSequence> = []
        var running: [TokenSequence] = []
        while true {
            // Allow first, look at the flags second: a stop that comes later interrupts the decode.
            context.allow()
            let isStopped = takeArrivals(into: &waiting)
            finishStopped(&waiting, in: context)
            finishStopped(&running, in: context)
            if isStopped { return }
            admit(&waiting, to: &running, in: context)
            if running.isEmpty {
                arrivals.wait()
            } else {
                step(&running, in: context)
            }
        }
    }

    /// Tells those who wait in `stop(onEnd:)` that the thread has let go of the context.
    func end() {
        let onEnd = inbox.withLock { inbox in
            inbox.hasEnded = true
            return inbox.onEnd
        }
        for callback in onEnd { callback() }
    }

    private func takeArrivals(into waiting: inout ArraySlice<TokenSequence>) -> Bool {
        let (arrived, isStopped) = inbox.withLock { inbox in
            defer { inbox.arrived = [] }
            return (inbox.arrived, inbox.isStopped)
        }
        waiting += arrived.map {
            TokenSequence(
                request: $0.request,
                prompt: $0.prompt,
                channel: $0.channel,
                stopFlag: $0.stopFlag
            )
        }
        return isStopped
    }

    private func finishStopped(
        _ sequences: inout some RangeReplaceableCollection<TokenSequence>,
        in context: LlamaContext
    ) {
        sequences.removeAll { sequence in
            guard let reason = sequence.stopFlag.stopReason else { return false }
            finish(sequence, reason, in: context)
            return true
        }
    }

    private func admit(
        _ waiting: inout ArraySlice<TokenSequence>,
        to running: inout [TokenSequence],
        in context: LlamaContext
    ) {
        while running.count < slotCount, let sequence = waiting.popFirst() {
            let taken = Set(running.map(\.slot))
            guard let slot = (0..<slotCount).first(where: { !taken.contains($0) }) else { return }
            do {
                let seed = sequence.request.config.seed ?? defaultSeed ?? .random(in: 0 ... .max)
                try sequence.prepare(in: context, slot: slot, seed: seed)
                running.append(sequence)
            } catch {
                fail(sequence, error)
            }
        }
    }

    /// Decodes one batch.
    private func step(_ running: inout [TokenSequence], in context: LlamaContext) {
        struct Part {
            let sequence: TokenSequence
            let count: Int
            let logitsIndex: Int32?
        }
        context.clearBatch()
        context.useThreads(running.compactMap(\.request.config.cpuThreads).max())
        var parts: [Part] = []
        var room = context.microBatchSize
        // Writing sequences first: a long prompt must not hold them up.
        for sequence in running {
            guard case .token(let token) = sequence.work, room > 0 else { continue }
            let index = context.addToBatch(
                [token],
                at: sequence.position,
                sequence: sequence.slot,
                wantsLogits: true
            )
            parts.append(Part(sequence: sequence, count: 1, logitsIndex: index))
            room -= 1
        }
        for sequence in running {
            guard case .prompt(let rest) = sequence.work, room > 0 else { continue }
            let piece = rest.prefix(room)
            let isLast = piece.endIndex == rest.endIndex
            let index = context.addToBatch(
                piece,
                at: sequence.position,
                sequence: sequence.slot,
                wantsLogits: isLast
            )
            parts.append(
                Part(sequence: sequence, count: piece.count, logitsIndex: isLast ? index : nil)
            )
            room -= piece.count
        }
        isGenerating.store(parts.contains { $0.sequence.isWriting }, ordering: .relaxed)
        switch context.decode() {
        case .done:
            for part in parts {
                do {
                    let reason = try part.sequence.advance(
                        by: part.count,
                        in: context,
                        logitsAt: part.logitsIndex
                    )
                    guard let reason else { continue }
                    finish(part.sequence, reason, in: context)
                } catch {
                    fail(part.sequence, error)
                }
                running.removeAll { $0 === part.sequence }
            }
        case .interrupted:
            // The stopped ones are finished by the loop; the others do this batch again.
            for sequence in running { context.truncate(sequence.slot, from: sequence.position) }
        case .failed(let error):
            for sequence in running { fail(sequence, error) }
            running = []
        }
    }

    private func finish(
        _ sequence: TokenSequence,
        _ reason: PredictionStats.StopReason,
        in context: LlamaContext
    ) {
        let stats = sequence.stats(stopReason: reason, gpuLayers: context.model.gpuLayers)
        end(sequence, .success(summarize(stats, sequence.request.config)))
    }

    private func fail(_ sequence: TokenSequence, _ error: LMStudioError) {
        end(sequence, .failure(error))
    }

    private func end(_ sequence: TokenSequence, _ outcome: Result<PredictionSummary, LMStudioError>)
    {
        let prediction = inbox.withLock { inbox in
            inbox.predictions.removeValue(forKey: ObjectIdentifier(sequence.channel))
        }
        prediction?.onEnd()
        sequence.channel.finish(outcome)
    }
}
