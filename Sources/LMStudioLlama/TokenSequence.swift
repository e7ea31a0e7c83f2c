import CLlama
import LMStudioCore

/// A prediction in the engine: waiting, reading its prompt, or writing.
///
/// All of it belongs to the scheduler's thread, but for its stop flag.
final class TokenSequence {
    /// Where it stands.
    enum Phase {
        case waiting, running, ended
        /// It goes on when its reader has caught up, or the tokens of its long prompt are found.
        case parked
    }

    let request: PredictionRequest
    let preparedPrompt: PreparedPrompt
    /// What it reads if there are images in its prompt.
    var images: PromptImages? { preparedPrompt.images }
    /// What to do when the context is full; a prompt with images is not cut.
    private let overflowPolicy: ContextOverflowPolicy
    let channel: PredictionChannel
    let stopFlag: StopFlag
    var phase = Phase.waiting

    /// The slot it runs in, which is llama.cpp's sequence number.
    private(set) var slot = 0
    /// The prompt and the answer, as far as the context is to hold them; empty until it is prepared.
    private(set) var tokens: [Int32] = []
    /// The first so many of them the context holds.
    private(set) var position = 0
    /// How many positions less than tokens those take.
    private var lag = 0
    /// First tokens whose cells may belong to other slots too.
    private(set) var sharedCount = 0
    /// Cells of it that another running sequence has anyway.
    var borrowedCount = 0
    /// The slot of that sequence.
    var lender: Int?
    /// First tokens whose cells are as if they had been read in this order.
    private var exactCount = Int.max
    /// What it can be taken back to though its model cannot, in the order of their tokens.
    var checkpoints: [Checkpoint] = []
    /// Where it saves one.
    private(set) var checkpointPlaces: [ClosedRange<Int>] = []
    private(set) var sampler: LlamaSampler?
    private(set) var assembler: TextAssembler
    /// Whether its last text was handed on as such.
    var hasEmittedLast = false
    var splitter: ReasoningSplitter?
    var toolReader: ToolCallReader?
    private var budget: ThinkingBudget?
    /// Control tokens that have text here: the marks around the thinking.
    private var shownTokens: [Int32] = []
    /// What it guesses ahead.
    var drafting: Drafting
    /// What it tells its reader.
    var report: PredictionReport

    init(
        request: PredictionRequest,
        prompt: PreparedPrompt,
        channel: PredictionChannel,
        stopFlag: StopFlag,
        submittedAt: ContinuousClock.Instant = .now
    ) {
        self.request = request
        preparedPrompt = prompt
        overflowPolicy = prompt.images == nil ? request.overflowPolicy : .stopAtLimit
        self.channel = channel
        report = PredictionReport(to: channel, since: submittedAt)
        self.stopFlag = stopFlag
        assembler = TextAssembler(
            stopStrings: prompt.stopStrings + request.config.toolCallStopStrings
        )
        splitter = prompt.splitter
        toolReader = prompt.tools.map { ToolCallReader($0) }
        drafting = Drafting(model: prompt.images == nil ? prompt.draft : nil)
    }

    // MARK: The way to a slot

    /// Whether it has its tokens and samplers.
    var isPrepared: Bool { sampler != nil }

    /// Makes it ready to run: tokens and samplers.
    ///
    /// - Throws: `.invalidArgument` if the prompt is empty, or longer than the context and must not be cut.
    func prepare(in context: LlamaContext, seed: UInt32) throws(LMStudioError) {
        var prompt = try preparedPrompt.tokens(by: context.model)
        guard !prompt.isEmpty else {
            throw LMStudioError(
                .invalidArgument,
                "the prompt is empty; give at least one character"
            )
        }
        if prompt.count > context.length {
            try overflowPolicy.cut(&prompt, to: context.length, hasImages: images != nil)
        }
        let sampler = try LlamaSampler(
            model: context.model,
            config: request.config,
            seed: seed,
            answer: preparedPrompt.answer(by: context.answers)
        )
        sampler.accept(prompt: prompt)
        self.sampler = sampler
        budget = makeBudget(context.model)
        shownTokens = preparedPrompt.marks.compactMap(context.model.token(of:))
        tokens = prompt
        report.promptCount = prompt.count
        if images == nil { checkpointPlaces = Checkpoint.places(of: prompt.count, in: context) }
    }

    /// Enters a slot that holds the first `count` tokens already, in `lag` positions less.
    func enter(_ slot: Int, count: Int, lag: Int, sharedCount: Int) {
        self.slot = slot
        self.lag = lag
        self.sharedCount = sharedCount
        position = count
        exactCount = .max
        report.find(count)
    }

    /// Takes note that another slot shares its first cells.
    func share(_ count: Int) {
        sharedCount = max(sharedCount, count)
    }

