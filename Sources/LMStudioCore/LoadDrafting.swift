/// How the predictions of a loaded model guess ahead, unless they say otherwise themselves.
///
/// A prediction that names a draft model of its own does without this one's; `maxTokensToDraft` 0 of a
/// prediction ends all guessing.
public struct LoadDrafting: Sendable, Hashable {
    /// Whether another model guesses, which is loaded with this one; default false.
    public var isSimple: Bool?
    /// Key or identifier of that model, which must have the same vocabulary; needs `isSimple`.
    public var model: String?
    /// Whether the model's own heads for further tokens guess; default false; not beside `isSimple`.
    public var usesOwnHeads: Bool?
    /// Most tokens guessed at a time, ≥ 0; default 3.
    public var maxTokens: Int?
    /// Fewer guesses at a time than this are not worth a look, ≥ 0; default 0.
    public var minTokens: Int?
    /// Guessing ends at a token that is less sure than this, 0…1; default 0.
    public var minContinueProbability: Double?

    /// Makes a setting without a draft model.
    public init() {}

    /// Makes a setting with a draft model.
    public init(model: String) {
        isSimple = true
        self.model = model
    }

    /// The draft model; `nil`: there is none.
    package var draftModel: String? { isSimple == true ? model : nil }

    func validate() throws(LMStudioError) {
        let most = Int(Int32.max)
        try OptionRange.check("speculativeDraftMaxTokens", maxTokens, in: 0...most)
        try OptionRange.check("speculativeDraftMinTokens", minTokens, in: 0...most)
        try OptionRange.check(
            "speculativeDraftMinContinueProbability",
            minContinueProbability,
            in: 0...1
        )
        if let maxTokens, let minTokens, minTokens > maxTokens {
            throw LMStudioError(
                .invalidArgument,
                "speculativeDraftMinTokens \(minTokens) is more than speculativeDraftMaxTokens \(maxTokens)"
            )
        }
        try validateModel()
    }

    private func validateModel() throws(LMStudioError) {
        let hasModel = model.map { !$0.isEmpty } ?? false
        let problem: String? =
            if isSimple == true, usesOwnHeads == true {
                "speculativeDraftSimple and speculativeDraftMtp cannot both be true; choose one"
            } else if isSimple == true, !hasModel {
                "speculativeDraftSimple needs a speculativeDraftModel; name a smaller model of the same family"
            } else if hasModel, isSimple != true {
                "speculativeDraftModel needs speculativeDraftSimple to be true; set it, or leave the model out"
            } else {
                nil
            }
        if let problem { throw LMStudioError(.invalidArgument, problem) }
    }
}

extension SpeculativeDecoding {
    /// These options; what they leave open is as the model was loaded.
    ///
    /// A prediction that asks for an exact number of guesses gets that.
    package func filled(by load: LoadDrafting) -> SpeculativeDecoding {
        var filled = self
        filled.draftModel = draftModel ?? load.draftModel
        guard filled.draftModel != nil, numDraftTokensExact == nil else { return filled }
        // LM Studio's defaults for a model that was loaded to guess; others have the engine's.
        let defaults: (Int?, Double?) = draftModel == nil ? (3, 0) : (nil, nil)
        filled.maxTokensToDraft = maxTokensToDraft ?? load.maxTokens ?? defaults.0
        filled.minDraftLengthToConsider = minDraftLengthToConsider ?? load.minTokens
        filled.minContinueDraftingProbability =
            minContinueDraftingProbability ?? load.minContinueProbability ?? defaults.1
        return filled
    }
}
