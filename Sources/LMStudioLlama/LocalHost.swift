import CLMStudio
public import LMStudioCore
public import Logging
import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Models in this process, run by llama.cpp.
///
/// Models stay loaded as long as the host lives, or until they are unloaded: by a call, or because
/// they were idle for their time to live. A model that was loaded for whoever needed it, with a time
/// to live, also makes room when another one needs the memory, and comes back when it is used again.
public final class LocalHost: ModelHost {
    struct State {
        var instances: [ModelInstance] = []
        var loads: [LoadOperation] = []
        /// How to get back what had to make room, by identifier in lower case.
        var evicted: [String: LoadRequest] = [:]

        /// Takes an instance from the list, and notes how to get it back.
        mutating func evict(_ instance: ModelInstance) {
            instances.removeAll { $0 === instance }
            evicted[instance.identifier.lowercased()] = instance.order.request
        }
    }

    let store: ModelStore
    let state = Mutex(State())
    let clock: HostClock
    let memory: MemoryBudget

    /// Makes a host.
    ///
    /// - Parameters:
    ///   - models: directory the models lie in, as `publisher/repository/file.gguf`; `nil`: that of the
    ///     `LMSTUDIO_MODELS_DIR` environment variable, else `~/.lmstudio/models`. It need not exist.
    ///   - logger: receives llama.cpp's log lines of the whole process; `nil`: they are dropped.
    public convenience init(models: String? = nil, logger: Logger? = nil) {
        self.init(models: models, clock: .system, memory: .system)
        if let logger { LlamaLog.send(to: logger) }
    }

    /// Makes a host with a time and a memory of its own.
    init(models: String? = nil, clock: HostClock = .system, memory: MemoryBudget) {
        store = ModelStore(directory: models)
        self.clock = clock
        self.memory = memory
    }

    private struct Shared {
        weak var host: LocalHost?
    }

    private static let shared = Mutex<[String: Shared]>([:])

    /// The process's host for a directory, made when nobody has one, gone when nobody has it any more.
    ///
    /// - Parameter models: as in `init(models:logger:)`.
    /// - Returns: a host whose models all callers share.
    public static func shared(models: String? = nil) -> LocalHost {
        let directory = ModelStore(directory: models).directory
        return shared.withLock { hosts in
            if let host = hosts[directory]?.host { return host }
            let host = LocalHost(models: models)
            hosts = hosts.filter { $0.value.host != nil }
            hosts[directory] = Shared(host: host)
            return host
        }
    }

    /// Yes: chats bring the bytes of their files.
    public var readsFileContent: Bool { true }

    /// `local:` and the directory.
    public var address: HostAddress { .local(models: store.directory) }

    /// The models in the directory, sorted by key; files that are no models are left out.
    public func listDownloaded() async throws(LMStudioError) -> [ModelInfo] {
        try store.scan().map(\.info)
    }

    /// The loaded instances, in the order they were loaded.
    public func listLoaded() async throws(LMStudioError) -> [ModelInstanceInfo] {
        state.withLock { $0.instances.map(\.info) }
    }

    /// Takes an instance out of memory; its running predictions end with `.modelUnloaded`.
    ///
    /// - Throws: `.modelNotFound` if none is loaded that fits.
    public func unload(_ model: ModelSpecifier) async throws(LMStudioError) {
        let instance = try state.withLock { state throws(LMStudioError) in
            let instance: ModelInstance
            if case .query(let query) = model, let name = query.identifier,
                query == ModelQuery(domain: query.domain, identifier: name)
            {
                state.evicted[name.lowercased()] = nil
                // By nothing else than its name: another instance of the model stays.
                guard let named = Self.called(name, in: state.instances) else {
                    throw Self.identifierNotFound(name, state.instances)
                }
                if let domain = query.domain { try named.info.check(domain) }
                instance = named
            } else {
                instance = try Self.find(model, in: state.instances)
            }
            state.instances.removeAll { $0 === instance }
            return instance
        }
        await instance.stop()
    }

    /// What an instance is.
    public func instanceInfo(
        _ model: ModelSpecifier
    ) async throws(LMStudioError) -> ModelInstanceInfo {
        try instance(model).info
    }

    /// How an instance was loaded, defaults filled in.
    public func loadConfig(_ model: ModelSpecifier) async throws(LMStudioError) -> LoadConfig {
        try instance(model).loadConfig
    }

    /// LM Studio's defaults, and what the model was loaded with: the seed, and how it guesses.
    public func basePredictionConfig(
        _ model: ModelSpecifier
    ) async throws(LMStudioError) -> PredictionConfig {
        let load = try instance(model).loadConfig
        var config = PredictionConfig(seed: load.seed)
        config.speculativeDecoding = SpeculativeDecoding().filled(by: load.drafting)
        return config
    }

    /// What an instance is doing.
    public func processingState(
        _ model: ModelSpecifier
    ) async throws(LMStudioError) -> ProcessingState {
        try instance(model).processingState
    }

