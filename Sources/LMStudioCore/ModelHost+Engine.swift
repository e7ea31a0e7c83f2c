// What only hosts do that run an engine of their own, or whose server tells of its engine.
extension ModelHost {
    /// Refused: not every host knows what its models take.
    public func estimateUsage(_ request: LoadRequest) async throws(LMStudioError) -> UsageEstimate {
        throw LMStudioError(.unsupported, "what models take is not estimated at \(address)")
    }

    /// Refused: not every host has draft models.
    public func preloadDraftModel(
        _ key: String,
        for model: ModelSpecifier
    ) async throws(LMStudioError) {
        throw LMStudioError(.unsupported, "draft models do not run at \(address)")
    }

    /// Refused: LM Studio's protocol has no call for it.
    public func saveCache(
        of request: PredictionRequest,
        to path: String
    ) async throws(LMStudioError) -> Int {
        throw noCaches
    }

    /// Refused: LM Studio's protocol has no call for it.
    public func loadCache(
        from path: String,
        with model: ModelSpecifier
    ) async throws(LMStudioError) -> LoadedCache {
        throw noCaches
    }

    private var noCaches: LMStudioError {
        LMStudioError(
            .unsupported,
            "caches are not saved and loaded at \(address): LM Studio's protocol has no call for it; "
                + "use a model in this process (local:)"
        )
    }
}
