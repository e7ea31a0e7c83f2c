package import LMStudioCore

extension PredictionConfig {
    /// Reads the stack of key-value lists that clients send.
    ///
    /// Later layers win. Keys without a property go to `others` by the name of their option.
    ///
    /// - Parameters:
    ///   - stack: the layers; `nil`: none.
    ///   - warnings: receives at most a line for unknown layers and one for unknown keys.
    /// - Throws: `.invalidArgument` naming the key and what it takes.
    package init(stack: JSONValue?, warnings: inout [String]) throws(LMStudioError) {
        self.init()
        take(try KVStack(stack).options(by: .prediction, in: .llm, warnings: &warnings))
        try validate()
    }

    /// Reads the key-value list that a server returns; keys and values that do not fit are left out.
    package init(kv: JSONValue) {
        self.init()
        let options = try? KVList(kv)?.options(by: .prediction, in: .llm, isTolerant: true)
        if let options { take(options.0) }
    }

    /// The key-value list of all options, as a server returns it.
    package var kv: JSONValue {
        KVList(values, by: .prediction, for: .llm).json
    }

    /// The stack of key-value lists that a client sends.
    ///
    /// Only what was asked for or differs from the defaults is in it: a server has defaults of its own,
    /// of the model and of presets, for the rest. `isRawText` adds the layer that asks for a completion.
    package func stack(isRawText: Bool) -> JSONValue {
        let defaults = PredictionConfig().values
        var wanted = values.filter {
            asked.names.contains($0.key) || defaults[$0.key] != $0.value
        }
        // What has no value is off.
        for name in asked.names where wanted[name] == nil { wanted[name] = Self.off(name) }
        var layers: [JSONValue] = [
            .layer(KVStack.callerLayer, KVList(wanted, by: .prediction, for: .llm).json)
        ]
        if isRawText { layers.append(.layer(KVStack.completionLayer, Self.plainTemplate)) }
        return .object(["layers": .array(layers)])
    }

    private static func off(_ name: String) -> JSONValue {
        switch name {
        case "structured": StructuredOutput.none
        case "mirostatSampling": .object(["version": .integer(0)])
        case "logitBias", "toolCallStopStrings": .array([])
        case "rawTools": ToolSetting.none
        case "toolChoice": ToolChoice.auto.json
        case "draftModel": .string("")
        default: .bool(false)
        }
    }

    /// A prompt template that adds nothing to the prompt, as official clients send it.
    private static var plainTemplate: JSONValue {
        let template = "{% for message in messages %}{{ message['content'] }}{% endfor %}"
        let option: [String: JSONValue] = [
            "promptTemplate": .object([
                "type": .string("jinja"), "stopStrings": .array([]),
                "jinjaPromptTemplate": .object([
                    "bosToken": .string(""), "eosToken": .string(""),
                    "template": .string(template),
                    "inputConfig": .object([
                        "messagesConfig": .object([
                            "contentConfig": .object(["type": .string("string")])
                        ]),
                        "useTools": .bool(false),
                    ]),
                ]),
            ])
        ]
        return KVList(option, by: .prediction, for: .llm).json
    }

    /// Whether a stack asks for a completion: the prompt is text as it is, without a template.
    package static func isRawText(stack: JSONValue?) -> Bool {
        (try? KVStack(stack))?.contains(KVStack.completionLayer) ?? false
    }
}

extension JSONValue {
    /// A layer of a stack.
    static func layer(_ name: String, _ config: JSONValue) -> JSONValue {
        .object(["layerName": .string(name), "config": config])
    }
}
