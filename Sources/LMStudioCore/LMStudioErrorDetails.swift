/// What an LM Studio server says of a failure.
public struct LMStudioErrorDetails: Sendable, Hashable {
    /// The failure in a few words.
    public var title: String
    /// Why it happened.
    public var cause: String?
    /// What to try.
    public var suggestion: String?
    /// What kind of failure it is, and with which values; for programs.
    public var display: DisplayData?
    /// The server's whole error object as JSON text; empty where the failure comes from this side.
    public var json: String

    /// Makes details.
    public init(
        title: String,
        cause: String? = nil,
        suggestion: String? = nil,
        display: DisplayData? = nil,
        json: String = ""
    ) {
        self.title = title
        self.cause = cause
        self.suggestion = suggestion
        self.display = display
        self.json = json
    }

    /// The failures that LM Studio's protocol gives a code of their own.
    public enum DisplayData: Sendable, Hashable {
        /// The instance of a reference is no longer loaded.
        case specificModelUnloaded
        /// No loaded instance fits a query. `loaded`: up to five identifiers; `total`: how many there are.
        case noModelMatchingQuery(ModelQuery, loaded: [String], total: Int)
        /// No model on disk has this key or path. `available`: up to five keys.
        case pathNotFound(String, available: [String], total: Int)
        /// No loaded instance has this identifier.
        case identifierNotFound(String, loaded: [String], total: Int)
        /// The model is of another type than was asked for.
        case domainMismatch(path: String, actual: ModelDomain, expected: ModelDomain)
        /// The engine cannot do what was asked for.
        case engineDoesNotSupportFeature(String)
        /// There is no such preset.
        case presetNotFound(String)
        /// One that this version does not know, by its code.
        case other(String)
    }
}
