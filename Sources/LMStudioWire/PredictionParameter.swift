package import LMStudioCore

/// What a client wants predicted: the creation parameter of `predict` and `completeRawText`.
package struct PredictionParameter: Sendable {
    /// The request for the host.
    package let request: PredictionRequest
    /// What was odd about the options.
    package let warnings: [String]

    /// Reads a parameter.
    ///
    /// - Throws: `.invalidArgument` if it is none; `.unsupported` for a completion with files.
    package init(
        _ json: JSONValue?,
        of kind: ServerEndpoint.Channel
    ) throws(LMStudioError) {
        let endpoint = kind == .completeRawText ? "completeRawText" : "predict"
        let parameter = EndpointParameter(endpoint: endpoint, json)
        var warnings: [String] = []
        let stack = parameter["predictionConfigStack"]
        var config = try PredictionConfig(stack: stack, warnings: &warnings)
        let input: PredictionRequest.Input
        if kind == .completeRawText {
            input = .text(try parameter.string("rawPrompt"))
        } else {
            let chat = try Chat(json: parameter["history"], as: "history")
            input = PredictionConfig.isRawText(stack: stack) ? .text(try chat.rawText) : .chat(chat)
        }
        // Text as it is needs no template: the one that clients send puts texts together, as here.
        if case .text = input {
            config.promptTemplate = nil
            config.others["promptTemplate"] = nil
        }
        request = PredictionRequest(
            model: try parameter.specifier(.llm, named: "modelSpecifier"),
            input: input,
            config: config,
            preset: try parameter.optionalString("fuzzyPresetIdentifier")
        )
        self.warnings = warnings
    }
}

extension Chat {
    /// The prompt of a completion in the form of a chat: the texts of all messages, one after the other.
    fileprivate var rawText: String {
        get throws(LMStudioError) {
            for case .file(let file) in messages.lazy.flatMap(\.content) {
                throw LMStudioError(
                    .unsupported,
                    "the file \"\(file.name)\" cannot be part of a completion; leave it out"
                )
            }
            return messages.map(\.text).joined()
        }
    }
}
