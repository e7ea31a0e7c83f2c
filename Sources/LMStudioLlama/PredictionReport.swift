import LMStudioCore

/// What a prediction tells its reader: progress, text, and in the end counts and times.
struct PredictionReport {
    private let channel: PredictionChannel
    /// When it was asked for.
    private let started: ContinuousClock.Instant
    /// Tokens of the prompt.
    var promptCount = 0
    private var cachedCount = 0
    /// Tokens of the prompt that were told of as read; −1: none yet.
    private var readCount = -1
    /// Tokens of the answer.
    private(set) var predictedCount = 0
    private var firstTokenAt, lastTokenAt: ContinuousClock.Instant?
    /// What the next fragment tells of tokens without text yet.
    private var unreported = PredictionFragment(content: "", tokensCount: 0)
    /// Fragments that the reader may leave lying; no limit while the context bounds them.
    var backlogLimit: Int?
    /// Whether the reader leaves too much lying.
    private(set) var isBehind = false

    init(to channel: PredictionChannel, since started: ContinuousClock.Instant) {
        self.channel = channel
        self.started = started
    }

    /// Whether the prompt was read and a token written.
    var hasBegun: Bool { firstTokenAt != nil }

    /// Takes note that the first tokens of the prompt are there without having been read.
    mutating func find(_ count: Int) {
        if readCount < 0 { cachedCount = count }
        read(to: count)
    }

    /// Tells how far the prompt is read, as long as nothing is written.
    mutating func read(to position: Int) {
        let count = position - cachedCount
        guard !hasBegun, count > readCount || readCount < 0 else { return }
        readCount = max(count, 0)
        let counts = PromptProgress(
            cachedTokensCount: cachedCount,
            processedTokensCount: readCount,
            totalTokensCount: promptCount
        )
        channel.yield(
            .promptProgress(Double(readCount) / Double(promptCount - cachedCount), counts)
        )
    }

    /// Takes note of a token that was written.
    mutating func note(isGuessed: Bool) {
        let now = ContinuousClock.now
        if firstTokenAt == nil {
            firstTokenAt = now
            channel.yield(.firstToken)
        }
        lastTokenAt = now
        predictedCount += 1
        unreported.tokensCount += 1
        if isGuessed { unreported.containsDrafted = true }
    }

    /// Takes note of how likely the token that was noted last was.
    mutating func describe(_ token: PredictedToken) {
        unreported.tokens.append(token)
    }

    /// Hands on text that is certain, with the tokens since the last one.
    mutating func yield(_ text: String, _ type: PredictionFragment.ReasoningType) {
        guard !text.isEmpty else { return }
        var fragment = PredictionFragment(content: "", tokensCount: 0)
        swap(&fragment, &unreported)
        (fragment.content, fragment.reasoningType) = (text, type)
        if let backlogLimit {
            isBehind = channel.yield(contentsOf: [.fragment(fragment)]) >= backlogLimit
        } else {
            channel.yield(.fragment(fragment))
        }
    }

    /// Waits for the reader; `resume` is called once it has caught up.
    mutating func wait(_ resume: @escaping @Sendable () -> Void) {
        isBehind = false
        channel.onDrain(below: max(1, (backlogLimit ?? 0) / 2), resume)
    }

    /// Counts and times until now.
    func stats(stopReason: PredictionStats.StopReason) -> PredictionStats {
        var stats = PredictionStats(stopReason: stopReason)
        if let firstTokenAt, let lastTokenAt, predictedCount > 1, lastTokenAt > firstTokenAt {
            stats.tokensPerSecond =
                Double(predictedCount - 1) / ((lastTokenAt - firstTokenAt) / .seconds(1))
        }
        stats.timeToFirstToken = firstTokenAt.map { $0 - started }
        stats.totalTime = ContinuousClock.now - started
        stats.promptTokensCount = promptCount
        stats.cachedTokensCount = cachedCount
        stats.predictedTokensCount = predictedCount
        return stats
    }
}
