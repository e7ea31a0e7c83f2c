/// Counts and times of a prediction.
///
/// What is `nil` is not known.
public struct PredictionStats: Sendable, Hashable {
    /// Why the prediction ended.
    public var stopReason: StopReason
    /// The stop string that ended it, if one did.
    public var stopString: String?
    /// Rate after the first token, tokens per second: (predicted − 1) / (last − first token's time).
    public var tokensPerSecond: Double?
    /// Layers that ran on a GPU.
    public var gpuLayers: Int?
    /// Time from the start of the prediction to its first token.
    public var timeToFirstToken: Duration?
    /// Time from the start of the prediction to its end.
    public var totalTime: Duration?
    /// Tokens of the prompt.
    public var promptTokensCount: Int?
    /// Of these, tokens that were not read because a cache had them.
    public var cachedTokensCount: Int?
    /// Tokens of the answer, without the one that ends it.
    public var predictedTokensCount: Int?
    /// What was guessed ahead; `nil`: nothing.
    public var drafts: DraftStats?
    /// Prompt and answer together.
    public var totalTokensCount: Int? {
        guard let promptTokensCount, let predictedTokensCount else { return nil }
        return promptTokensCount + predictedTokensCount
    }

    /// Why a prediction ended; the raw values are LM Studio's.
    public enum StopReason: String, Sendable, CaseIterable {
        /// `cancel()` was called.
        case userStopped
        /// The instance was unloaded.
        case modelUnloaded
        /// Something went wrong.
        case failed
        /// The model said it was done.
        case eosFound
        /// The model wrote a stop string.
        case stopStringFound
        /// The model called a tool.
        case toolCalls
        /// `maxTokens` were predicted.
        case maxPredictedTokensReached
        /// The context is full.
        case contextLengthReached
    }

    /// Makes statistics in which nothing but the reason is known.
    public init(stopReason: StopReason) {
        self.stopReason = stopReason
    }
}
