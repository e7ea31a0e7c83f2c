public import LMStudioCore

/// The language models of a client.
public struct LLMNamespace: Sendable {
    let client: LMStudioClient

    /// Gets a model: a loaded one if there is one, else one from disk.
    ///
    /// Cancelling the task stops the load.
    ///
    /// - Parameters:
    ///   - key: key, identifier, path or unique part of a key; `nil`: any loaded model, else the only
    ///     one on disk, else the starter model.
    ///   - config: how to load it; without effect on one that is loaded.
    ///   - ttl: idle time after which it may go; `nil`: none.
    ///   - timeouts: how long to wait; `nil`: the client's. Progress is a sign of life.
    ///   - onLoadProgress: receives the share done, rising to 1; just 1 if it is loaded.
    /// - Returns: a handle for the instance.
    /// - Throws: `.modelNotFound`, which lists near keys; `.engine` if the file is damaged or too large
    ///   for the memory; `.invalidArgument` if an option is out of its range; `.cancelled`.
    public func model(
        _ key: String? = nil,
        config: LoadConfig = LoadConfig(),
        ttl: Duration? = nil,
        timeouts: Timeouts? = nil,
        onLoadProgress: (@Sendable (Double) -> Void)? = nil
    ) async throws(LMStudioError) -> LLM {
        let request = LoadRequest(model: key, config: config, timeToLive: ttl)
        return try await load(request, timeouts: timeouts) {
            $0.progress.map { onLoadProgress?($0) }
        }
    }

    /// Loads another instance of a model.
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
    ) async throws(LMStudioError) -> LLM {
        let request = LoadRequest(
            model: key,
            identifier: identifier,
            config: config,
            timeToLive: ttl,
            reusesLoaded: false
        )
        return try await load(request, timeouts: timeouts) {
            $0.progress.map { onLoadProgress?($0) }
        }
    }

    /// Loads what a request says, telling every step.
    package func load(
        _ request: LoadRequest,
        timeouts: Timeouts? = nil,
        report: @escaping @Sendable (LoadEvent) -> Void
    ) async throws(LMStudioError) -> LLM {
        let info = try await client.load(request, timeouts: timeouts, report: report)
        return LLM(client: client, identifier: info.identifier)
    }

    /// Takes an instance out of memory; its running predictions end with `.modelUnloaded`.
    ///
    /// - Throws: `.modelNotFound` if none is called so.
    public func unload(
        _ identifier: String,
        timeouts: Timeouts? = nil
    ) async throws(LMStudioError) {
        try await client.unload(.identifier(identifier), timeouts)
    }

    /// The loaded language models, in the order they were loaded.
    public func listLoaded(timeouts: Timeouts? = nil) async throws(LMStudioError) -> [LLM] {
        try await client.listLoaded(.llm, timeouts).map { LLM(client: client, identifier: $0) }
    }

    /// The language models on disk, sorted by key.
    public func listDownloaded(
        timeouts: Timeouts? = nil
    ) async throws(LMStudioError) -> [ModelInfo] {
        try await client.listDownloaded(.llm, timeouts)
    }
}