    /// What this process is.
    public func describe() async throws(LMStudioError) -> HostDescription {
        HostDescription(
            version: LMS_VERSION_STRING,
            build: 1,
            processIdentifier: Int(getpid()),
            isDaemon: true
        )
    }

    /// The tokens of a text, as a prompt would be split: with the model's own leading token.
    public func tokenize(
        _ text: String,
        with model: ModelSpecifier
    ) async throws(LMStudioError) -> [Int32] {
        let instance = try await use(model)
        defer { endUse(of: instance) }
        return try await instance.tokenize(text)
    }

    /// The vectors of texts, many of them computed at once.
    ///
    /// The model is loaded again first if it had to make room for another one.
    public func embed(
        _ texts: [String],
        with model: ModelSpecifier
    ) async throws(LMStudioError) -> [[Float]] {
        let instance = try await use(model)
        defer { endUse(of: instance) }
        return try await instance.embed(texts)
    }

    /// Starts a prediction; it waits its turn on the instance's own thread.
    ///
    /// The model is loaded again first if it had to make room for another one.
    public func predict(_ request: PredictionRequest, into channel: PredictionChannel) {
        // A large schema takes a moment, which is not the caller's.
        let isQuick =
            request.config.tools.isEmpty
            && request.config.structured.map { AnswerForm.isKnown($0) } ?? true
        guard !isQuick else { return begin(request, into: channel) }
        Task { begin(request, into: channel) }
    }

    private func begin(_ request: PredictionRequest, into channel: PredictionChannel) {
        let loaded: ModelInstance?
        do throws(LMStudioError) {
            _ = try review(request.config)
            if let name = request.preset { throw Self.presetNotFound(name) }
            loaded = try useLoaded(request.model)
        } catch {
            return channel.finish(.failure(error))
        }
        if let loaded {
            let request = request.filled(for: loaded)
            if request.config.speculativeDecoding.draftModel == nil {
                return predict(request, with: loaded, into: channel)
            }
        }
        Task {
            // What is to be loaded for nobody is not.
            let loading = Task { await useModels(of: request, loaded) }
            channel.onStop { loading.cancel() }
            switch await loading.value {
            case .success(let (instance, draft)):
                predict(request.filled(for: instance), with: instance, draft: draft, into: channel)
            case .failure(let error): channel.finish(.failure(error))
            }
        }
    }

    /// Starts a prediction of an instance that is in use, which ends with it.
    func predict(
        _ request: PredictionRequest,
        with instance: ModelInstance,
        draft: ModelInstance? = nil,
        into channel: PredictionChannel
    ) {
        let end: @Sendable () -> Void = { [weak self, weak instance, weak draft] in
            for used in [instance, draft] {
                guard let used else { continue }
                if let self { endUse(of: used) } else { used.usage.end() }
            }
        }
        let guesser = draft?.draft
        switch request.input {
        case .text where !request.config.offeredTools.isEmpty:
            end()
            channel.finish(
                .failure(
                    LMStudioError(
                        .invalidArgument,
                        "a completion cannot call rawTools; use respond, with a chat"
                    )
                )
            )
        case .text(let text):
            let prompt = PreparedPrompt(
                text: text,
                stopStrings: request.config.stopStrings,
                splitter: request.config.reasoningParsing?.splitter(
                    after: text,
                    hasForm: request.config.structured != nil
                ),
                plan: request.config.answerPlan(nil, thinking: .none),
                draft: guesser
            )
            instance.submit(request, prompt: prompt, into: channel, onEnd: end)
        case .chat(let chat):
            // A template may take its time, which is not the caller's.
            Task {
                do throws(LMStudioError) {
                    var prompt = try instance.prompt(of: chat, config: request.config)
                    prompt.draft = guesser
                    instance.submit(request, prompt: prompt, into: channel, onEnd: end)
                } catch {
                    end()
                    channel.finish(.failure(error))
                }
            }
        }
    }

    /// The text that a chat becomes before a model continues it.
    public func applyPromptTemplate(
        _ chat: Chat,
        config: PredictionConfig,
        options: PromptTemplateOptions,
        with model: ModelSpecifier
    ) async throws(LMStudioError) -> String {
        let instance = try await use(model)
        defer { endUse(of: instance) }
        return try instance.model.text(of: chat, config: config, options: options)
    }

    private static func presetNotFound(_ name: String) -> LMStudioError {
        LMStudioError(
            .presetNotFound,
            "there is no preset \(name.quoted): models in this process have none; leave it out, and give its options instead",
            details: LMStudioErrorDetails(
                title: "there is no preset \(name.quoted)",
                display: .presetNotFound(name)
            )
        )
    }

    private func instance(_ model: ModelSpecifier) throws(LMStudioError) -> ModelInstance {
        try state.withLock { state throws(LMStudioError) in
            try Self.find(model, in: state.instances)
        }
    }
}
