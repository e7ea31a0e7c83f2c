import LMStudio

// What the facade is to offer; goes when it does.

extension LMStudioClient {
    func limited<Value: Sendable>(
        by timeouts: Timeouts?,
        doing what: String,
        _ work: @escaping @Sendable (any ModelHost) async throws(LMStudioError) -> Value
    ) async throws(LMStudioError) -> Value {
        try await work(try host())
    }

    func start(
        _ request: PredictionRequest,
        into channel: PredictionChannel,
        timeouts: Timeouts?
    ) throws(LMStudioError) {
        try start(request, into: channel)
    }
}

extension LLM {
    func info(timeouts: Timeouts?) async throws(LMStudioError) -> ModelInstanceInfo {
        try await info()
    }
    func loadConfig(timeouts: Timeouts?) async throws(LMStudioError) -> LoadConfig {
        try await loadConfig()
    }
    func tokenize(_ text: String, timeouts: Timeouts?) async throws(LMStudioError) -> [Int32] {
        try await tokenize(text)
    }
    func unload(timeouts: Timeouts?) async throws(LMStudioError) { try await unload() }
    func completionRequest(
        _ prompt: String,
        config: PredictionConfig,
        preset: String?
    ) throws(LMStudioError) -> PredictionRequest {
        var request = try completionRequest(prompt, config: config)
        request.preset = preset
        return request
    }
}

extension LLMNamespace {
    func load(
        _ request: LoadRequest,
        timeouts: Timeouts?,
        report: @escaping @Sendable (LoadEvent) -> Void
    ) async throws(LMStudioError) -> LLM {
        try await load(request) { report(.progress($0)) }
    }
}

extension PredictionChannel {
    func takeAll(into events: inout [PredictionEvent]) throws(LMStudioError) -> Next {
        let next = try next()
        if case .event(let event) = next { events.append(event) }
        return next
    }
}

enum ServerDiscovery {
    static func isServer(at address: HostAddress, within patience: Duration) async -> Bool { false }
    static func find(within patience: Duration) async -> HostAddress? { nil }
}
