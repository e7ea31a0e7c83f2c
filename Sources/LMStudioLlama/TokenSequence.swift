import CLlama
import LMStudioCore

/// A prediction in the engine: waiting, reading its prompt, or writing.
///
/// Everything but `stop(_:)` belongs to the scheduler's thread.
final class TokenSequence {
    /// Where it stands.
    enum Phase {
        case waiting, running, ended
        /// It goes on when its reader has caught up.
        case parked
    }

    let request: PredictionRequest
    private let preparedPrompt: PreparedPrompt
    /// What to do when the context is full.
    private let overflowPolicy: ContextOverflowPolicy
    let channel: PredictionChannel
    let stopFlag: StopFlag
    private let started = ContinuousClock.now
    var phase = Phase.waiting

    /// The slot it runs in, which is llama.cpp's sequence number.
    private(set) var slot = 0
    /// The prompt and the answer, as far as the context is to hold them; empty until it is prepared.
    private(set) var tokens: [Int32] = []
    /// The first so many of them the context holds.
    private(set) var position = 0
    /// First tokens whose cells may belong to other slots too.
    private(set) var sharedCount = 0
    /// Cells of it that another running sequence has anyway.
    var borrowedCount = 0
    /// First tokens whose cells are as if they had been read in this order.
    private var exactCount = Int.max
    private var promptCount = 0
    private var cachedCount = 0
    /// Tokens of the prompt that were told of as read; −1: none yet.
    private var reportedCount = -1
    private var sampler: LlamaSampler?
    private var assembler: TextAssembler
    private var splitter: ReasoningSplitter?
    /// Control tokens that have text here: the marks around the thinking.
    private var shownTokens: [Int32] = []
    private(set) var predictedCount = 0
    /// What it guesses ahead.
    var drafting: Drafting
    /// What the next fragment tells of tokens without text yet.
    private var unreported = PredictionFragment(content: "", tokensCount: 0)
    private var firstTokenAt: ContinuousClock.Instant?
    private var lastTokenAt: ContinuousClock.Instant?
    /// Fragments that its reader may leave lying; no limit while the context bounds them.
    private var backlogLimit: Int?
    /// Whether its reader leaves too much lying.
    private(set) var isBehind = false

    init(
        request: PredictionRequest,
        prompt: PreparedPrompt,
        channel: PredictionChannel,
        stopFlag: StopFlag
    ) {
        self.request = request
        preparedPrompt = prompt
        overflowPolicy = request.overflowPolicy
        self.channel = channel
        self.stopFlag = stopFlag
        assembler = TextAssembler(stopStrings: prompt.stopStrings)
        splitter = prompt.splitter
        drafting = Drafting(model: prompt.draft)
    }

    // MARK: The way to a slot

    /// Whether it has its tokens and samplers.
    var isPrepared: Bool { sampler != nil }

    /// Makes it ready to run: tokens and samplers.
    ///
    /// - Throws: `.invalidArgument` if the prompt is empty, or longer than the context and must not be cut.
    func prepare(in context: LlamaContext, seed: UInt32) throws(LMStudioError) {
        var prompt = try context.model.tokenize(preparedPrompt.text)
        guard !prompt.isEmpty else {
            throw LMStudioError(
                .invalidArgument,
                "the prompt is empty; give at least one character"
            )
        }
        if prompt.count > context.length { try overflowPolicy.cut(&prompt, to: context.length) }
        let sampler = try LlamaSampler(
            model: context.model,
            config: request.config,
            seed: seed,
            answers: context.answers
        )
        sampler.accept(prompt: prompt)
        self.sampler = sampler
        shownTokens = preparedPrompt.marks.compactMap(context.model.token(of:))
        tokens = prompt
        promptCount = prompt.count
    }

    /// Enters a slot that holds the first `count` tokens already.
    func enter(_ slot: Int, count: Int, sharedCount: Int) {
        self.slot = slot
        self.sharedCount = sharedCount
        position = count
        exactCount = .max
        if reportedCount < 0 { cachedCount = count }
        reportProgress()
    }

    /// Takes note that another slot shares its first cells.
    func share(_ count: Int) {
        sharedCount = max(sharedCount, count)
    }

    /// Takes its slot's cells back to what it knows to be decoded; what is lost is read again.
    func rewind(in context: LlamaContext) {
        if !context.truncate(slot, from: position) { position = 0 }
    }

    /// What its slot's cells hold for a later sequence.
    ///
    /// Cells that were moved are no use to one: they know of tokens that are forgotten.
    func leave(in context: LlamaContext) -> ArraySlice<Int32> {
        let count = min(position, exactCount)
        defer { position = 0 }
        return context.truncate(slot, from: count) ? tokens.prefix(count) : []
    }

    // MARK: Work

    /// What to decode next: the rest of the prompt, what was forgotten, or the token it has just drawn.
    var pending: ArraySlice<Int32> { tokens[position...] }

    /// Whether it wants nothing but its latest token decoded.
    var isWriting: Bool { firstTokenAt != nil && position == tokens.count - 1 }

    /// Cells that it needs at least, and no other running sequence has.
    var cellCount: Int { tokens.count + 1 - borrowedCount }

