import CLlama
import LMStudioCore

extension TokenSequence {
    /// What a sequence has guessed ahead, and what became of it.
    struct Drafting {
        /// The model that guesses; `nil`: the text itself tells.
        let model: DraftModel?
        /// Guesses from the text itself; made when they are first wanted.
        var lookup: PromptLookup?
        /// `nil` if no model guesses, as long as nothing was guessed.
        private(set) var stats: DraftStats?

        init(model: DraftModel?) {
            self.model = model
            stats = model.map { DraftStats(modelKey: $0.key) }
        }

        /// Takes note of guesses that nobody looks at.
        mutating func ignore(_ count: Int) {
            stats?.ignoredCount += count
        }

        /// Learns what became of guesses.
        ///
        /// - Parameters:
        ///   - rightCount: how many were right.
        ///   - count: how many there were.
        ///   - hasEnded: whether the others lie behind the end of the text.
        mutating func settle(rightCount: Int, of count: Int, hasEnded: Bool) {
            guard count > 0 else { return }
            var stats = stats ?? DraftStats()
            stats.acceptedCount += rightCount
            if hasEnded {
                stats.ignoredCount += count - rightCount
            } else {
                stats.rejectedCount += count - rightCount
            }
            self.stats = stats
            lookup?.settle(rightCount: rightCount, of: count)
        }
    }

    /// Guesses what its own text goes on with where it repeats itself.
    ///
    /// - Parameters:
    ///   - limit: most tokens there is room for.
    ///   - context: its context.
    /// - Returns: tokens to be decoded with the one it has just drawn.
    func lookUp(atMost limit: Int, in context: LlamaContext) -> [Int32] {
        if drafting.lookup == nil { drafting.lookup = PromptLookup(length: context.length) }
        let guesses = drafting.lookup?.guess(
            after: tokens,
            writtenCount: report.predictedCount,
            atMost: min(limit, guessLimit(in: context))
        )
        return (guesses ?? []).prefix {
            !cllama_model_is_end_of_generation(context.model.pointer, $0)
        }
    }

    /// Has another model guess what it goes on with.
    ///
    /// - Parameters:
    ///   - draft: the model's memory.
    ///   - limit: most tokens there is room for.
    ///   - context: its own context.
    /// - Returns: tokens to be decoded with the one it has just drawn.
    func ask(_ draft: DraftContext, atMost limit: Int, in context: LlamaContext) -> [Int32] {
        let options = request.config.speculativeDecoding
        let most = min(limit, guessLimit(in: context))
        guard most > 0 else { return [] }
        let exact = options.numDraftTokensExact
        let vocabularySize = cllama_model_vocabulary_size(context.model.pointer)
        // The other vocabulary may have some more tokens at its end.
        let guesses = draft.guess(
            after: tokens,
            sequence: slot,
            DraftContext.Limits(
                most: min(most, exact ?? .max),
                leastProbability: exact == nil
                    ? options.minContinueDraftingProbability ?? Self.usualProbability : 0
            )
        ).prefix { $0 < vocabularySize }
        if guesses.count < options.minDraftLengthToConsider ?? 0 {
            drafting.ignore(guesses.count)
            return []
        }
        return Array(guesses)
    }

    /// How sure a model must be to guess on, unless the options say otherwise.
    private static let usualProbability = 0.75
    /// Guesses at a time unless the options say otherwise.
    private static let usualLimit = 16

    /// Most tokens that may be guessed now: no more than may still be written, and fit into the context.
    private func guessLimit(in context: LlamaContext) -> Int {
        let config = request.config
        let options = config.speculativeDecoding
        let wanted =
            options.maxTokensToDraft ?? max(Self.usualLimit, options.numDraftTokensExact ?? 0)
        let room = context.length - position - 1
        return min(wanted, room, (config.maxTokens ?? .max) - report.predictedCount - 1)
    }
}
