public import LMStudioCore

/// The models of one kind that a client can reach: `client.llm` and `client.embedding`.
public struct ModelNamespace<Model: LoadedModel>: Sendable {
    let client: LMStudioClient

    /// Gets a model: a loaded one if there is one, else one from disk.
    ///
    /// Cancelling the task stops the load.
    ///
    /// - Parameters:
    ///   - key: key, identifier, path or unique part of a key; `nil`: any loaded one, else the only one
    ///     on disk, else, for language models, the starter model.
    ///   - config: how to load it; without effect on one that is loaded.
    ///   - ttl: idle time after which it may go; `nil`: none.
    ///   - verify: whether a model that turns out to be loaded otherwise than `config` says is an error.
    ///   - timeouts: how long to wait; `nil`: the client's. Progress is a sign of life.
    ///   - onLoadProgress: receives the share done, rising to 1; just 1 if it is loaded.
    /// - Returns: a handle for the instance.
    /// - Throws: `.modelNotFound`, which lists near keys; `.engine` if the file is damaged or too large
    ///   for the memory; `.invalidArgument` if it is a model of the other kind, or an option is out of
    ///   its range; `.unsupported` if an embedding model gives no vectors; `.invalidState` with every
    ///   option that `verify` finds otherwise; `.cancelled`.
    public func model(
        _ key: String? = nil,
        config: LoadConfig = LoadConfig(),
        ttl: Duration? = nil,
        verify: Bool = false,
        timeouts: Timeouts? = nil,
        onLoadProgress: (@Sendable (Double) -> Void)? = nil
    ) async throws(LMStudioError) -> Model {
        let request = LoadRequest(
            model: key,
            config: config,
            domain: Model.domain,
            timeToLive: ttl,
            verifiesConfig: verify
        )
        return try await load(request, timeouts, onLoadProgress)
    }

    /// Loads another instance of a model.
    ///
    /// - Parameters:
    ///   - key: key, path or unique part of a key.
    ///   - identifier: the instance's name; `nil`: the key, or `key:2`, `key:3`… if that is taken.
    ///   - config: how to load it.
    ///   - ttl: idle time after which it may go; `nil`: none.
    ///   - verify: whether it is unloaded again, and an error thrown, if it is not loaded as `config` says.
    ///   - timeouts: how long to wait; `nil`: the client's. Progress is a sign of life.
    ///   - onLoadProgress: receives the share done, rising to 1.
    /// - Returns: a handle for the new instance.
    /// - Throws: as `model(_:config:ttl:verify:timeouts:onLoadProgress:)`; `.invalidArgument` if the identifier is taken.
    public func load(
        _ key: String,
        identifier: String? = nil,
        config: LoadConfig = LoadConfig(),
        ttl: Duration? = nil,
        verify: Bool = false,
        timeouts: Timeouts? = nil,
        onLoadProgress: (@Sendable (Double) -> Void)? = nil
    ) async throws(LMStudioError) -> Model {
        let request = LoadRequest(
            model: key,
            identifier: identifier,
            config: config,
            domain: Model.domain,
            timeToLive: ttl,
            reusesLoaded: false,
            verifiesConfig: verify
        )
        return try await load(request, timeouts, onLoadProgress)
    }

    private func load(
        _ request: LoadRequest,
        _ timeouts: Timeouts?,
        _ onLoadProgress: (@Sendable (Double) -> Void)?
    ) async throws(LMStudioError) -> Model {
        try await load(request, timeouts: timeouts) { event in
            if case .progress(let share) = event { onLoadProgress?(share) }
        }
    }

    /// Loads what a request says, telling every step.
    package func load(
        _ request: LoadRequest,
        timeouts: Timeouts? = nil,
        report: @escaping @Sendable (LoadEvent) -> Void
    ) async throws(LMStudioError) -> Model {
        let info = try await client.load(request, timeouts: timeouts, report: report)
        return Model(client: client, identifier: info.identifier)
    }

    /// Takes an instance out of memory.
    ///
    /// Its running predictions end with `.modelUnloaded`, other calls under way fail with
    /// `.modelNotFound`.
    ///
    /// - Throws: `.modelNotFound` if none is called so.
    public func unload(
        _ identifier: String,
        timeouts: Timeouts? = nil
    ) async throws(LMStudioError) {
        let model = ModelSpecifier.query(
            ModelQuery(domain: Model.domain, identifier: identifier)
        )
        try await client.limited(by: timeouts, doing: "unloading the model") {
            host throws(LMStudioError) in
            try await host.unload(model)
        }
    }

    /// The loaded models, in the order they were loaded.
    public func listLoaded(timeouts: Timeouts? = nil) async throws(LMStudioError) -> [Model] {
        let instances = try await client.limited(by: timeouts, doing: "listing the loaded models") {
            host throws(LMStudioError) in
            try await host.listLoaded(Model.domain)
        }
        return instances.map { Model(client: client, identifier: $0.identifier) }
    }

    /// The models on disk, sorted by key.
    public func listDownloaded(
        timeouts: Timeouts? = nil
    ) async throws(LMStudioError) -> [ModelInfo] {
        let models = try await client.limited(by: timeouts, doing: "listing the models on disk") {
            host throws(LMStudioError) in
            try await host.listDownloaded()
        }
        return models.filter { $0.domain == Model.domain }
    }
}
