/// Which model to get, and how.
public struct LoadRequest: Sendable, Hashable {
    /// A key, an identifier, a path or a unique part of a key; `nil`: any model.
    public var model: String?
    /// The new instance's name; `nil`: its key, or `key:2`, `key:3`… if that is taken.
    public var identifier: String?
    /// How to load it.
    public var config: LoadConfig {
        get { boxedConfig.value }
        set { boxedConfig = Box(newValue) }
    }
    /// What the model must be for; `nil`: anything.
    public var domain: ModelDomain?
    /// Idle time after which the instance may go; `nil`: none.
    public var timeToLive: Duration?
    /// Whether an instance that is loaded will do.
    public var reusesLoaded: Bool
    /// Whether a model that is loaded otherwise than `config` says is an error.
    public var verifiesConfig: Bool
    private var boxedConfig: Box<LoadConfig>

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
        boxedConfig = Box(config)
        self.domain = domain
        self.timeToLive = timeToLive
        self.reusesLoaded = reusesLoaded
        self.verifiesConfig = verifiesConfig
    }

    /// Refuses what no host can make anything of.
    ///
    /// - Throws: `.invalidArgument` naming the option, the name or the time.
    package func validate() throws(LMStudioError) {
        try config.validate()
        if identifier == "" || model == "" {
            throw LMStudioError(
                .invalidArgument,
                "a model's name must not be empty; leave it out for any model"
            )
        }
        if let identifier {
            // Terminals and logs obey control characters.
            let isShown = identifier.unicodeScalars.allSatisfy {
                $0.properties.generalCategory != .control
            }
            guard isShown, identifier.unicodeScalars.count <= 1024 else {
                throw LMStudioError(
                    .invalidArgument,
                    "an identifier has at most 1,024 characters, none of them a control character; got \(String(identifier.prefix(40)).quoted)"
                )
            }
        }
        if let timeToLive, timeToLive <= .zero {
            throw LMStudioError(
                .invalidArgument,
                "a model's time to live must be more than 0, not \(timeToLive); leave it out for a model that stays"
            )
        }
    }
}
