public import LMStudioCore

extension LLM {
    /// What `completeMany`, `respondMany` and their kin tell on the way, from any thread.
    public struct BatchCallbacks: Sendable {
        /// Receives the place of a prompt, from 0, and the share of it that is processed, rising to 1.
        public var onPromptProgress: (@Sendable (_ index: Int, _ share: Double) -> Void)?
        /// Receives the place of a prompt and what became of it, in the order in which they end.
        public var onEnd:
            (@Sendable (_ index: Int, _ outcome: Result<PredictionResult, LMStudioError>) -> Void)?

        /// Makes callbacks; `nil` means none.
        public init(
            onPromptProgress: (@Sendable (_ index: Int, _ share: Double) -> Void)? = nil,
            onEnd: (
                @Sendable (_ index: Int, _ outcome: Result<PredictionResult, LMStudioError>) -> Void
            )? = nil
        ) {
            self.onPromptProgress = onPromptProgress
            self.onEnd = onEnd
        }
    }

    /// Completes many prompts, as many at once as the instance was loaded for.
    ///
    /// The first failure ends the others and is thrown, and so does cancelling the task.
    /// ``completeEach(_:config:preset:callbacks:timeouts:)`` goes on instead.
    ///
    /// ```swift
    /// let results = try await model.completeMany(["1, 2, 3,", "My name is"])
    /// ```
    ///
    /// - Parameters:
    ///   - prompts: what the model continues; none of them empty.
    ///   - config: how, for all of them.
    ///   - preset: name of a preset on the server whose options lie beneath `config`.
    ///   - callbacks: told of the way while this waits.
    ///   - timeouts: how long all may take together, and all be silent; `nil`: the client's.
    /// - Returns: a result for each prompt, in their order.
    /// - Throws: what `complete` throws; the message begins with the prompt's place: `prompts[3]: `.
    public func completeMany(
        _ prompts: [String],
        config: PredictionConfig = PredictionConfig(),
        preset: String? = nil,
        callbacks: BatchCallbacks = BatchCallbacks(),
        timeouts: Timeouts? = nil
    ) async throws(LMStudioError) -> [PredictionResult] {
        try await completions(prompts, config: config, preset: preset, keepsGoing: false)
            .run(timeouts: timeouts, callbacks: callbacks).results
    }

    /// Completes many prompts and tells of each what became of it.
    ///
    /// The parameters are those of ``completeMany(_:config:preset:callbacks:timeouts:)``.
    ///
    /// - Returns: a result or a failure for each prompt, in their order: `.timedOut` for those that have
    ///   not ended in time.
    /// - Throws: what ends all of them: `.cancelled`, `.invalidState`.
    public func completeEach(
        _ prompts: [String],
        config: PredictionConfig = PredictionConfig(),
        preset: String? = nil,
        callbacks: BatchCallbacks = BatchCallbacks(),
        timeouts: Timeouts? = nil
    ) async throws(LMStudioError) -> [Result<PredictionResult, LMStudioError>] {
        try await completions(prompts, config: config, preset: preset, keepsGoing: true)
            .run(timeouts: timeouts, callbacks: callbacks)
    }

    /// Answers many chats, as many at once as the instance was loaded for.
    ///
    /// The first failure ends the others and is thrown, and so does cancelling the task.
    /// ``respondEach(_:config:preset:callbacks:timeouts:)`` goes on instead.
    ///
    /// - Parameters:
    ///   - chats: what was said until now; a string stands for one user message.
    ///   - config: how, for all of them.
    ///   - preset: name of a preset on the server whose options lie beneath `config`.
    ///   - callbacks: told of the way while this waits.
    ///   - timeouts: how long all may take together, and all be silent; `nil`: the client's.
    /// - Returns: an answer to each chat, in their order.
    /// - Throws: what `respond` throws; the message begins with the chat's place: `chats[3]: `.
    public func respondMany(
        _ chats: [Chat],
        config: PredictionConfig = PredictionConfig(),
        preset: String? = nil,
        callbacks: BatchCallbacks = BatchCallbacks(),
        timeouts: Timeouts? = nil
    ) async throws(LMStudioError) -> [PredictionResult] {
        try await answers(chats.map { .success($0) }, config, preset, keepsGoing: false)
            .run(timeouts: timeouts, callbacks: callbacks).results
    }

    /// Answers many chats and tells of each what became of it.
    ///
    /// The parameters are those of ``respondMany(_:config:preset:callbacks:timeouts:)``.
    ///
    /// - Returns: an answer or a failure for each chat, in their order: `.timedOut` for those that have
    ///   not ended in time.
    /// - Throws: what ends all of them: `.cancelled`, `.invalidState`.
    public func respondEach(
        _ chats: [Chat],
        config: PredictionConfig = PredictionConfig(),
        preset: String? = nil,
        callbacks: BatchCallbacks = BatchCallbacks(),
        timeouts: Timeouts? = nil
    ) async throws(LMStudioError) -> [Result<PredictionResult, LMStudioError>] {
        try await answers(chats.map { .success($0) }, config, preset, keepsGoing: true)
            .run(timeouts: timeouts, callbacks: callbacks)
    }

    /// The completions of many prompts, to be run.
    package func completions(
        _ prompts: [String],
        config: PredictionConfig,
        preset: String?,
        keepsGoing: Bool
    ) throws(LMStudioError) -> PredictionBatch {
        try config.validate()
        let requests = prompts.map { prompt in
            Result { () throws(LMStudioError) in
                try completionRequest(prompt, config: config, preset: preset)
            }
        }
        return try PredictionBatch(client, requests, of: "prompts", keepsGoing: keepsGoing)
    }

    /// The answers to many chats, or to what could not be read as one, to be run.
    package func answers(
        _ chats: [Result<Chat, LMStudioError>],
        _ config: PredictionConfig,
        _ preset: String?,
        keepsGoing: Bool
    ) throws(LMStudioError) -> PredictionBatch {
        try config.validate()
        let requests = chats.map { chat in
            Result { () throws(LMStudioError) in
                try chatRequest(chat.get(), config: config, preset: preset)
            }
        }
        return try PredictionBatch(client, requests, of: "chats", keepsGoing: keepsGoing)
    }
}

extension [PredictionBatch.Outcome] {
    /// The results, where all of them succeeded.
    fileprivate var results: [PredictionResult] {
        get throws(LMStudioError) {
            var results: [PredictionResult] = []
            results.reserveCapacity(count)
            for outcome in self { results.append(try outcome.get()) }
            return results
        }
    }
}
