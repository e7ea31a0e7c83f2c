import CLlama
import LMStudioCore

extension LlamaTemplate {
    /// Whether it tells the model of tools, and writes their calls in a form that is understood.
    ///
    /// To find out takes a moment the first time.
    var knowsTools: Bool { cllama_template_knows_tools(pointer) }

    /// Whether it writes the calls of earlier messages.
    var writesCalls: Bool { cllama_template_writes_calls(pointer) }

    /// What reads calls in the answer to a chat.
    ///
    /// - Parameters:
    ///   - tools: those that may be called, at least one.
    ///   - enablesThinking: what the template is told of it.
    ///   - isRequired: whether one must be called.
    /// - Returns: a parser for one prediction.
    /// - Throws: `.invalidArgument` if llama.cpp can make none for these tools.
    func parser(
        for tools: [ToolDefinition],
        enablesThinking: Bool,
        isRequired: Bool
    ) throws(LMStudioError) -> ToolCallParser {
        let (made, reason) = LlamaReason.collect { error, capacity in
            // How calls are written does not depend on what was said.
            guard let chat = LlamaChat.make("Hi", tools) else { return nil }
            defer { cllama_chat_free(chat) }
            return cllama_tool_parser_create(
                chat,
                pointer,
                enablesThinking,
                isRequired,
                error,
                capacity
            )
        }
        guard let made else {
            throw LMStudioError(
                .invalidArgument,
                "llama.cpp cannot read calls of these tools: "
                    + "\(reason.isEmpty ? "no memory" : reason); change rawTools or the promptTemplate"
            )
        }
        return ToolCallParser(made)
    }
}

extension PredictionConfig {
    /// The tools that may be called; the model is told of all.
    private var callableTools: [ToolDefinition] {
        guard case .tool(let name) = toolChoice else { return offeredTools }
        return tools.filter { $0.name.isExactly(name) }
    }

    /// Whether the answer must be a call.
    private var requiresCall: Bool {
        switch toolChoice {
        case .none, .auto: false
        case .required, .tool: true
        }
    }

    /// What reads calls of the tools; `nil` if there are none.
    func toolCallParser(by template: LlamaTemplate) throws(LMStudioError) -> ToolCallParser? {
        let tools = callableTools
        guard !tools.isEmpty else { return nil }
        return try template.parser(
            for: tools,
            enablesThinking: enableThinking ?? template.thinks,
            isRequired: requiresCall
        )
    }

    /// What the answer may be.
    ///
    /// - Parameters:
    ///   - parser: what reads calls of tools; `nil`: nobody does.
    ///   - thinking: whether the model thinks before.
    /// - Returns: the plan; `nil` if it may be anything.
    func answerPlan(
        _ parser: ToolCallParser?,
        thinking: AnswerPlan.Thinking
    ) -> AnswerPlan? {
        guard let parser else {
            return structured.map { AnswerPlan(output: $0, thinking: thinking) }
        }
        guard let grammar = parser.grammar else { return nil }
        var plan = AnswerPlan(output: .grammar(grammar), prefix: parser.prefix)
        // A brace may as well begin something else; what is then no call is text.
        guard parser.triggers != ["{"] else { return nil }
        plan.triggers = parser.triggers.map {
            AnswerGrammar.Trigger(text: $0, isPartOfAnswer: true)
        }
        if !parser.readsAll { plan.thinking = thinking }
        return plan
    }
}

extension LocalHost {
    /// Refuses tools whose parameters are no JSON schema of an object.
    ///
    /// - Returns: notes on what of the schemas is not seen to.
    static func review(_ tools: [ToolDefinition]) throws(LMStudioError) -> [String] {
        var notes: [String] = []
        for tool in tools {
            guard let parameters = tool.parameters else { continue }
            do throws(LMStudioError) {
                guard let root = parameters.utf8.first(where: { $0 > 0x20 }),
                    root == UInt8(ascii: "{")
                else {
                    throw LMStudioError(
                        .invalidArgument,
                        "it must be a JSON object, {\"type\":\"object\",\"properties\":{…}}, not \(parameters.quoted)"
                    )
                }
                let form = try AnswerForm.of(.json(schema: parameters))
                if let type = form.type, type != "object" {
                    throw LMStudioError(
                        .invalidArgument,
                        "it must be of the type \"object\", not \(type.quoted): calls name their arguments"
                    )
                }
                notes += form.notes
            } catch {
                throw LMStudioError(
                    error.code,
                    "the schema of the parameters of the tool \(tool.name.quoted) is refused: \(error.message)"
                )
            }
        }
        return notes
    }
}
