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
/// Models stay loaded as long as the host lives, or until they are unloaded.
public final class LocalHost: ModelHost {
    struct State {
        var instances: [ModelInstance] = []
        var loads: [LoadOperation] = []
    }

    let store: ModelStore
    let state = Mutex(State())

    /// Makes a host.
    ///
    /// - Parameters:
    ///   - models: directory the models lie in, as `publisher/repository/file.gguf`; `nil`: that of the
    ///     `LMSTUDIO_MODELS_DIR` environment variable, else `~/.lmstudio/models`. It need not exist.
    ///   - logger: receives llama.cpp's log lines of the whole process; `nil`: they are dropped.
    public init(models: String? = nil, logger: Logger? = nil) {
        store = ModelStore(directory: models)
        if let logger { LlamaLog.send(to: logger) }
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
    public func unload(_ model: ModelSpecifier) async throws(LMStudioError) {
        let instance = try state.withLock { state throws(LMStudioError) in
            let instance = try Self.find(model, in: state.instances)
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

    /// LM Studio's defaults, and the seed that the model was loaded with.
    public func basePredictionConfig(
        _ model: ModelSpecifier
    ) async throws(LMStudioError) -> PredictionConfig {
        PredictionConfig(seed: try instance(model).loadConfig.seed)
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
            version: "0.1.0",
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
        try instance(model).model.tokenize(text)
    }

    /// Starts a prediction; it waits its turn on the instance's own thread.
    public func predict(_ request: PredictionRequest, into channel: PredictionChannel) {
        do {
            try instance(request.model).submit(request, into: channel)
        } catch {
            channel.finish(.failure(error))
        }
    }

    private func instance(_ model: ModelSpecifier) throws(LMStudioError) -> ModelInstance {
        try state.withLock { state throws(LMStudioError) in
            try Self.find(model, in: state.instances)
        }
    }

    static func find(
        _ model: ModelSpecifier,
        in instances: [ModelInstance]
    ) throws(LMStudioError) -> ModelInstance {
        let found: ModelInstance? =
            switch model {
            case .instanceReference(let reference):
                instances.first { $0.info.instanceReference == reference }
            case .query(let query): first(query, in: instances)
            }
        guard let found else { throw notLoaded(model, instances) }
        return found
    }

    private static func first(
        _ query: ModelQuery,
        in instances: [ModelInstance]
    ) -> ModelInstance? {
        let fitting = instances.filter { instance in
            let model = instance.info.model
            return query.domain.map { $0 == model.domain } ?? true
                && query.vision.map { $0 == model.vision } ?? true
                && query.path.map { isStart($0, of: model.path) } ?? true
        }
        guard let name = query.identifier else { return fitting.first }
        return named(name, in: fitting)
    }

    /// A loaded identifier, else a model key, else the start of a stored path, ignoring case.
    static func named(_ name: String, in instances: [ModelInstance]) -> ModelInstance? {
        let folded = name.lowercased()
        return instances.first { $0.info.identifier.lowercased() == folded }
            ?? instances.first { $0.info.model.modelKey.lowercased() == folded }
            ?? instances.first { isStart(name, of: $0.info.model.path) }
    }

    /// Whether a path begins with another one, whole parts and ignoring case.
    private static func isStart(_ start: String, of path: String) -> Bool {
        (path.lowercased() + "/").hasPrefix(start.lowercased() + "/")
    }

    private static func notLoaded(
        _ model: ModelSpecifier,
        _ instances: [ModelInstance]
    ) -> LMStudioError {
        let loaded = instances.map(\.info.identifier)
        let sample = Array(loaded.prefix(5))
        let display: LMStudioErrorDetails.DisplayData
        let wanted: String
        switch model {
        case .instanceReference(let reference):
            wanted = "the instance \"\(reference)\" was unloaded"
            display = .specificModelUnloaded
        case .query(let query):
            wanted =
                switch query {
                case ModelQuery(): "no model is loaded"
                case ModelQuery(identifier: query.identifier):
                    "no loaded model is called \"\(query.identifier ?? "")\""
                default: "no loaded model is \(model)"
                }
            display = .noModelMatchingQuery(query, loaded: sample, total: loaded.count)
        }
        let names = loaded.map { "\"\($0)\"" }.joined(separator: ", ")
        return LMStudioError(
            .modelNotFound,
            "\(wanted); \(names.isEmpty ? "none is loaded" : "loaded: \(names)"), model() loads one",
            details: LMStudioErrorDetails(title: wanted, display: display)
        )
    }
}
