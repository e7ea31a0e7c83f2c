public import LMStudioCore
import LMStudioWire

extension LocalHost {
    /// Looks for options that this engine cannot honour yet.
    ///
    /// - Returns: a warning for each that only concerns speed, and for what of a JSON schema is not
    ///   seen to.
    /// - Throws: `.unsupported` naming an option without which the text would be another one,
    ///   `.invalidArgument` naming what is wrong with a JSON schema or grammar.
    public func review(_ config: PredictionConfig) throws(LMStudioError) -> [String] {
        var warnings =
            try config.structured.map { output throws(LMStudioError) in
                try AnswerForm.of(output).notes
            } ?? []
        warnings += try Self.review(config.tools)
        warnings += ThreadCount.note("cpuThreads", config.cpuThreads)
        try LlamaModel.refuseUnread(config) { Self.isOff($0) }
        _ = try config.maximumImageSide
        for (name, value) in config.others.sorted(by: { $0.key < $1.key }) {
            if Self.completionIgnores.contains(name) || Self.concernsImages.contains(name)
                || Self.isOff(value)
            {
                continue
            }
            let text = Self.unsupported(name)
            if Self.changesText.contains(name) {
                throw LMStudioError(
                    .unsupported,
                    "\(text): \(value.prefix(200)); leave it out",
                    details: LMStudioErrorDetails(
                        title: text,
                        display: .engineDoesNotSupportFeature(name)
                    )
                )
            }
            warnings.append(Self.withoutEffect(name, value))
        }
        return warnings
    }

    /// Looks for load options that this engine cannot honour, or not to the full; none changes the text.
    ///
    /// - Returns: a warning for each.
    /// - Throws: `.invalidArgument` naming what is wrong with the template.
    public func review(_ config: LoadConfig) throws(LMStudioError) -> [String] {
        if let template = config.others["promptTemplate"], !Self.isOff(template) {
            throw LMStudioError(
                .invalidArgument,
                "the promptTemplate of a load must be "
                    + #"{"type":"jinja","jinjaPromptTemplate":{"template":"…"}}, not "#
                    + "\(template.prefix(200)); predictions may bring others"
            )
        }
        var others = config.others.filter { !Self.isOff($0.value) }
        if config.drafting.usesOwnHeads == true { others["speculativeDraftMtp"] = "true" }
        return ThreadCount.note("cpuThreadPoolSize", config.cpuThreadPoolSize)
            + others.sorted { $0.key < $1.key }.map { Self.withoutEffect($0.key, $0.value) }
    }

    /// Without these the model would write something else than was asked for.
    private static let changesText: Set = [
        "tailFreeSampling", "contextPrefill",
    ]

    /// A completion uses no template; its text is parsed for thinking where that can be done as asked.
    private static let completionIgnores: Set = [
        "enableThinking", "toolNaming",
    ]

    /// These are seen to where a prompt is prepared; there is no size that models prefer.
    private static let concernsImages: Set = [
        "userMaxImageDimensionPixels", "ignoreModelPreferredMaxImageDimension",
    ]

    private static func unsupported(_ name: String) -> String {
        "\(name) is not supported by the engine in this process yet"
    }

    /// A warning of an option; `raw` holds keys that nobody here knows, which servers do not heed either.
    private static func withoutEffect(_ name: String, _ value: String) -> String {
        (name == "raw" ? UnknownKeys.warning(ofRaw: value) : nil)
            ?? "\(unsupported(name)) and has no effect"
    }

    /// Whether a value, JSON text in its shortest form, switches its option off.
    private static func isOff(_ value: String) -> Bool {
        [
            "false", "null", "\"\"", "[]", "{\"type\":\"none\"}", "{\"fields\":[]}",
        ].contains(value) || value.hasSuffix("\"version\":0}")
    }
}
