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

    /// The loaded instances for one purpose, in the order they were loaded.
    func listLoaded(_ domain: ModelDomain) async throws(LMStudioError) -> [ModelInstanceInfo]

    /// Gets an instance that is loaded, or loads one.
    ///
    /// Cancelling the task stops the load, unless somebody else waits for the same one.
    ///
    /// - Parameters:
    ///   - request: which model, and how.
    ///   - report: receives the steps; of an instance that was loaded before, nothing but a progress of 1.
    /// - Returns: the instance.
    /// - Throws: `.modelNotFound`, `.engine`, `.invalidArgument`, `.unsupported` or `.cancelled`.
    func load(
        _ request: LoadRequest,
        report: @escaping @Sendable (LoadEvent) -> Void
    ) async throws(LMStudioError) -> ModelInstanceInfo

    /// What a load would take, without loading.
    ///
    /// - Throws: what `load` throws; `.unsupported` if this host makes no estimates.
    func estimateUsage(_ request: LoadRequest) async throws(LMStudioError) -> UsageEstimate

    /// Takes an instance out of memory; its running predictions end with `.modelUnloaded`.
    func unload(_ model: ModelSpecifier) async throws(LMStudioError)

    /// What an instance is.
    func instanceInfo(_ model: ModelSpecifier) async throws(LMStudioError) -> ModelInstanceInfo

    /// How an instance was loaded, defaults filled in.
    func loadConfig(_ model: ModelSpecifier) async throws(LMStudioError) -> LoadConfig

    /// The options that a prediction of an instance is made with where it names none.
    func basePredictionConfig(
        _ model: ModelSpecifier
    ) async throws(LMStudioError) -> PredictionConfig

    /// What an instance is doing.
    func processingState(_ model: ModelSpecifier) async throws(LMStudioError) -> ProcessingState

    /// The tokens of a text, as a prompt would be split: with the model's own leading token.
    func tokenize(_ text: String, with model: ModelSpecifier) async throws(LMStudioError) -> [Int32]

    /// The number of tokens that `tokenize` gives.
    func countTokens(_ text: String, with model: ModelSpecifier) async throws(LMStudioError) -> Int

    /// The text that a chat becomes before a model continues it.
    ///
    /// - Parameters:
    ///   - chat: at least one message.
    ///   - config: of its options those count that concern templates.
    ///   - options: what is left out or added.
    ///   - model: the instance.
    /// - Returns: the text.
    /// - Throws: `.modelNotFound`; `.invalidArgument` if the chat or the template is faulty, naming the
    ///   template's line; `.unsupported`.
    func applyPromptTemplate(
        _ chat: Chat,
        config: PredictionConfig,
        options: PromptTemplateOptions,
        with model: ModelSpecifier
    ) async throws(LMStudioError) -> String

    /// The vectors of texts, each of length 1; its direction tells what a text is about.
    ///
    /// The whole text counts; one that is longer than the instance's context is refused, not cut.
    /// Cancelling the task ends the work.
    ///
    /// - Parameters:
    ///   - texts: what to compute the vectors of; an empty one has a vector too, where the model puts
    ///     tokens of its own round a text.
    ///   - model: the instance, of an embedding model.
    /// - Returns: a vector for each text, in their order, all of the model's width.
    /// - Throws: `.invalidArgument` naming the text that is too long, or that has no tokens;
    ///   `.modelNotFound` if no such embedding model is loaded; `.engine`; `.cancelled`;
    ///   `.unsupported` if this host has no embedding models.
    func embed(
        _ texts: [String],
        with model: ModelSpecifier
    ) async throws(LMStudioError) -> [[Float]]

    /// Gets a draft model ready to guess for an instance, so that the first prediction does not wait for it.
    ///
    /// - Parameters:
    ///   - key: its key or identifier, as in ``SpeculativeDecoding/draftModel``.
    ///   - model: the instance.
    /// - Throws: `.modelNotFound`; `.invalidArgument` if it cannot guess for the instance; `.unsupported`
    ///   if this host has no draft models; what loading throws.
    func preloadDraftModel(
        _ key: String,
        for model: ModelSpecifier
    ) async throws(LMStudioError)

    /// Starts a prediction. It does not wait: what goes wrong from here on comes through the channel.
    ///
    /// - Parameters:
    ///   - request: what to predict, with which model, and how.
    ///   - channel: receives the events and the end, and tells the producer when to stop.
    func predict(_ request: PredictionRequest, into channel: PredictionChannel)

    /// Reads a prompt and saves what the model keeps of it.
    ///
    /// - Parameters:
    ///   - request: the prompt, the model and, for chats, the options that concern templates.
    ///   - path: the file, which takes the place of one that is there in one step.
    /// - Returns: the prompt's tokens.
    /// - Throws: `.unsupported` if this host saves no caches; `.invalidArgument` if the file cannot be
    ///   written; what a prediction throws.
    func saveCache(
        of request: PredictionRequest,
        to path: String
    ) async throws(LMStudioError)
        -> Int

    /// Gives an instance back what `saveCache` saved; a file that is not the instance's own is ignored.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - model: the instance.
    /// - Returns: how many tokens it was of use for, or why it was of none.
    /// - Throws: `.unsupported` if this host loads no caches; `.modelNotFound`.
    func loadCache(
        from path: String,
        with model: ModelSpecifier
    ) async throws(LMStudioError) -> LoadedCache

    /// Looks for options that this host cannot honour.
    ///
    /// - Returns: a warning for each that only concerns speed or placement.
    /// - Throws: `.unsupported` naming an option without which the text would be another one.
    func review(_ config: PredictionConfig) throws(LMStudioError) -> [String]

    /// Looks for load options that this host cannot honour; as for predictions.
    func review(_ config: LoadConfig) throws(LMStudioError) -> [String]

    /// Takes a file, to be a part of chats.
    ///
    /// - Parameters:
    ///   - content: its bytes.
    ///   - name: its name, without a directory.
    /// - Returns: what stands for it in a chat, as long as this host keeps it; a server does so until
    ///   the client leaves.
    /// - Throws: `.unsupported` if this host takes no files; what the server says.
    func upload(_ content: [UInt8], named name: String) async throws(LMStudioError) -> ChatFile

    /// Whether chats bring the bytes of their files along, as ``ChatFile/content``.
    ///
    /// Who speaks for a user then keeps the user's files; other hosts are handed them by `upload`.
    var readsFileContent: Bool { get }

    /// What this host is.
    func describe() async throws(LMStudioError) -> HostDescription

    /// Longest silence of this host that a call puts up with unless told otherwise; `nil`: any.
    var defaultIdleTimeout: Duration? { get }

    /// Whether calls that wait for one answer look after `Patience.current` themselves.
    ///
    /// Those of other hosts are watched from outside, which takes two tasks for each.
    var keepsPatience: Bool { get }

    /// Where a task that waits for this host changes threads the least.
    ///
    /// - Parameter beginsHere: whether the task is to begin on the thread that makes it, at once; the
    ///   executor is for one task then.
    /// - Returns: its executor; `nil`: any will do.
    func taskExecutor(beginsHere: Bool) -> (any TaskExecutor)?

    /// Ends its work and lets go of what it holds; called by the last client.
    func close()
}

