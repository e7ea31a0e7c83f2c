public import LMStudioCore

/// A loaded embedding model.
///
/// It names an instance and does not keep it loaded. Two are equal if they name the same one.
///
/// ```swift
/// let model = try await client.embedding.model()
/// let vectors = try await model.embed(["one text", "another"])
/// ```
public struct EmbeddingModel: InstanceHandle {
    package let client: LMStudioClient
    /// The instance's name.
    public let identifier: String
    var specifier: ModelSpecifier { .identifier(identifier, .embedding) }

    package init(client: LMStudioClient, identifier: String) {
        self.client = client
        self.identifier = identifier
    }

    /// Computes the vector of a text.
    ///
    /// - Parameters:
    ///   - text: the text; an empty one has a vector too with most models.
    ///   - timeouts: how long it may take, and be silent; `nil`: the client's.
    /// - Returns: a vector of length 1 and of the model's width.
    /// - Throws: as `embed(_:timeouts:)` of several.
    public func embed(
        _ text: String,
        timeouts: Timeouts? = nil
    ) async throws(LMStudioError) -> [Float] {
        let vectors = try await embed([text], timeouts: timeouts)
        guard let vector = vectors.first else {
            throw LMStudioError(.internal, "the host gave no vector for a text")
        }
        return vector
    }

    /// Computes the vectors of texts, many of them at once.
    ///
    /// Cancelling the task stops the work.
    ///
    /// - Parameters:
    ///   - texts: any number of them; for none nobody is asked.
    ///   - timeouts: how long it may take, and be silent; `nil`: the client's.
    /// - Returns: a vector of length 1 for each text, in their order, all of the model's width.
    /// - Throws: `.invalidArgument` naming the text that is longer than the context, or has no tokens;
    ///   `.modelNotFound` if no embedding model of the name is loaded; `.engine`; `.cancelled`.
    public func embed(
        _ texts: [String],
        timeouts: Timeouts? = nil
    ) async throws(LMStudioError) -> [[Float]] {
        if texts.isEmpty { return [] }
        return try await call(timeouts, "computing the vectors") {
            host,
            model throws(LMStudioError) in
            try await host.embed(texts, with: model)
        }
    }

    /// The tokens of a text, as the model reads it: with those that it puts round each.
    public func tokenize(
        _ text: String,
        timeouts: Timeouts? = nil
    ) async throws(LMStudioError) -> [Int32] {
        try await split(text, timeouts)
    }

    /// The number of tokens of a text, which must not be more than the context's.
    public func countTokens(
        _ text: String,
        timeouts: Timeouts? = nil
    ) async throws(LMStudioError) -> Int {
        try await count(text, timeouts)
    }

    /// What the instance is.
    public func info(timeouts: Timeouts? = nil) async throws(LMStudioError) -> ModelInstanceInfo {
        try await askInfo(timeouts)
    }

    /// How the instance was loaded, defaults filled in.
    public func loadConfig(timeouts: Timeouts? = nil) async throws(LMStudioError) -> LoadConfig {
        try await askLoadConfig(timeouts)
    }

    /// The context it was loaded with: the most tokens of a text.
    public func contextLength(timeouts: Timeouts? = nil) async throws(LMStudioError) -> Int {
        try await info(timeouts: timeouts).contextLength
    }

    /// Takes the instance out of memory; calls under way fail with `.modelNotFound`.
    public func unload(timeouts: Timeouts? = nil) async throws(LMStudioError) {
        try await client.embedding.unload(identifier, timeouts: timeouts)
    }
}

extension EmbeddingModel: Hashable {
    /// Whether both name the same instance of the same client.
    public static func == (a: EmbeddingModel, b: EmbeddingModel) -> Bool {
        a.client === b.client && a.identifier == b.identifier
    }

    /// Hashes the client's identity and the identifier.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(ObjectIdentifier(client))
        hasher.combine(identifier)
    }
}
