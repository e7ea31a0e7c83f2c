package import LMStudioCore

extension PredictionConfig {
    /// Reads LM Studio's prediction options.
    ///
    /// - Parameters:
    ///   - json: an object of options; `nil`: the defaults.
    ///   - warnings: receives a line for each option that is unknown or without effect.
    /// - Throws: `.invalidArgument` naming the option and what it takes; `.unsupported` for options
    ///   whose absence would change the text.
    package init(json: JSONValue?, warnings: inout [String]) throws(LMStudioError) {
        self.init()
        var options = try OptionReader(json, of: "prediction")
        if let limit = try options.switchableInteger("maxTokens") {
            maxTokens = limit == -1 ? nil : limit
        }
        if let value = try options.number("temperature") { temperature = value }
        if let value = try options.switchableInteger("topKSampling") { topK = value ?? 0 }
        if let value = try options.switchable("topPSampling") { topP = value }
        if let value = try options.switchable("minPSampling") { minP = value }
        if let value = try options.switchable("repeatPenalty") { repeatPenalty = value }
        if let value = try options.switchable("presencePenalty") { presencePenalty = value }
        if let value = try options.switchable("frequencyPenalty") { frequencyPenalty = value }
        if let value = try options.seed("seed") { seed = value }
        if let value = try options.strings("stopStrings") { stopStrings = value }
        if let value = try options.integer("cpuThreads") { cpuThreads = value }
        let policies = ["stopAtLimit", "truncateMiddle", "rollingWindow"]
        let policy = try options.word("contextOverflowPolicy", of: policies)
        // A completion uses no template, and its text is not parsed for thinking.
        for name in ["promptTemplate", "reasoningParsing", "enableThinking", "toolNaming"] {
            _ = options.any(name)
        }
        try options.limit(.refused, ["structured", "rawTools", "toolChoice", "logProbs", "raw"])
        try options.limit(
            .withoutEffect,
            [
                "draftModel", "speculativeDecodingNumDraftTokensExact",
                "speculativeDecodingMinDraftLengthToConsider",
                "speculativeDecodingMinContinueDraftingProbability", "toolCallStopStrings",
                "reasoningBudget",
                "xtcProbability", "xtcThreshold", "userMaxImageDimensionPixels",
                "ignoreModelPreferredMaxImageDimension",
            ]
        )
        warnings += try options.finish()
        if let policy, policy != "stopAtLimit" {
            warnings.append(
                "contextOverflowPolicy \"\(policy)\" is not supported by the engine in this process yet; "
                    + "the prediction stops at the limit"
            )
        }
        try validate()
    }

    /// The options in the form that `init(json:warnings:)` reads; what is off and on by default is `false`.
    package var json: JSONValue {
        var members: [String: JSONValue] = [
            "temperature": .number(temperature),
            "topKSampling": .integer(Int64(topK)),
            "contextOverflowPolicy": .string("stopAtLimit"),
            "stopStrings": .array(stopStrings.map { .string($0) }),
        ]
        members["maxTokens"] = maxTokens.map { .integer(Int64($0)) }
        members["topPSampling"] = topP.map { .number($0) } ?? .bool(false)
        members["minPSampling"] = minP.map { .number($0) } ?? .bool(false)
        members["repeatPenalty"] = repeatPenalty.map { .number($0) } ?? .bool(false)
        members["presencePenalty"] = presencePenalty.map { .number($0) }
        members["frequencyPenalty"] = frequencyPenalty.map { .number($0) }
        members["seed"] = seed.map { .integer(Int64($0)) }
        members["cpuThreads"] = cpuThreads.map { .integer(Int64($0)) }
        return .object(members)
    }
}
