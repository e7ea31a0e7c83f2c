import LMStudioCore

extension StoredModel {
    /// LM Studio's own default context, tokens.
    private static let defaultContextLength = 4096

    /// The context of a load, tokens: what it names, or else the default.
    func contextLength(_ config: LoadConfig) -> Int {
        config.contextLength ?? min(Self.defaultContextLength, max(info.maxContextLength, 1))
    }

    /// Looks its files over and loads them.
    ///
    /// - Parameters:
    ///   - config: how to load them.
    ///   - isEmpty: whether no memory is given to the model, so that it can only tell what it would take.
    ///   - progress: receives the share done, 0…1; answers whether to go on.
    /// - Returns: the model, without a context.
    /// - Throws: `.engine` naming the file and what is wrong; `.modelNotFound` if a part is missing;
    ///   `.invalidArgument` for a context that it cannot have; `.cancelled` if `progress` said so.
    func weights(
        _ config: LoadConfig,
        isEmpty: Bool = false,
        progress: @escaping (Double) -> Bool
    ) throws(LMStudioError) -> LlamaModel {
        let layout = try ModelLayout(of: self, config)
        try checkPositions(for: contextLength(config))
        return try LlamaModel(
            path: file,
            layout: layout,
            config: config,
            isEmpty: isEmpty,
            progress: progress
        )
    }
}
