public import LMStudioCore
public import Logging
import Synchronization

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
            case .any: instances.first
            case .instanceReference(let reference):
                instances.first { $0.info.instanceReference == reference }
            case .identifier(let name): named(name, in: instances)
            }
        guard let found else { throw notLoaded(model, instances) }
        return found
    }

    /// A loaded identifier, else a model key, else the start of a stored path, ignoring case.
    static func named(_ name: String, in instances: [ModelInstance]) -> ModelInstance? {
        let name = name.lowercased()
        return instances.first { $0.info.identifier.lowercased() == name }
            ?? instances.first { $0.info.model.modelKey.lowercased() == name }
            ?? instances.first { ($0.info.model.path.lowercased() + "/").hasPrefix(name + "/") }
    }

    private static func notLoaded(
        _ model: ModelSpecifier,
        _ instances: [ModelInstance]
    ) -> LMStudioError {
        let wanted =
            switch model {
            case .any: "no model is loaded"
            case .identifier(let name): "no loaded model is called \"\(name)\""
            case .instanceReference(let reference): "the instance \"\(reference)\" was unloaded"
            }
        let names = instances.map { "\"\($0.info.identifier)\"" }.joined(separator: ", ")
        return LMStudioError(
            .modelNotFound,
            "\(wanted); \(names.isEmpty ? "none is loaded" : "loaded: \(names)"), model() loads one"
        )
    }
}
