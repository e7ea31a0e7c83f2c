public import LMStudioCore

/// A loaded embedding model.
///
/// It names an instance and does not keep it loaded. Two are equal if they name the same one.
///
/// ```swift
/// let model = try await client.embedding.model()
/// let vectors = try await model.embed(["one text", "another"])
/// ```
public struct EmbeddingModel: LoadedModel {
    /// Embedding models turn text into vectors.
    public static let domain = ModelDomain.embedding
    /// Where it is loaded.
    public let client: LMStudioClient
    /// The instance's name.
    public let identifier: String

    /// Names an instance; whether it is loaded, the first call finds out.
    public init(client: LMStudioClient, identifier: String) {
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
}
