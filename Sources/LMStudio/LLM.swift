public import LMStudioCore

/// A loaded language model.
///
/// It names an instance and does not keep it loaded. Two are equal if they name the same one.
public struct LLM: Sendable {
    package let client: LMStudioClient
    /// The instance's name.
    public let identifier: String

    package init(client: LMStudioClient, identifier: String) {
        self.client = client
        self.identifier = identifier
    }

    /// Completes a prompt: the text as it is, without a chat template.
    ///
    /// Cancelling the task stops the work.
    ///
    /// - Parameters:
    ///   - prompt: what the model continues; not empty.
    ///   - config: how; the defaults are LM Studio's.
    ///   - callbacks: told of the prompt's progress and the first token while this waits.
    /// - Returns: the whole text, with statistics and configuration.
    /// - Throws: `.invalidArgument` if the prompt is empty or longer than the context, or an option out of
    ///   its range; `.modelNotFound` if the instance is not loaded; `.engine`; `.cancelled`.
    public func complete(
        _ prompt: String,
        config: PredictionConfig = PredictionConfig(),
        callbacks: PredictionStream.Callbacks = .init()
    ) async throws(LMStudioError) -> PredictionResult {
        try await completeStream(prompt, config: config, callbacks: callbacks).result()
    }

    /// Starts to complete a prompt and returns the text as it comes.
    ///
    /// - Parameters:
    ///   - prompt: what the model continues; not empty.
    ///   - config: how; the defaults are LM Studio's.
    ///   - callbacks: told of the prompt's progress and the first token while the stream is iterated.
    /// - Returns: a stream, whose iteration throws what `complete` does.
    /// - Throws: `.invalidArgument` if the prompt is empty or an option out of its range;
    ///   `.invalidState` if the client is closed.
    public func completeStream(
        _ prompt: String,
        config: PredictionConfig = PredictionConfig(),
        callbacks: PredictionStream.Callbacks = .init()
    ) throws(LMStudioError) -> PredictionStream {
        let request = try completionRequest(prompt, config: config)
        let channel = PredictionChannel()
        try client.start(request, into: channel)
        return PredictionStream(channel, callbacks: callbacks)
    }

    /// A checked request that `LMStudioClient.start(_:into:)` takes.
    package func completionRequest(
        _ prompt: String,
        config: PredictionConfig
    ) throws(LMStudioError) -> PredictionRequest {
        guard !prompt.isEmpty else {
            throw LMStudioError(
                .invalidArgument,
                "the prompt is empty; give at least one character"
            )
        }
        try config.validate()
        return PredictionRequest(
            model: .identifier(identifier),
            input: .text(prompt),
            config: config
        )
    }

    /// The tokens of a text, as a prompt would be split: with the model's own leading token.
    public func tokenize(_ text: String) async throws(LMStudioError) -> [Int32] {
        try await client.host().tokenize(text, with: .identifier(identifier))
    }

    /// The number of tokens of a text.
    public func countTokens(_ text: String) async throws(LMStudioError) -> Int {
        try await tokenize(text).count
    }

    /// What the instance is.
    public func info() async throws(LMStudioError) -> ModelInstanceInfo {
        try await client.host().instanceInfo(.identifier(identifier))
    }

    /// How the instance was loaded, defaults filled in.
    public func loadConfig() async throws(LMStudioError) -> LoadConfig {
        try await client.host().loadConfig(.identifier(identifier))
    }

    /// The context it was loaded with, tokens.
    public func contextLength() async throws(LMStudioError) -> Int {
        try await info().contextLength
    }

    /// Takes the instance out of memory; its running predictions end with `.modelUnloaded`.
    public func unload() async throws(LMStudioError) {
        try await client.llm.unload(identifier)
    }
}

extension LLM: Hashable {
    /// Whether both name the same instance of the same client.
    public static func == (a: LLM, b: LLM) -> Bool {
        a.client === b.client && a.identifier == b.identifier
    }

    /// Hashes the client's identity and the identifier.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(ObjectIdentifier(client))
        hasher.combine(identifier)
    }
}
