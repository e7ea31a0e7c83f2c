public import LMStudioCore

extension LLM {
    /// Reads a prompt and saves what the model keeps of it, so that a later process need not read it.
    ///
    /// ```swift
    /// try await model.saveCache(ofPrompt: story, to: "story.cache")
    /// // …later, in another process:
    /// try await model.loadCache(from: "story.cache")
    /// let result = try await model.complete(story + question)
    /// ```
    ///
    /// The file holds the prompt's tokens, readable by anybody who may read it.
    ///
    /// - Parameters:
    ///   - prompt: the beginning of later prompts; not empty, and no longer than the context.
    ///   - path: the file, which takes the place of one that is there in one step.
    ///   - timeouts: how long it may take; `nil`: the client's.
    /// - Returns: the prompt's tokens.
    /// - Throws: `.unsupported` for models on a server; `.invalidArgument` if the file cannot be written;
    ///   what `complete` throws.
    @discardableResult
    public func saveCache(
        ofPrompt prompt: String,
        to path: String,
        timeouts: Timeouts? = nil
    ) async throws(LMStudioError) -> Int {
        try await save(completionRequest(prompt, config: PredictionConfig()), path, timeouts)
    }

    /// Reads a chat and saves what the model keeps of it.
    ///
    /// - Parameters:
    ///   - chat: the beginning of later chats.
    ///   - path: the file, which takes the place of one that is there in one step.
    ///   - config: of its options those count that concern templates.
    ///   - timeouts: how long it may take; `nil`: the client's.
    /// - Returns: the tokens that the chat becomes.
    /// - Throws: as ``saveCache(ofPrompt:to:timeouts:)``, and what `respond` throws; `.unsupported` for a chat
    ///   with images.
    @discardableResult
    public func saveCache(
        of chat: Chat,
        to path: String,
        config: PredictionConfig = PredictionConfig(),
        timeouts: Timeouts? = nil
    ) async throws(LMStudioError) -> Int {
        try await save(chatRequest(chat, config: config), path, timeouts)
    }

    private func save(
        _ request: PredictionRequest,
        _ path: String,
        _ timeouts: Timeouts?
    ) async throws(LMStudioError) -> Int {
        try await call(timeouts, "saving the cache") { host, _ throws(LMStudioError) in
            try await host.saveCache(of: request, to: path)
        }
    }

    /// Takes what `saveCache` saved, so that the next prompt with that beginning is not read again.
    ///
    /// A file that is missing, damaged, of another model or of other load options is ignored.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - timeouts: how long it may take; `nil`: the client's.
    /// - Returns: how many tokens it was of use for, or why it was of none.
    /// - Throws: `.unsupported` for models on a server; `.modelNotFound` if the instance is not loaded.
    @discardableResult
    public func loadCache(
        from path: String,
        timeouts: Timeouts? = nil
    ) async throws(LMStudioError) -> LoadedCache {
        try await call(timeouts, "loading the cache") { host, model throws(LMStudioError) in
            try await host.loadCache(from: path, with: model)
        }
    }
}