    /// Takes note of decoded tokens; draws the next one if the last of them has logits.
    ///
    /// Behind them `guesses` were decoded, whose logits follow: as long as one of them is what is drawn,
    /// the next token is drawn too.
    ///
    /// - Returns: why the sequence is finished, or `nil` if it goes on.
    func advance(
        by count: Int,
        guesses: [Int32],
        in context: LlamaContext,
        logitsAt index: Int32?
    ) throws(LMStudioError) -> PredictionStats.StopReason? {
        position += count
        if firstTokenAt == nil { reportProgress() }
        guard let index, let sampler else { return nil }
        var rightCount = 0
        while true {
            let token = try context.sample(sampler, at: index + Int32(rightCount))
            let isRight = rightCount < guesses.count && guesses[rightCount] == token
            let reason = accept(token, isGuessed: isRight, in: context)
            if isRight { rightCount += 1 }
            guard reason == nil, isRight else {
                drafting.settle(rightCount: rightCount, of: guesses.count, hasEnded: isRight)
                if rightCount < guesses.count { rewind(in: context) }
                return reason
            }
            position += 1
        }
    }

    private func accept(
        _ token: Int32,
        isGuessed: Bool,
        in context: LlamaContext
    ) -> PredictionStats.StopReason? {
        if cllama_model_is_end_of_generation(context.model.pointer, token) {
            emit(assembler.flush(), isLast: true)
            return .eosFound
        }
        let now = ContinuousClock.now
        if firstTokenAt == nil {
            firstTokenAt = now
            channel.yield(.firstToken)
        }
        lastTokenAt = now
        tokens.append(token)
        predictedCount += 1
        unreported.tokensCount += 1
        if isGuessed { unreported.containsDrafted = true }
        if let count = request.config.logProbs, let sampler {
            unreported.tokens.append(context.describe(token, candidates: count, by: sampler))
        }
        let text = context.withBytes(of: token, showsControl: shownTokens.contains(token)) {
            assembler.append($0)
        }
        emit(text, isLast: assembler.matchedStop != nil)
        if assembler.matchedStop != nil { return .stopStringFound }
        let reason: PredictionStats.StopReason? =
            if sampler?.answer?.isComplete == true {
                .eosFound
            } else if let limit = request.config.maxTokens, predictedCount >= limit {
                .maxPredictedTokensReached
            } else if position >= context.length,
                overflowPolicy == .stopAtLimit
            {
                .contextLengthReached
            } else {
                nil
            }
        if reason != nil {
            emit(assembler.flush(), isLast: true)
        } else if position >= context.length {
            makeRoom(in: context)
        }
        return reason
    }

    /// Forgets part of a full context.
    private func makeRoom(in context: LlamaContext) {
        let cut = overflowPolicy.cut(promptCount: promptCount, length: position)
        backlogLimit = context.length
        tokens.removeSubrange(cut)
        drafting.lookup = nil
        // Shared cells stay where they are: to move them would move the other sequence's tokens.
        if cut.upperBound >= sharedCount,
            context.shift(slot, from: cut.lowerBound, by: cut.count)
        {
            position -= cut.count
            exactCount = min(exactCount, cut.lowerBound)
        } else {
            position = context.truncate(slot, from: cut.lowerBound) ? cut.lowerBound : 0
            if position == 0 { exactCount = .max }
        }
        sharedCount = min(sharedCount, cut.lowerBound)
        borrowedCount = min(borrowedCount, cut.lowerBound)
    }

    private func reportProgress() {
        let processed = position - cachedCount
        guard processed > reportedCount || reportedCount < 0 else { return }
        reportedCount = max(processed, 0)
        let counts = PromptProgress(
            cachedTokensCount: cachedCount,
            processedTokensCount: reportedCount,
            totalTokensCount: promptCount
        )
        channel.yield(
            .promptProgress(Double(reportedCount) / Double(promptCount - cachedCount), counts)
        )
    }

    private func emit(_ text: String, isLast: Bool = false) {
        guard splitter != nil else { return emit(text, .none) }
        splitter?.append(text, isLast: isLast) { emit($0, $1) }
    }

    private func emit(_ text: String, _ type: PredictionFragment.ReasoningType) {
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

    /// Says that it no longer runs; `resume` is called once its reader has caught up.
    func park(_ resume: @escaping @Sendable () -> Void) {
        phase = .parked
        isBehind = false
        channel.onDrain(below: max(1, (backlogLimit ?? 0) / 2), resume)
    }

    /// Counts and times until now.
    func stats(stopReason: PredictionStats.StopReason, gpuLayers: Int) -> PredictionStats {
        var stats = PredictionStats(stopReason: stopReason)
        stats.stopString = assembler.matchedStop.map { preparedPrompt.stopStrings[$0] }
        if let firstTokenAt, let lastTokenAt, predictedCount > 1, lastTokenAt > firstTokenAt {
            stats.tokensPerSecond =
                Double(predictedCount - 1) / ((lastTokenAt - firstTokenAt) / .seconds(1))
        }
        stats.gpuLayers = gpuLayers
        stats.timeToFirstToken = firstTokenAt.map { $0 - started }
        stats.totalTime = ContinuousClock.now - started
        stats.promptTokensCount = promptCount
        stats.predictedTokensCount = predictedCount
        stats.drafts = drafting.stats
        return stats
    }
}
