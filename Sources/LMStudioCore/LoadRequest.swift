/// Which model to get, and how.
public struct LoadRequest: Sendable, Hashable {
    /// A key, an identifier, a path or a unique part of a key; `nil`: any model.
    public var model: String?
    /// The new instance's name; `nil`: its key, or `key:2`, `key:3`… if that is taken.
    public var identifier: String?
    /// How to load it.
    public var config: LoadConfig
    /// What the model must be for; `nil`: anything.
    public var domain: ModelDomain?
    /// Idle time after which the instance may go; `nil`: none.
    public var timeToLive: Duration?
    /// Whether an instance that is loaded will do.
    public var reusesLoaded: Bool
    /// Whether a model that is loaded otherwise than `config` says is an error.
    public var verifiesConfig: Bool

    /// Makes a request.
    public init(
        model: String? = nil,
        identifier: String? = nil,
        config: LoadConfig = LoadConfig(),
        domain: ModelDomain? = .llm,
        timeToLive: Duration? = nil,
        reusesLoaded: Bool = true,
        verifiesConfig: Bool = false
    ) {
        self.model = model
        self.identifier = identifier
        self.config = config
        self.domain = domain
        self.timeToLive = timeToLive
        self.reusesLoaded = reusesLoaded
        self.verifiesConfig = verifiesConfig
    }
}
