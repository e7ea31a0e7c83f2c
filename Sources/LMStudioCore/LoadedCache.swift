/// What came of loading a saved cache.
public struct LoadedCache: Sendable, Hashable {
    /// Tokens that the next prompt with this beginning need not read; 0 if the file was of no use.
    public var tokensCount: Int
    /// Why the file was of no use: it is missing, damaged, or of another model or other load options.
    public var warning: String?

    /// Makes a report.
    public init(tokensCount: Int, warning: String? = nil) {
        self.tokensCount = tokensCount
        self.warning = warning
    }
}
