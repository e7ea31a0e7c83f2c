// What hosts answer that cannot do more.
extension ModelHost {
    /// The loaded instances for one purpose, in the order they were loaded.
    public func listLoaded(
        _ domain: ModelDomain
    ) async throws(LMStudioError) -> [ModelInstanceInfo] {
        try await listLoaded().filter { $0.model.domain == domain }
    }

    /// The number of tokens that `tokenize` gives.
    public func countTokens(
        _ text: String,
        with model: ModelSpecifier
    ) async throws(LMStudioError) -> Int {
        try await tokenize(text, with: model).count
    }

    /// Refused: a host may have no templates.
    public func applyPromptTemplate(
        _ chat: Chat,
        config: PredictionConfig,
        options: PromptTemplateOptions,
        with model: ModelSpecifier
    ) async throws(LMStudioError) -> String {
        throw LMStudioError(.unsupported, "\(address) cannot apply prompt templates")
    }

    /// Refused: not every host has embedding models.
    public func embed(
        _ texts: [String],
        with model: ModelSpecifier
    ) async throws(LMStudioError) -> [[Float]] {
        throw LMStudioError(.unsupported, "embedding models do not run at \(address)")
    }

    /// Refused: not every host has draft models.
    public func preloadDraftModel(
        _ key: String,
        for model: ModelSpecifier
    ) async throws(LMStudioError) {
        throw LMStudioError(.unsupported, "draft models do not run at \(address)")
    }

    /// Nothing to say: what a host does not know, it leaves to those behind it.
    public func review(_ config: PredictionConfig) throws(LMStudioError) -> [String] { [] }

    /// Nothing to say: what a host does not know, it leaves to those behind it.
    public func review(_ config: LoadConfig) throws(LMStudioError) -> [String] { [] }

    /// Refused: not every host has a use for files.
    public func upload(
        _ content: [UInt8],
        named name: String
    ) async throws(LMStudioError) -> ChatFile {
        throw LMStudioError(.unsupported, "files are not taken at \(address)")
    }

    /// No.
    public var readsFileContent: Bool { false }

    /// None: what runs in this process needs no such guard.
    public var defaultIdleTimeout: Duration? { nil }

    /// No.
    public var keepsPatience: Bool { false }

    /// Anywhere.
    public func taskExecutor(beginsHere: Bool) -> (any TaskExecutor)? { nil }

    /// Nothing to do.
    public func close() {}

    /// Refused: not every host knows what its models take.
    public func estimateUsage(_ request: LoadRequest) async throws(LMStudioError) -> UsageEstimate {
        throw LMStudioError(.unsupported, "what models take is not estimated at \(address)")
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
