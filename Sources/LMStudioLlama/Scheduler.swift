import Dispatch
import LMStudioCore
import Synchronization

/// Runs the predictions of one loaded instance, on one thread that owns its context.
///
/// Requests come in through an inbox, from which a ``PredictionLoop`` on that thread takes them. It
/// never waits for a consumer, and no step of it takes longer the more predictions wait.
final class Scheduler: Sendable {
    private struct Inbox {
        var arrived: [Arrival] = []
        /// Channels of predictions that were asked to end or may go on.
        var called: [ObjectIdentifier] = []
        var predictions: [ObjectIdentifier: Prediction] = [:]
        var restores: [SequenceRestore] = []
        /// Who wants what a prediction leaves in its slot.
        var keepers: [ObjectIdentifier: @Sendable (SequenceState?) -> Void] = [:]
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
        let submittedAt = ContinuousClock.now
    }

    private let inbox = Mutex(Inbox())
    private let arrivals = DispatchSemaphore(value: 0)
    /// The context while the loop runs, for `interrupt()`.
    private let running = Mutex<LlamaContext?>(nil)
    /// Whether the last batch held a token of a sequence that writes.
    private let isGenerating = Atomic<Bool>(false)
    private let summarize: @Sendable (PredictionStats, PredictionConfig) -> PredictionSummary
    private let defaultSeed: UInt32?

    /// Makes a scheduler; `run(_:)` sets it to work.
    ///
    /// - Parameters:
    ///   - defaultSeed: seed of predictions that name none; `nil`: another one each time.
    ///   - summarize: completes statistics to what a stream ends with.
    init(
        defaultSeed: UInt32?,
        summarize: @escaping @Sendable (PredictionStats, PredictionConfig) -> PredictionSummary
    ) {
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

    /// Queues a prediction; after `stop()` it ends at once, with `.modelUnloaded`: it was asked for before.
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
            // At once, if the user has stopped it already.
            channel.onStop { stopFlag.stop(.userStopped) }
            stopFlag.stop(.modelUnloaded)
            let report = PredictionReport(to: channel, since: arrival.submittedAt)
            let stats = report.stats(stopReason: stopFlag.stopReason ?? .modelUnloaded)
            return channel.finish(.success(summarize(stats, request.config)))
        }
        let called = ObjectIdentifier(channel)
        channel.onStop { [weak self] in
            stopFlag.stop(.userStopped)
            self?.call(called, interrupts: stopFlag.isRunning)
        }
        arrivals.signal()
    }

    /// Has what a prediction leaves in its slot copied when it ends, before its channel is told.
    ///
    /// - Parameters:
    ///   - channel: of a prediction that is about to be submitted.
    ///   - keep: receives the copy on the scheduler's thread; `nil` if there is none.
    func keepState(
        of channel: PredictionChannel,
        _ keep: @escaping @Sendable (SequenceState?) -> Void
    ) {
        inbox.withLock { $0.keepers[ObjectIdentifier(channel)] = keep }
    }

    /// Takes back a `keepState(of:_:)` whose prediction never came.
    func forgetState(of channel: PredictionChannel) {
        inbox.withLock { $0.keepers[ObjectIdentifier(channel)] = nil }
    }

    /// Has a saved cache put into a slot as soon as one is free.
    func submit(_ restore: SequenceRestore) {
        let isLate = inbox.withLock { inbox in
            if !inbox.isStopped { inbox.restores.append(restore) }
            return inbox.isStopped
        }
        if isLate { restore.end(false) } else { arrivals.signal() }
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

    /// Has the loop look at a prediction.
    ///
    /// - Parameters:
    ///   - channel: the prediction's.
    ///   - interrupts: whether a running decode stops for it; one that waits holds up nobody.
    private func call(_ channel: ObjectIdentifier, interrupts: Bool) {
        inbox.withLock { $0.called.append(channel) }
        if interrupts { running.withLock { $0 }?.interruptForOne() }
        arrivals.signal()
    }

    private func wake() {
        running.withLock { $0 }?.interrupt()
        arrivals.signal()
    }

    // MARK: On the scheduler's own thread

    /// Works until `stop()`.
    func run(_ context: LlamaContext) {
        self.running.withLock { $0 = context }
        defer { self.running.withLock { $0 = nil } }
        let loop = makeLoop(context)
        while true {
            // Allow first, look at the news second: a stop that comes later interrupts the decode.
            context.allow()
            if takeNews(to: loop) { return }
            if !loop.step() { arrivals.wait() }
        }
    }

    private func makeLoop(_ context: LlamaContext) -> PredictionLoop {
        PredictionLoop(
            context,
            defaultSeed: defaultSeed,
            callbacks: PredictionLoop.Callbacks(
                onEnd: { [unowned self] in end($0, $1) },
                onReady: { [weak self] in self?.call($0, interrupts: false) },
                onBatch: { [unowned self] in isGenerating.store($0, ordering: .relaxed) },
                onWithdrawal: { [weak self] in self?.arrivals.signal() }
            )
        )
    }

    /// Hands over what came since the last time.
    ///
    /// - Returns: whether the end has come.
    private func takeNews(to loop: PredictionLoop) -> Bool {
        let (arrived, called, restores, isStopped) = inbox.withLock { inbox in
            defer { (inbox.arrived, inbox.called, inbox.restores) = ([], [], []) }
            return (inbox.arrived, inbox.called, inbox.restores, inbox.isStopped)
        }
        for restore in restores { loop.take(restore) }
        for arrival in arrived {
            loop.take(
                TokenSequence(
                    request: arrival.request,
                    prompt: arrival.prompt,
                    channel: arrival.channel,
                    stopFlag: arrival.stopFlag,
                    submittedAt: arrival.submittedAt
                )
            )
        }
        for channel in called { loop.look(at: channel) }
        if isStopped { loop.finishStopped() }
        return isStopped
    }

    /// Tells those who wait in `stop(onEnd:)` that the thread has let go of the context.
    func end() {
        let onEnd = inbox.withLock { inbox in
            inbox.hasEnded = true
            return inbox.onEnd
        }
        for callback in onEnd { callback() }
    }

    private func end(
        _ sequence: TokenSequence,
        _ outcome: Result<PredictionStats, LMStudioError>
    ) {
        let (prediction, keeper) = inbox.withLock { inbox in
            let channel = ObjectIdentifier(sequence.channel)
            return (
                inbox.predictions.removeValue(forKey: channel),
                inbox.keepers.removeValue(forKey: channel)
            )
        }
        if let keeper { keeper(state(of: sequence, after: outcome)) }
        prediction?.onEnd()
        let config = sequence.request.config
        sequence.channel.finish(outcome.map { summarize($0, config) })
    }

    /// What a sequence has left in its slot; `nil` if it never came to its end there.
    private func state(
        of sequence: TokenSequence,
        after outcome: Result<PredictionStats, LMStudioError>
    ) -> SequenceState? {
        switch (try? outcome.get())?.stopReason {
        case .maxPredictedTokensReached, .eosFound, .stopStringFound:
            running.withLock { $0 }?.state(of: sequence)
        default: nil
        }
    }
}
