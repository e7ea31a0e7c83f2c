public import LMStudioCore

/// The embedding models of a client.
public struct EmbeddingNamespace: Sendable {
    let client: LMStudioClient

    /// Gets an embedding model: a loaded one if there is one, else one from disk.
    ///
    /// Cancelling the task stops the load.
    ///
    /// - Parameters:
    ///   - key: key, identifier, path or unique part of a key; `nil`: any loaded one, else the only one
    ///     on disk.
    ///   - config: how to load it; without effect on one that is loaded.
    ///   - ttl: idle time after which it may go; `nil`: none.
    ///   - timeouts: how long to wait; `nil`: the client's. Progress is a sign of life.
    ///   - onLoadProgress: receives the share done, rising to 1; just 1 if it is loaded.
    /// - Returns: a handle for the instance.
    /// - Throws: `.modelNotFound`, which lists near keys; `.engine` if the file is damaged or too large
    ///   for the memory; `.invalidArgument` if it is a language model, or an option is out of its range;
    ///   `.unsupported` if it gives no vectors; `.cancelled`.
    public func model(
        _ key: String? = nil,
        config: LoadConfig = LoadConfig(),
        ttl: Duration? = nil,
        timeouts: Timeouts? = nil,
        onLoadProgress: (@Sendable (Double) -> Void)? = nil
    ) async throws(LMStudioError) -> EmbeddingModel {
        let request = LoadRequest(model: key, config: config, domain: .embedding, timeToLive: ttl)
        return try await load(request, timeouts, onLoadProgress)
    }

    /// Loads another instance of an embedding model.
    ///
    /// - Parameters:
    ///   - key: key, path or unique part of a key.
    ///   - identifier: the instance's name; `nil`: the key, or `key:2`, `key:3`… if that is taken.
    ///   - config: how to load it.
    ///   - ttl: idle time after which it may go; `nil`: none.
    ///   - timeouts: how long to wait; `nil`: the client's. Progress is a sign of life.
    ///   - onLoadProgress: receives the share done, rising to 1.
    /// - Returns: a handle for the new instance.
    /// - Throws: as `model(_:config:ttl:onLoadProgress:)`; `.invalidArgument` if the identifier is taken.
    public func load(
        _ key: String,
        identifier: String? = nil,
        config: LoadConfig = LoadConfig(),
        ttl: Duration? = nil,
        timeouts: Timeouts? = nil,
        onLoadProgress: (@Sendable (Double) -> Void)? = nil
    ) async throws(LMStudioError) -> EmbeddingModel {
        let request = LoadRequest(
            model: key,
            identifier: identifier,
            config: config,
            domain: .embedding,
            timeToLive: ttl,
            reusesLoaded: false
        )
        return try await load(request, timeouts, onLoadProgress)
    }

    private func load(
        _ request: LoadRequest,
        _ timeouts: Timeouts?,
        _ onLoadProgress: (@Sendable (Double) -> Void)?
    ) async throws(LMStudioError) -> EmbeddingModel {
        let info = try await client.load(request, timeouts: timeouts) {
            $0.progress.map { onLoadProgress?($0) }
        }
        return EmbeddingModel(client: client, identifier: info.identifier)
    }

    /// Takes an instance out of memory; calls under way fail with `.modelNotFound`.
    ///
    /// - Throws: `.modelNotFound` if none is called so.
    public func unload(
        _ identifier: String,
        timeouts: Timeouts? = nil
    ) async throws(LMStudioError) {
        try await client.unload(.identifier(identifier, .embedding), timeouts)
    }

    /// The loaded embedding models, in the order they were loaded.
    public func listLoaded(
        timeouts: Timeouts? = nil
    ) async throws(LMStudioError) -> [EmbeddingModel] {
        try await client.listLoaded(.embedding, timeouts).map {
            EmbeddingModel(client: client, identifier: $0)
        }
    }

    /// The embedding models on disk, sorted by key.
    public func listDownloaded(
        timeouts: Timeouts? = nil
    ) async throws(LMStudioError) -> [ModelInfo] {
        try await client.listDownloaded(.embedding, timeouts)
    }
}
