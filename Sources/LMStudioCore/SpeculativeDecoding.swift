/// How tokens are guessed ahead, so that the model can confirm several in one computation.
///
/// What is written stays the same, as far as arithmetic goes (several tokens at once are rounded in another
/// way); only the time differs. Without a draft model the engine in this process guesses by itself where
/// a text repeats what came before.
public struct SpeculativeDecoding: Sendable, Hashable {
    /// Key or identifier of the model that guesses, which must have the same vocabulary; default `nil`: none.
    public var draftModel: String?
    /// Tokens that it guesses each time, however sure it is of them, ≥ 1; default `nil`: as the next
    /// three say.
    public var numDraftTokensExact: Int?
    /// Fewer guesses at a time than this are not worth a look, ≥ 0; default 0.
    public var minDraftLengthToConsider: Int?
    /// It stops guessing when it is less sure of a token than this, 0…1; default 0.75.
    public var minContinueDraftingProbability: Double?
    /// Most tokens guessed at a time, ≥ 0, also without a draft model; default 16; 0: none.
    public var maxTokensToDraft: Int?

    /// Makes a setting without a draft model.
    public init() {}

    /// Makes a setting.
    public init(draftModel: String?) {
        self.draftModel = draftModel
    }

    func validate() throws(LMStudioError) {
        let most = Int(Int32.max)
        try OptionRange.check(
            "speculativeDecodingNumDraftTokensExact",
            numDraftTokensExact,
            in: 1...most
        )
        try OptionRange.check(
            "speculativeDecodingMinDraftLengthToConsider",
            minDraftLengthToConsider,
            in: 0...most
        )
        try OptionRange.check(
            "speculativeDecodingMinContinueDraftingProbability",
            minContinueDraftingProbability,
            in: 0...1
        )
        try OptionRange.check(
            "speculativeDecodingMaxTokensToDraft",
            maxTokensToDraft,
            in: 0...most
        )
        if draftModel == "" {
            throw LMStudioError(
                .invalidArgument,
                "draftModel must not be empty; leave it out for none"
            )
        }
    }
}
