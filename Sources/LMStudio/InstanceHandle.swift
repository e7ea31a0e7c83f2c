import LMStudioCore

/// What the handles of loaded models share.
protocol InstanceHandle: Sendable, Hashable {
    var client: LMStudioClient { get }
    var identifier: String { get }
    /// How calls name the instance.
    var specifier: ModelSpecifier { get }
}

extension InstanceHandle {
    /// Calls the host about the instance, in the time that it may take.
    func call<Value: Sendable>(
        _ timeouts: Timeouts?,
        _ what: String,
        _ work:
            @escaping @Sendable (any ModelHost, ModelSpecifier) async throws(LMStudioError) ->
            Value
    ) async throws(LMStudioError) -> Value {
        let model = specifier
        return try await client.limited(by: timeouts, doing: what) { host throws(LMStudioError) in
            try await work(host, model)
        }
    }

    func askInfo(_ timeouts: Timeouts?) async throws(LMStudioError) -> ModelInstanceInfo {
        try await call(timeouts, "asking for the model's info") {
            host,
            model throws(LMStudioError) in
            try await host.instanceInfo(model)
        }
    }

    func askLoadConfig(_ timeouts: Timeouts?) async throws(LMStudioError) -> LoadConfig {
        try await call(timeouts, "asking for the load options") {
            host,
            model throws(LMStudioError) in
            try await host.loadConfig(model)
        }
    }

    func split(_ text: String, _ timeouts: Timeouts?) async throws(LMStudioError) -> [Int32] {
        try await call(timeouts, "splitting the text") { host, model throws(LMStudioError) in
            try await host.tokenize(text, with: model)
        }
    }

    func count(_ text: String, _ timeouts: Timeouts?) async throws(LMStudioError) -> Int {
        try await call(timeouts, "counting the tokens") { host, model throws(LMStudioError) in
            try await host.countTokens(text, with: model)
        }
    }
}
