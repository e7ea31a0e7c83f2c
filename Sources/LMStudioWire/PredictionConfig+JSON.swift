package import LMStudioCore

extension PredictionConfig {
    /// Reads LM Studio's prediction options.
    ///
    /// Options without a property go to `others`.
    ///
    /// - Parameters:
    ///   - json: an object of options; `nil`: the defaults. `"strict": true` in it makes every
    ///     warning an error.
    ///   - host: says which options it cannot honour; `nil`: nobody does.
    ///   - warnings: receives a line for each option that is unknown or without effect.
    /// - Throws: `.invalidArgument` naming the option and what it takes; `.unsupported` for options
    ///   whose absence would change the text.
    package init(
        json: JSONValue?,
        for host: (any ModelHost)?,
        warnings: inout [String]
    ) throws(LMStudioError) {
        self.init()
        let reader = try OptionReader(json, by: .prediction)
        take(reader.values)
        asked.names = Set(reader.values.values.keys)
        try validate()
        let limits = try host?.review(self) ?? []
        if reader.isStrict, let limit = limits.first { throw LMStudioError(.unsupported, limit) }
        warnings += reader.warnings + limits
    }

    /// Takes options; those without a property go to `others`.
    mutating func take(_ values: OptionValues) {
        var values = values
        if let value = values.integer("maxTokens") { maxTokens = value }
        if let value = values.number("temperature") ?? nil { temperature = value }
        if let value = values.integer("topKSampling") ?? nil { topK = value }
        if let value = values.number("topPSampling") { topP = value }
        if let value = values.number("minPSampling") { minP = value }
        if let value = values.number("repeatPenalty") { repeatPenalty = value }
        if let value = values.number("presencePenalty") { presencePenalty = value }
        if let value = values.number("frequencyPenalty") { frequencyPenalty = value }
        if let value = values.seed() { seed = value }
        if let value = values.take("stopStrings")?.strings { stopStrings = value }
        if let value = values.take("contextOverflowPolicy")?.string {
            contextOverflowPolicy = ContextOverflowPolicy(rawValue: value)
        }
        if let value = values.integer("cpuThreads") ?? nil { cpuThreads = value }
        if let value = values.take("systemPrompt")?.string {
            systemPrompt = value.isEmpty ? nil : value
        }
        // What is no template stays as it is: it may make sense to a newer server.
        if let value = values["promptTemplate"].flatMap({ PromptTemplate(json: $0) }) {
            promptTemplate = value
            _ = values.take("promptTemplate")
        }
        if let value = values["reasoningParsing"].flatMap({ ReasoningParsing(json: $0) }) {
            reasoningParsing = value
            _ = values.take("reasoningParsing")
        }
        if let value = values.take("enableThinking")?.bool { enableThinking = value }
        if let value = values.integer("reasoningBudget") { reasoningBudget = value }
        takeTools(&values)
        if let value = values.number("locallyTypicalSampling") { typicalP = value }
        if let value = values.number("xtcProbability") { xtcProbability = value }
        if let value = values.number("xtcThreshold") { xtcThreshold = value }
        if let value = values.take("mirostatSampling") { mirostat = Mirostat(json: value) }
        if let value = values.take("logitBias") { logitBias = LogitBias.read(value) }
        if let value = values.integer("logProbs") { logProbs = value }
        if let value = values.take("structured") { structured = StructuredOutput(json: value) }
        speculativeDecoding.take(&values)
        others.merge(values.texts) { $1 }
    }

    private mutating func takeTools(_ values: inout OptionValues) {
        if let value = values.take("toolCallStopStrings")?.strings { toolCallStopStrings = value }
        if let setting = values["rawTools"].flatMap({ ToolSetting(json: $0) }) {
            tools = setting.tools
            if setting.isForced { toolChoice = .required }
            _ = values.take("rawTools")
        }
        if let value = values["toolChoice"].flatMap({ ToolChoice(json: $0) }) {
            toolChoice = value
            _ = values.take("toolChoice")
        }
    }

    /// The options in the form that `init(json:for:warnings:)` reads.
    ///
    /// What is off and on by default is `false`.
    package var json: JSONValue { .options(values) }

    /// Values of options by name, as option objects have them.
    var values: [String: JSONValue] {
        var values = JSONValue.values(ofTexts: others)
        values["temperature"] = .number(temperature)
        values["topKSampling"] = .whole(topK)
        values["stopStrings"] = .strings(stopStrings)
        values["contextOverflowPolicy"] = contextOverflowPolicy.map { .string($0.rawValue) }
        values["topPSampling"] = topP.map { .number($0) } ?? .bool(false)
        values["minPSampling"] = minP.map { .number($0) } ?? .bool(false)
        values["repeatPenalty"] = repeatPenalty.map { .number($0) } ?? .bool(false)
        values["maxTokens"] = maxTokens.map { .whole($0) }
        values["presencePenalty"] = presencePenalty.map { .number($0) }
        values["frequencyPenalty"] = frequencyPenalty.map { .number($0) }
        values["seed"] = seed.map { .integer(Int64($0)) }
        values["cpuThreads"] = cpuThreads.map { .whole($0) }
        values["systemPrompt"] = systemPrompt.map { .string($0) }
        if let promptTemplate { values["promptTemplate"] = promptTemplate.json }
        if let reasoningParsing { values["reasoningParsing"] = reasoningParsing.json }
        if let enableThinking { values["enableThinking"] = .bool(enableThinking) }
        values["reasoningBudget"] = reasoningBudget.map { .whole($0) }
        if !tools.isEmpty { values["rawTools"] = ToolSetting.json(tools) }
        if toolChoice != .auto { values["toolChoice"] = toolChoice.json }
        if !toolCallStopStrings.isEmpty {
            values["toolCallStopStrings"] = .strings(toolCallStopStrings)
        }
        values["locallyTypicalSampling"] = typicalP.map { .number($0) }
        values["xtcProbability"] = xtcProbability.map { .number($0) }
        values["xtcThreshold"] = xtcThreshold.map { .number($0) }
        values["mirostatSampling"] = mirostat?.json
        values["logitBias"] = logitBias.isEmpty ? nil : LogitBias.json(logitBias)
        values["logProbs"] = logProbs.map { .whole($0) }
        values["structured"] = structured?.json
        values.merge(speculativeDecoding.values) { $1 }
        return values
    }
}

extension JSONValue {
    /// The values of `others`; what is no JSON is left out.
    static func values(ofTexts texts: [String: String]) -> [String: JSONValue] {
        texts.compactMapValues { try? JSONValue(parsing: $0, as: "an option") }
    }

    /// An object of options; those whose name has a point are put into an object of their own.
    static func options(_ values: [String: JSONValue]) -> JSONValue {
        var members: [String: JSONValue] = [:]
        var groups: [String: [String: JSONValue]] = [:]
        for (name, value) in values {
            if let point = name.firstIndex(of: ".") {
                let inner = String(name[name.index(after: point)...])
                groups[String(name[..<point]), default: [:]][inner] = value
            } else {
                members[name] = value
            }
        }
        return .object(members.merging(groups.mapValues { .object($0) }) { $1 })
    }
}