/// One step of getting a model.
public enum LoadEvent: Sendable, Hashable {
    /// Another instance, which nobody asked to stay, is unloaded to make room.
    case unloadingOther(ModelInstanceInfo)
    /// What is about to be loaded; `ambiguous`: the keys of all models that fit the name, if several do.
    case loading(ModelInfo, identifier: String, ambiguous: [String])
    /// The share that is done, 0…1, rising.
    case progress(Double)
}

/// What an instance is doing.
public struct ProcessingState: Sendable, Hashable {
    /// What it does at the moment.
    public var status: Status
    /// Predictions in hand, the running ones included.
    public var queued: Int

    /// What an instance does; the raw values are LM Studio's.
    public enum Status: String, Sendable {
        /// Nothing.
        case idle
        /// Reading a prompt.
        case processingPrompt
        /// Writing.
        case generating
        /// Computing vectors.
        case computingEmbedding
    }

    /// Makes a state.
    public init(status: Status, queued: Int) {
        self.status = status
        self.queued = queued
    }
}

/// What a host is.
public struct HostDescription: Sendable, Hashable {
    /// Its version, `x.y.z`.
    public var version: String
    /// Number of its build.
    public var build: Int
    /// Its process's number.
    public var processIdentifier: Int
    /// Whether it runs without a window.
    public var isDaemon: Bool

    /// Makes a description.
    public init(version: String, build: Int, processIdentifier: Int, isDaemon: Bool) {
        self.version = version
        self.build = build
        self.processIdentifier = processIdentifier
        self.isDaemon = isDaemon
    }
}
