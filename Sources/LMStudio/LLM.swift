public import LMStudioCore

/// A loaded language model.
///
/// It names an instance and does not keep it loaded. Two are equal if they name the same one.
public struct LLM: LoadedModel {
    /// Language models complete and answer text.
    public static let domain = ModelDomain.llm
    /// Where it is loaded.
    public let client: LMStudioClient
    /// The instance's name.
    public let identifier: String

    /// Names an instance; whether it is loaded, the first call finds out.
    public init(client: LMStudioClient, identifier: String) {
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
    ///   - preset: name of a preset on the server whose options lie beneath `config`.
    ///   - callbacks: told of the prompt's progress and the first token while this waits.
    ///   - timeouts: how long it may take, and be silent; `nil`: the client's.
    /// - Returns: the whole text, with statistics and configuration.
    /// - Throws: `.invalidArgument` if the prompt is empty or longer than the context, or an option out of
    ///   its range; `.modelNotFound` if the instance is not loaded; `.engine`; `.cancelled`.
    public func complete(
        _ prompt: String,
        config: PredictionConfig = PredictionConfig(),
        preset: String? = nil,
        callbacks: PredictionStream.Callbacks = .init(),
        timeouts: Timeouts? = nil
    ) async throws(LMStudioError) -> PredictionResult {
        try await completeStream(
            prompt,
            config: config,
            preset: preset,
            callbacks: callbacks,
            timeouts: timeouts
        ).result()
    }

    /// Starts to complete a prompt and returns the text as it comes.
    ///
    /// - Parameters:
    ///   - prompt: what the model continues; not empty.
    ///   - config: how; the defaults are LM Studio's.
    ///   - preset: name of a preset on the server whose options lie beneath `config`.
    ///   - callbacks: told of the prompt's progress and the first token while the stream is iterated.
    ///   - timeouts: how long it may take, and be silent; `nil`: the client's.
    /// - Returns: a stream, whose iteration throws what `complete` does.
    /// - Throws: `.invalidArgument` if the prompt is empty or an option out of its range;
    ///   `.invalidState` if the client is closed.
    public func completeStream(
        _ prompt: String,
        config: PredictionConfig = PredictionConfig(),
        preset: String? = nil,
        callbacks: PredictionStream.Callbacks = .init(),
        timeouts: Timeouts? = nil
    ) throws(LMStudioError) -> PredictionStream {
        let request = try completionRequest(prompt, config: config, preset: preset)
        let channel = PredictionChannel()
        try client.start(request, into: channel, timeouts: timeouts)
        return PredictionStream(channel, callbacks: callbacks)
    }

    /// A checked request to continue a text, which `LMStudioClient.start(_:into:timeouts:)` takes.
    package func completionRequest(
        _ prompt: String,
        config: PredictionConfig,
        preset: String? = nil
    ) throws(LMStudioError) -> PredictionRequest {
        guard !prompt.isEmpty else {
            throw LMStudioError(
                .invalidArgument,
                "the prompt is empty; give at least one character"
            )
        }
        return try request(.text(prompt), config, preset)
    }

    func request(
        _ input: PredictionRequest.Input,
        _ config: PredictionConfig,
        _ preset: String?
    ) throws(LMStudioError) -> PredictionRequest {
        try config.validate()
        return PredictionRequest(
            model: .identifier(identifier),
            input: input,
            config: config,
            preset: preset
        )
    }

    /// Gets the model ready that is to guess for this one, so that the first prediction does not wait for it.
    ///
    /// - Parameters:
    ///   - key: its key or identifier, as in ``SpeculativeDecoding/draftModel``.
    ///   - timeouts: how long it may take, and be silent; `nil`: the client's.
    /// - Throws: `.modelNotFound`; `.invalidArgument` if it cannot guess for this model; what loading throws.
    public func preloadDraftModel(
        _ key: String,
        timeouts: Timeouts? = nil
    ) async throws(LMStudioError) {
        try await call(timeouts, "loading the draft model") { host, model throws(LMStudioError) in
            try await host.preloadDraftModel(key, for: model)
        }
    }
}
