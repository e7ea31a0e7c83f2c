/// A place where models live and run: this process, an LM Studio server, and whatever comes.
///
/// Everything above this protocol is written once, everything below conforms to it. It speaks in
/// values of this module, never in JSON, sockets or an engine's types.
public protocol ModelHost: AnyObject, Sendable {
    /// Where this is, in the form ``HostAddress`` reads.
    var address: HostAddress { get }

    /// The models on disk, sorted by key.
    func listDownloaded() async throws(LMStudioError) -> [ModelInfo]

    /// The loaded instances, in the order they were loaded.
    func listLoaded() async throws(LMStudioError) -> [ModelInstanceInfo]

    /// Gets an instance that is loaded, or loads one.
    ///
    /// Cancelling the task stops the load, unless somebody else waits for the same one.
    ///
    /// - Parameters:
    ///   - request: which model, and how.
    ///   - progress: receives the share done: 0 if something is loaded at all, rising, 1 at the end.
    /// - Returns: the instance.
    /// - Throws: `.modelNotFound`, `.engine`, `.invalidArgument`, `.unsupported` or `.cancelled`.
    func load(
        _ request: LoadRequest,
        progress: @escaping @Sendable (Double) -> Void
    ) async throws(LMStudioError) -> ModelInstanceInfo

    /// Takes an instance out of memory; its running predictions end with `.modelUnloaded`.
    func unload(_ model: ModelSpecifier) async throws(LMStudioError)

    /// What an instance is.
    func instanceInfo(_ model: ModelSpecifier) async throws(LMStudioError) -> ModelInstanceInfo

    /// How an instance was loaded, defaults filled in.
    func loadConfig(_ model: ModelSpecifier) async throws(LMStudioError) -> LoadConfig

    /// The tokens of a text, as a prompt would be split: with the model's own leading token.
    func tokenize(_ text: String, with model: ModelSpecifier) async throws(LMStudioError) -> [Int32]

    /// Starts a prediction. It does not wait: what goes wrong from here on comes through the channel.
    ///
    /// - Parameters:
    ///   - request: what to predict, with which model, and how.
    ///   - channel: receives the events and the end, and tells the producer when to stop.
    func predict(_ request: PredictionRequest, into channel: PredictionChannel)
}

/// Which model to get, and how.
public struct LoadRequest: Sendable, Hashable {
    /// A key, an identifier, a path or a unique part of a key; `nil`: any model.
    public var model: String?
    /// The new instance's name; `nil`: its key, or `key:2`, `key:3`… if that is taken.
    public var identifier: String?
    /// How to load it.
    public var config: LoadConfig
    /// Idle time after which the instance may go; `nil`: none.
    public var timeToLive: Duration?
    /// Whether an instance that is loaded will do.
    public var reusesLoaded: Bool

    /// Makes a request.
    public init(
        model: String? = nil,
        identifier: String? = nil,
        config: LoadConfig = LoadConfig(),
        timeToLive: Duration? = nil,
        reusesLoaded: Bool = true
    ) {
        self.model = model
        self.identifier = identifier
        self.config = config
        self.timeToLive = timeToLive
        self.reusesLoaded = reusesLoaded
    }
}

/// What to predict, with which model, and how.
public struct PredictionRequest: Sendable, Hashable {
    /// The instance.
    public var model: ModelSpecifier
    /// What the model continues.
    public var input: Input
    /// How.
    public var config: PredictionConfig

    /// What a model continues.
    public enum Input: Sendable, Hashable {
        /// Text as it is, without a template.
        case text(String)
    }

    /// Makes a request.
    public init(model: ModelSpecifier, input: Input, config: PredictionConfig = PredictionConfig())
    {
        self.model = model
        self.input = input
        self.config = config
    }
}
