public import LMStudioCore

extension LLM {
    /// Answers a chat.
    ///
    /// The chat becomes text by the model's own template; in this process a model that has none gets
    /// ChatML, unless `config` holds another one. Cancelling the task stops the work.
    ///
    /// ```swift
    /// print(try await model.respond("What is the capital of France?"))
    /// ```
    ///
    /// - Parameters:
    ///   - chat: what was said until now; a string stands for one user message.
    ///   - config: how; the defaults are LM Studio's.
    ///   - preset: name of a preset on the server whose options lie beneath `config`.
    ///   - callbacks: told of the prompt's progress and the first token while this waits.
    ///   - timeouts: how long it may take, and be silent; `nil`: the client's.
    /// - Returns: the whole answer, its thinking apart, with statistics and configuration.
    /// - Throws: `.invalidArgument` if the chat is empty, faulty, or longer than the context, the template
    ///   is faulty, or an option out of its range; `.modelNotFound` if the instance is not loaded;
    ///   `.unsupported` for images if the model has no vision, and other files; `.engine`; `.cancelled`.
    public func respond(
        _ chat: Chat,
        config: PredictionConfig = PredictionConfig(),
        preset: String? = nil,
        callbacks: PredictionStream.Callbacks = .init(),
        timeouts: Timeouts? = nil
    ) async throws(LMStudioError) -> PredictionResult {
        try await respondStream(
            chat,
            config: config,
            preset: preset,
            callbacks: callbacks,
            timeouts: timeouts
        ).result()
    }

    /// Starts to answer a chat and returns the text as it comes.
    ///
    /// - Parameters:
    ///   - chat: what was said until now; a string stands for one user message.
    ///   - config: how; the defaults are LM Studio's.
    ///   - preset: name of a preset on the server whose options lie beneath `config`.
    ///   - callbacks: told of the prompt's progress and the first token while the stream is iterated.
    ///   - timeouts: how long it may take, and be silent; `nil`: the client's.
    /// - Returns: a stream, whose iteration throws what `respond` does.
    /// - Throws: `.invalidArgument` if the chat is empty or faulty, or an option out of its range;
    ///   `.invalidState` if the client is closed.
    public func respondStream(
        _ chat: Chat,
        config: PredictionConfig = PredictionConfig(),
        preset: String? = nil,
        callbacks: PredictionStream.Callbacks = .init(),
        timeouts: Timeouts? = nil
    ) throws(LMStudioError) -> PredictionStream {
        let request = try chatRequest(chat, config: config, preset: preset)
        let channel = PredictionChannel()
        try client.start(request, into: channel, timeouts: timeouts)
        return PredictionStream(channel, callbacks: callbacks)
    }

    /// A checked request to answer a chat, which `LMStudioClient.start(_:into:timeouts:)` takes.
    package func chatRequest(
        _ chat: Chat,
        config: PredictionConfig,
        preset: String? = nil
    ) throws(LMStudioError) -> PredictionRequest {
        try chat.validate()
        return try request(.chat(chat), config, preset)
    }

    /// The text that a chat becomes before the model continues it.
    ///
    /// - Parameters:
    ///   - chat: what was said until now; a string stands for one user message.
    ///   - config: of its options those count that concern templates.
    ///   - options: what is left out or added.
    ///   - timeouts: how long it may take, and be silent; `nil`: the client's.
    /// - Returns: the text, with the marks that ask for an answer at its end.
    /// - Throws: `.invalidArgument` if the chat is empty or faulty, or the template is, naming its line;
    ///   `.modelNotFound` if the instance is not loaded.
    public func applyPromptTemplate(
        _ chat: Chat,
        config: PredictionConfig = PredictionConfig(),
        options: PromptTemplateOptions = PromptTemplateOptions(),
        timeouts: Timeouts? = nil
    ) async throws(LMStudioError) -> String {
        try chat.validate()
        try config.validate()
        return try await call(timeouts, "applying the prompt template") {
            host,
            model throws(LMStudioError) in
            try await host.applyPromptTemplate(
                try client.attached(to: chat, for: host),
                config: config,
                options: options,
                with: model
            )
        }
    }
}
