package import LMStudioCore

/// What a client wants predicted: the creation parameter of `predict` and `completeRawText`.
package struct PredictionParameter: Sendable {
    /// The request for the host.
    package let request: PredictionRequest
    /// What was odd about the options.
    package let warnings: [String]

    /// Reads a parameter.
    ///
    /// - Throws: `.invalidArgument` if it is none; `.unsupported` for a chat.
    package init(
        _ json: JSONValue?,
        of kind: ServerEndpoint.Channel
    ) throws(LMStudioError) {
        let endpoint = kind == .completeRawText ? "completeRawText" : "predict"
        let parameter = EndpointParameter(endpoint: endpoint, json)
        var warnings: [String] = []
        let stack = parameter["predictionConfigStack"]
        let text =
            kind == .completeRawText
            ? try parameter.string("rawPrompt")
            : try Self.text(of: parameter["history"], stack: stack)
        var config = try PredictionConfig(stack: stack, warnings: &warnings)
        // Text as it is needs no template: the one that clients send puts texts together, as here.
        config.others["promptTemplate"] = nil
        request = PredictionRequest(
            model: try parameter.specifier(.llm, named: "modelSpecifier"),
            input: .text(text),
            config: config,
            preset: try parameter.optionalString("fuzzyPresetIdentifier")
        )
        self.warnings = warnings
    }

    /// The prompt of a completion in the form of a chat: the texts of all messages, one after the other.
    private static func text(
        of history: JSONValue?,
        stack: JSONValue?
    ) throws(LMStudioError) -> String {
        guard case .array(let messages)? = history?.members?["messages"] else {
            throw LMStudioError(
                .invalidArgument,
                "predict needs a \"history\" with \"messages\", got "
                    + (history?.kind ?? "nothing")
            )
        }
        var text = ""
        for message in messages {
            guard case .array(let parts)? = message.members?["content"] else {
                throw LMStudioError(
                    .invalidArgument,
                    "predict needs messages with an array \"content\", got "
                        + (message.members?["content"]?.kind ?? "nothing")
                )
            }
            for part in parts.lazy.compactMap(\.members) {
                switch part["type"]?.string {
                case "text": text += part["text"]?.string ?? ""
                case "file":
                    throw LMStudioError(
                        .unsupported,
                        "the file \"\(part["name"]?.string ?? "")\" cannot be part of a prediction: "
                            + "images and documents come in a later version; leave it out"
                    )
                default: break
                }
            }
        }
        guard PredictionConfig.isRawText(stack: stack) else {
            throw LMStudioError(
                .unsupported,
                "a chat cannot be answered yet: chat comes in a later version; use complete()"
            )
        }
        return text
    }
}
