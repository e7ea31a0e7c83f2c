/// What became of tokens that were guessed ahead.
public struct DraftStats: Sendable, Hashable {
    /// Key of the model that guessed; `nil`: the text itself, which repeats what came before.
    public var modelKey: String?
    /// Guesses that were right, and are part of the text.
    public var acceptedCount: Int
    /// Wrong guesses, and those that followed a wrong one.
    public var rejectedCount: Int
    /// Guesses that were not looked at: too few at a time, or behind the end of the text.
    public var ignoredCount: Int
    /// All guesses.
    public var totalCount: Int { acceptedCount + rejectedCount + ignoredCount }

    /// Makes counts.
    public init(
        modelKey: String? = nil,
        acceptedCount: Int = 0,
        rejectedCount: Int = 0,
        ignoredCount: Int = 0
    ) {
        self.modelKey = modelKey
        self.acceptedCount = acceptedCount
        self.rejectedCount = rejectedCount
        self.ignoredCount = ignoredCount
    }
}