    /// Takes its slot's cells back to what it knows to be decoded; what is lost is read again.
    func rewind(in context: LlamaContext) {
        if !context.truncate(slot, from: place) { (position, lag, borrowedCount) = (0, 0, 0) }
    }

    /// Forgets all that it has read, which it reads again.
    func restart(in context: LlamaContext) {
        context.truncate(slot, from: 0)
        (position, lag, borrowedCount) = (0, 0, 0)
    }

    /// What its slot's cells hold for others.
    ///
    /// Cells that were moved are no use to them: they know of tokens that are forgotten.
    var sharable: ArraySlice<Int32> { tokens.prefix(min(position, exactCount)) }

    /// Leaves its slot, in which what was sharable stays.
    func leave(in context: LlamaContext) -> ArraySlice<Int32> {
        let left = sharable
        defer { (position, lag) = (0, 0) }
        return context.truncate(slot, from: left.count - lag) ? left : []
    }

    // MARK: Work

    /// What to decode next: the rest of the prompt, what was forgotten, or the token it has just drawn.
    var pending: ArraySlice<Int32> { tokens[position...] }

    /// Where in its slot the next token goes.
    var place: Int { position - lag }

    /// Whether it wants nothing but its latest token decoded.
    var isWriting: Bool { report.hasBegun && position == tokens.count - 1 }

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
        report.read(to: position)
        guard let index, let sampler else {
            keepCheckpoint(in: context)
            return nil
        }
        var rightCount = 0
        while true {
            let token = try context.sample(sampler, at: index + Int32(rightCount)) { drawn in
                budget?.next(endsTooEarly: sampler.answer?.hasToFollow(drawn) == true)
            }
            let isRight = rightCount < guesses.count && guesses[rightCount] == token
            let reason = accept(token, isGuessed: isRight, in: context)
            // After the reader has the token.
            keepCheckpoint(in: context)
            if isRight { rightCount += 1 }
            guard reason == nil, isRight else {
                drafting.settle(rightCount: rightCount, of: guesses.count, hasEnded: isRight)
                if rightCount < guesses.count { rewind(in: context) }
                return reason
            }
            position += 1
        }
    }

    /// Takes note of an image that was read.
    func pass(_ image: LlamaVision.Extent) {
        position += image.count
        lag += image.count - image.positions
        report.read(to: position)
    }

    private func accept(
        _ token: Int32,
        isGuessed: Bool,
        in context: LlamaContext
    ) -> PredictionStats.StopReason? {
        if cllama_model_is_end_of_generation(context.model.pointer, token) {
            flush()
            return reason(.eosFound)
        }
        tokens.append(token)
        report.note(isGuessed: isGuessed)
        if let count = request.config.logProbs, let sampler {
            report.describe(context.describe(token, candidates: count, by: sampler))
        }
        let text = context.withBytes(of: token, showsControl: shownTokens.contains(token)) {
            assembler.append($0)
        }
        let wasThinking = splitter?.isThinking == true
        emit(text, isLast: assembler.matchedStop != nil)
        if assembler.matchedStop != nil { return reason(.stopStringFound) }
        budget?.note(
            wasThinking: wasThinking,
            isThinking: splitter?.isThinking == true,
            isWhole: assembler.isWhole
        )
        let reason: PredictionStats.StopReason? =
            if sampler?.answer?.isComplete == true {
                .eosFound
            } else if let limit = request.config.maxTokens, report.predictedCount >= limit {
                .maxPredictedTokensReached
            } else if position >= context.length,
                overflowPolicy == .stopAtLimit
            {
                .contextLengthReached
            } else {
                nil
            }
        if let reason {
            flush(isCut: reason != .eosFound)
            return self.reason(reason)
        } else if position >= context.length {
            makeRoom(in: context)
        }
        return reason
    }

    /// Hands on what was held back, as nothing follows; `isCut`: though the model would have gone on.
    func flush(isCut: Bool = false) {
        if !hasEmittedLast { emit(assembler.flush(), isLast: true, isCut: isCut) }
    }

    /// Forgets part of a full context.
    private func makeRoom(in context: LlamaContext) {
        let cut = overflowPolicy.cut(promptCount: report.promptCount, length: position)
        report.backlogLimit = context.length
        tokens.removeSubrange(cut)
        checkpoints = checkpoints.compactMap { $0.limited(to: cut.lowerBound) }
        checkpointPlaces = []
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

    /// Says that it no longer runs; `resume` is called once its reader has caught up.
    func park(_ resume: @escaping @Sendable () -> Void) {
        phase = .parked
        report.wait(resume)
    }

    /// Counts and times until now.
    func stats(stopReason: PredictionStats.StopReason, gpuLayers: Int) -> PredictionStats {
        var stats = report.stats(stopReason: stopReason)
        stats.stopString = stopString
        stats.gpuLayers = gpuLayers
        stats.drafts = drafting.stats
        return stats
    }
}
