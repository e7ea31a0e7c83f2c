public import LMStudioCore

extension ModelNamespace {
    /// What loading a model would take, without loading it.
    ///
    /// - Parameters:
    ///   - key: key, path or unique part of a key; `nil`: the only one on disk, else, for language
    ///     models, the starter model.
    ///   - config: how it would be loaded.
    ///   - timeouts: how long it may take; `nil`: the client's.
    /// - Returns: the memory, how far that is to be trusted, and whether there is room.
    /// - Throws: `.modelNotFound`; `.invalidArgument` if an option is out of its range; `.engine` if the
    ///   file is damaged; `.unsupported` if the host makes no estimates.
    public func estimateUsage(
        _ key: String? = nil,
        config: LoadConfig = LoadConfig(),
        timeouts: Timeouts? = nil
    ) async throws(LMStudioError) -> UsageEstimate {
        let request = LoadRequest(model: key, config: config, domain: Model.domain)
        return try await client.estimateUsage(request, timeouts)
    }
}

extension LMStudioClient {
    /// What a load would take.
    package func estimateUsage(
        _ request: LoadRequest,
        _ timeouts: Timeouts? = nil
    ) async throws(LMStudioError) -> UsageEstimate {
        try await limited(by: timeouts, doing: "estimating the memory") {
            host throws(LMStudioError) in
            try await host.estimateUsage(request)
        }
    }
}
