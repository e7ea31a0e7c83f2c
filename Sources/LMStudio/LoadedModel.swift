public import LMStudioCore

/// A loaded model of either kind.
///
/// It names an instance and does not keep it loaded. Two are equal if they name the same instance of
/// the same client.
public protocol LoadedModel: Sendable, Hashable {
    /// What models of this type are for.
    static var domain: ModelDomain { get }
    /// Where it is loaded.
    var client: LMStudioClient { get }
    /// The instance's name.
    var identifier: String { get }

    /// Names an instance; whether it is loaded, the first call finds out.
    init(client: LMStudioClient, identifier: String)
}

extension LoadedModel {
    /// The tokens of a text, as the model reads it: with those that it puts before a prompt or, if it
    /// is for embeddings, round each text.
    public func tokenize(
        _ text: String,
        timeouts: Timeouts? = nil
    ) async throws(LMStudioError) -> [Int32] {
        try await call(timeouts, "splitting the text") { host, model throws(LMStudioError) in
            try await host.tokenize(text, with: model)
        }
    }

    /// The number of tokens of a text.
    public func countTokens(
        _ text: String,
        timeouts: Timeouts? = nil
    ) async throws(LMStudioError) -> Int {
        try await call(timeouts, "counting the tokens") { host, model throws(LMStudioError) in
            try await host.countTokens(text, with: model)
        }
    }

    /// What the instance is.
    public func info(timeouts: Timeouts? = nil) async throws(LMStudioError) -> ModelInstanceInfo {
        try await call(timeouts, "asking for the model's info") {
            host,
            model throws(LMStudioError) in
            try await host.instanceInfo(model)
        }
    }

    /// How the instance was loaded, defaults filled in.
    public func loadConfig(timeouts: Timeouts? = nil) async throws(LMStudioError) -> LoadConfig {
        try await call(timeouts, "asking for the load options") {
            host,
            model throws(LMStudioError) in
            try await host.loadConfig(model)
        }
    }

    /// The context it was loaded with, tokens; 0 if the server does not tell.
    public func contextLength(timeouts: Timeouts? = nil) async throws(LMStudioError) -> Int {
        try await info(timeouts: timeouts).contextLength
    }

    /// Takes the instance out of memory.
    ///
    /// Its running predictions end with `.modelUnloaded`, other calls under way fail with
    /// `.modelNotFound`.
    public func unload(timeouts: Timeouts? = nil) async throws(LMStudioError) {
        try await ModelNamespace<Self>(client: client).unload(identifier, timeouts: timeouts)
    }

    /// Calls the host about the instance, in the time that it may take.
    func call<Value: Sendable>(
        _ timeouts: Timeouts?,
        _ what: String,
        _ work:
            @escaping @Sendable (any ModelHost, ModelSpecifier) async throws(LMStudioError) ->
            Value
    ) async throws(LMStudioError) -> Value {
        let model = ModelSpecifier.identifier(identifier, Self.domain)
        return try await client.limited(by: timeouts, doing: what) { host throws(LMStudioError) in
            try await work(host, model)
        }
    }
}

extension LoadedModel {
    /// Whether both name the same instance of the same client.
    public static func == (a: Self, b: Self) -> Bool {
        a.client === b.client && a.identifier == b.identifier
    }

    /// Hashes the client's identity and the identifier.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(ObjectIdentifier(client))
        hasher.combine(identifier)
    }
}
