/// A piece of text on its way.
public struct PredictionFragment: Sendable, Hashable {
    /// The text: whole characters, never empty.
    public var content: String
    /// Tokens it stands for, ≥ 0.
    public var tokensCount: Int
    /// Whether part of it was guessed ahead, by a draft model or by what came before in the text.
    public var containsDrafted: Bool
    /// Whether it is the model's thinking or its answer.
    public var reasoningType: ReasoningType
    /// The tokens it stands for, in order, if `logProbs` asked for them; otherwise empty.
    public var tokens: [PredictedToken]

    /// What a fragment is part of.
    public enum ReasoningType: String, Sendable {
        /// The answer.
        case none
        /// The model's thinking.
        case reasoning
        /// The mark before the thinking.
        case reasoningStartTag
        /// The mark after the thinking.
        case reasoningEndTag
    }

    /// Makes a fragment.
    public init(
        content: String,
        tokensCount: Int,
        containsDrafted: Bool = false,
        reasoningType: ReasoningType = .none,
        tokens: [PredictedToken] = []
    ) {
        self.content = content
        self.tokensCount = tokensCount
        self.containsDrafted = containsDrafted
        self.reasoningType = reasoningType
        self.tokens = tokens
    }
}

extension PredictionFragment: CustomStringConvertible {
    /// The text.
    public var description: String { content }
}

/// One step of a prediction, in the order they come: progress rising to 1, first token, then fragments
/// and calls of tools.
public enum PredictionEvent: Sendable, Hashable {
    /// Share of the prompt that is processed, 0…1, strictly rising, and the counts behind it.
    case promptProgress(Double, PromptProgress? = nil)
    /// The first token was predicted.
    case firstToken
    /// Text.
    case fragment(PredictionFragment)
    /// The model calls a tool; what it writes for that is no fragment.
    case toolCall(ToolCallEvent)
}

/// How far the processing of a prompt is, in tokens.
public struct PromptProgress: Sendable, Hashable {
    /// Tokens that were in the cache already.
    public var cachedTokensCount: Int
    /// Tokens that were processed until now, without the cached ones.
    public var processedTokensCount: Int
    /// Tokens of the whole prompt.
    public var totalTokensCount: Int

    /// Makes counts.
    public init(cachedTokensCount: Int = 0, processedTokensCount: Int, totalTokensCount: Int) {
        self.cachedTokensCount = cachedTokensCount
        self.processedTokensCount = processedTokensCount
        self.totalTokensCount = totalTokensCount
    }
}
