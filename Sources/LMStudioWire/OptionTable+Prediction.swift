import LMStudioCore

extension OptionTable {
    /// Options of predictions; keys begin with `llm.prediction.`.
    ///
    /// Those that official clients have no name for are at the end, under names like the others'.
    static let prediction = OptionTable(
        "prediction",
        [
            .plain("temperature", "temperature", .number),
            .checkbox("maxTokens", "maxPredictedTokens", .limit, off: .integer(1)),
            .plain("stopStrings", "stopStrings", .strings),
            .plain("toolCallStopStrings", "toolCallStopStrings", .strings),
            .plain(
                "contextOverflowPolicy",
                "contextOverflowPolicy",
                .words(ContextOverflowPolicy.allCases.map(\.rawValue))
            ),
            .plain("structured", "structured", .structured),
            .plain("rawTools", "tools", .object),
            .plain("toolChoice", "toolChoice", .object),
            .plain(
                "toolNaming",
                "toolNaming",
                .words(["passThrough", "removeSpecial", "snakeCase", "camelCase"])
            ),
            .plain("topKSampling", "topKSampling", .integerOrZero),
            .checkbox("topPSampling", "topPSampling", .number, off: .number(0.95)),
            .checkbox("minPSampling", "minPSampling", .number, off: .number(0.05)),
            .checkbox("repeatPenalty", "repeatPenalty", .number, off: .number(1.1)),
            .checkbox("presencePenalty", "llama.presencePenalty", .number, off: .integer(0)),
            .checkbox("xtcProbability", "llama.xtcProbability", .number, off: .number(0.5)),
            .checkbox("xtcThreshold", "llama.xtcThreshold", .number, off: .number(0.1)),
            .checkbox("logProbs", "logProbs", .integer, off: .integer(0)),
            .plain("cpuThreads", "llama.cpuThreads", .integer),
            .plain("promptTemplate", "promptTemplate", .object),
            .plain("draftModel", "speculativeDecoding.draftModel", .string),
            .plain(
                "speculativeDecodingNumDraftTokensExact",
                "speculativeDecoding.numDraftTokensExact",
                .integer
            ),
            .plain(
                "speculativeDecodingMinDraftLengthToConsider",
                "speculativeDecoding.minDraftLengthToConsider",
                .integer
            ),
            .plain(
                "speculativeDecodingMinContinueDraftingProbability",
                "speculativeDecoding.minContinueDraftingProbability",
                .number
            ),
            .plain("reasoningParsing", "reasoning.parsing", .object),
            .checkbox("reasoningBudget", "reasoning.budgetTokens", .integer, off: .integer(1024)),
            .plain("enableThinking", "reasoning.enableThinking", .bool),
            .checkbox(
                "userMaxImageDimensionPixels",
                "vision.userMaxImageDimensionPixels",
                .integer,
                off: .integer(1024)
            ),
            .plain(
                "ignoreModelPreferredMaxImageDimension",
                "vision.ignoreModelPreferredMaxImageDimension",
                .bool
            ),
            .plain(rawName, nil, .object),
            .checkbox("seed", "seed", .seed, off: .integer(-1)),
            .checkbox("frequencyPenalty", "llama.frequencyPenalty", .number, off: .integer(0)),
            .plain("systemPrompt", "systemPrompt", .string),
            .plain("contextPrefill", "contextPrefill", .array),
            .plain(
                "speculativeDecodingMaxTokensToDraft",
                "speculativeDecoding.maxTokensToDraft",
                .integer
            ),
            .plain(
                "speculativeDecodingNumReuseTokens",
                "speculativeDecoding.numReuseTokens",
                .integer
            ),
            .plain("mirostatSampling", "llama.mirostatSampling", .mirostat),
            .checkbox("tailFreeSampling", "llama.tailFreeSampling", .number, off: .number(0.95)),
            .checkbox(
                "locallyTypicalSampling",
                "llama.locallyTypicalSampling",
                .number,
                off: .number(0.9)
            ),
            .plain("logitBias", "llama.logitBias", .logitBias),
        ]
    )

    /// The option that holds a key-value list, which lies beneath the other options.
    static let rawName = "raw"
}
