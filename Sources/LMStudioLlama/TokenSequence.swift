import CLlama
import LMStudioCore
import Synchronization

/// A prediction in the engine: waiting, reading its prompt, or writing.
///
/// Everything but `stop(_:)` belongs to the scheduler's thread.
final class TokenSequence {
    /// Asks a sequence to end, from any thread.
    final class StopFlag: Sendable {
        private let reason = Atomic<Int>(0)

        /// Why it was asked to end; the first reason counts.
        var stopReason: PredictionStats.StopReason? {
            switch reason.load(ordering: .sequentiallyConsistent) {
            case 1: .userStopped
            case 2: .modelUnloaded
            default: nil
            }
        }

        func stop(_ stopReason: PredictionStats.StopReason) {
            let wanted = stopReason == .modelUnloaded ? 2 : 1
            _ = reason.compareExchange(
                expected: 0,
                desired: wanted,
                ordering: .sequentiallyConsistent
            )
        }
    }

    /// What a sequence wants of the next decode.
    enum Work {
        /// The prompt's tokens from here on.
        case prompt(ArraySlice<Int32>)
        /// The token it has just drawn.
        case token(Int32)
    }

    let request: PredictionRequest
    let channel: PredictionChannel
    let stopFlag: StopFlag
    private let started = ContinuousClock.now

    /// The slot it runs in, which is llama.cpp's sequence number.
    private(set) var slot = 0
    /// Tokens of it that the context holds.
    private(set) var position = 0
    private var prompt: [Int32] = []
    private var lastToken: Int32 = 0
    private var sampler: LlamaSampler?
    private var assembler: TextAssembler
    private var predictedCount = 0
    private var unreportedCount = 0
    /// Those of the unreported tokens, if they are asked for.
    private var unreportedTokens: [PredictedToken] = []
    private var firstTokenAt: ContinuousClock.Instant?
    private var lastTokenAt: ContinuousClock.Instant?

    init(request: PredictionRequest, channel: PredictionChannel, stopFlag: StopFlag) {
        self.request = request
        self.channel = channel
        self.stopFlag = stopFlag
        assembler = TextAssembler(stopStrings: request.config.stopStrings)
    }

    /// Makes it ready to run: tokens, samplers, a clean slot.
    ///
    /// - Throws: `.invalidArgument` if the prompt is empty or longer than the context.
    func prepare(in context: LlamaContext, slot: Int, seed: UInt32) throws(LMStudioError) {
        let text =
            switch request.input {
            case .text(let text): text
            }
        prompt = try context.model.tokenize(text)
        guard !prompt.isEmpty else {
            throw LMStudioError(
                .invalidArgument,
                "the prompt is empty; give at least one character"
            )
        }
        guard prompt.count <= context.length else {
            throw LMStudioError(
                .invalidArgument,
                "the prompt has \(prompt.count) tokens, but the model was loaded with a context of \(context.length); "
                    + "shorten it, or load the model with a larger contextLength"
            )
        }
        let sampler = try LlamaSampler(
            model: context.model,
            config: request.config,
            seed: seed,
            answers: context.answers
        )
        sampler.accept(prompt: prompt)
        self.sampler = sampler
        self.slot = slot
        context.truncate(slot, from: 0)
        reportProgress()
    }

    /// What to decode next.
    var work: Work {
        position < prompt.count ? .prompt(prompt[position...]) : .token(lastToken)
    }

    /// Whether its prompt is read.
    var isWriting: Bool { position >= prompt.count }

    /// Takes note of decoded tokens; draws the next one if the last of them has logits.
    ///
    /// - Returns: why the sequence is finished, or `nil` if it goes on.
    func advance(
        by count: Int,
        in context: LlamaContext,
        logitsAt index: Int32?
    ) throws(LMStudioError) -> PredictionStats.StopReason? {
        position += count
        if position <= prompt.count {
            reportProgress()
        }
        guard let index, let sampler else { return nil }
        guard let token = try context.sample(sampler, at: index) else {
            throw LMStudioError(
                .engine,
                "the model computed no usable number; its file may be damaged"
            )
        }
        if cllama_model_is_end_of_generation(context.model.pointer, token) {
            emit(assembler.flush())
            return .eosFound
        }
        return accept(token, in: context)
    }

    private func accept(_ token: Int32, in context: LlamaContext) -> PredictionStats.StopReason? {
        let now = ContinuousClock.now
        if firstTokenAt == nil {
            firstTokenAt = now
            channel.yield(.firstToken)
        }
        lastTokenAt = now
        lastToken = token
        predictedCount += 1
        unreportedCount += 1
        if let count = request.config.logProbs, let sampler {
            unreportedTokens.append(context.describe(token, candidates: count, by: sampler))
        }
        emit(context.withBytes(of: token) { assembler.append($0) })
        if assembler.matchedStop != nil { return .stopStringFound }
        let reason: PredictionStats.StopReason? =
            if sampler?.answer?.isComplete == true {
                .eosFound
            } else if let limit = request.config.maxTokens, predictedCount >= limit {
                .maxPredictedTokensReached
            } else if position >= context.length {
                .contextLengthReached
            } else {
                nil
            }
        if reason != nil { emit(assembler.flush()) }
        return reason
    }

    private func reportProgress() {
        let counts = PromptProgress(
            processedTokensCount: position,
            totalTokensCount: prompt.count
        )
        channel.yield(.promptProgress(Double(position) / Double(prompt.count), counts))
    }

    private func emit(_ text: String) {
        guard !text.isEmpty else { return }
        var fragment = PredictionFragment(content: text, tokensCount: unreportedCount)
        fragment.tokens = unreportedTokens
        channel.yield(.fragment(fragment))
        unreportedCount = 0
        unreportedTokens = []
    }

    /// Counts and times until now.
    func stats(stopReason: PredictionStats.StopReason, gpuLayers: Int) -> PredictionStats {
        var stats = PredictionStats(stopReason: stopReason)
        stats.stopString = assembler.matchedStop.map { request.config.stopStrings[$0] }
        if let firstTokenAt, let lastTokenAt, predictedCount > 1, lastTokenAt > firstTokenAt {
            stats.tokensPerSecond =
                Double(predictedCount - 1) / ((lastTokenAt - firstTokenAt) / .seconds(1))
        }
        stats.gpuLayers = gpuLayers
        stats.timeToFirstToken = firstTokenAt.map { $0 - started }
        stats.totalTime = ContinuousClock.now - started
        stats.promptTokensCount = prompt.count
        stats.predictedTokensCount = predictedCount
        return stats
    }
}
