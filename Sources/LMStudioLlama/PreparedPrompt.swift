import LMStudioCore

/// What a request became before it reaches the scheduler.
struct PreparedPrompt: Sendable {
    /// The text that the model continues.
    var text: String
    /// Texts that end the prediction: the request's, and the template's.
    var stopStrings: [String]
    /// Tells thinking from the answer; `nil`: nobody wants it told.
    var splitter: ReasoningSplitter?
    /// The model that guesses ahead; `nil`: none.
    var draft: DraftModel?

    /// Texts that are shown though the model may have control tokens for them.
    var marks: [String] { splitter?.marks ?? [] }
}

extension LlamaModel {
    /// Makes a request's chat ready to be answered.
    ///
    /// - Throws: `.invalidArgument` if the chat or its template is faulty; `.unsupported` for files.
    func prompt(of chat: Chat, config: PredictionConfig) throws(LMStudioError) -> PreparedPrompt {
        let rendered = try render(chat, config: config, tools: [])
        let parsing = config.reasoningParsing ?? ReasoningParsing()
        return PreparedPrompt(
            text: rendered.text,
            stopStrings: config.stopStrings + rendered.stopStrings,
            splitter: parsing.isEnabled ? ReasoningSplitter(parsing, after: rendered.text) : nil
        )
    }

    /// The text that a chat becomes.
    ///
    /// - Throws: `.invalidArgument` if the chat or its template is faulty; `.unsupported` for files.
    func text(
        of chat: Chat,
        config: PredictionConfig,
        options: PromptTemplateOptions
    ) throws(LMStudioError) -> String {
        let rendered = try render(chat, config: config, tools: options.tools)
        var text = rendered.text[...]
        // Bytes: a token may end within what a reader takes for one character.
        if options.omitBOSToken, text.utf8.starts(with: rendered.beginning.utf8) {
            text = Substring(text.utf8.dropFirst(rendered.beginning.utf8.count))
        }
        if options.omitEOSToken, text.utf8.reversed().starts(with: rendered.end.utf8.reversed()) {
            text = Substring(text.utf8.dropLast(rendered.end.utf8.count))
        }
        return String(text)
    }

    /// A prompt, and what its template said beside it.
    private struct Rendered {
        var text: String
        var stopStrings: [String]
        /// The tokens that texts begin and end with, as text.
        var beginning = ""
        var end = ""
    }

    private func render(
        _ chat: Chat,
        config: PredictionConfig,
        tools: [ToolDefinition]
    ) throws(LMStudioError) -> Rendered {
        try chat.validate()
        for case .file(let file) in chat.messages.lazy.flatMap(\.content) {
            throw LMStudioError(
                .unsupported,
                "the file \(file.name.quoted) cannot be part of a chat: images and documents come in a later "
                    + "version; leave it out"
            )
        }
        for (name, wanted) in Self.shapes {
            guard let value = config.others[name] else { continue }
            throw LMStudioError(
                .invalidArgument,
                "\(name) must be \(wanted), not \(value.prefix(200))"
            )
        }
        let stopStrings = config.promptTemplate?.stopStrings ?? []
        let template: LlamaTemplate
        switch config.promptTemplate?.form {
        case .manual(let texts)?:
            return Rendered(text: texts.prompt(of: chat), stopStrings: stopStrings)
        case .jinja(let source)?: template = try LlamaTemplate(source, for: self)
        case nil: template = try chatTemplate()
        }
        let text = try template.prompt(
            of: chat,
            tools: tools,
            enablesThinking: config.enableThinking ?? true
        )
        return Rendered(
            text: text,
            stopStrings: template.stopStrings + stopStrings,
            beginning: template.beginning,
            end: template.end
        )
    }

    /// Options that have a property, unless what came as their value makes no sense.
    private static let shapes = [
        (
            "promptTemplate",
            #"{"type":"jinja","stopStrings":[],"jinjaPromptTemplate":{"template":"…"}} or "#
                + #"{"type":"manual","stopStrings":[],"manualPromptTemplate":{"beforeUser":"…",…}}"#
        ),
        (
            "reasoningParsing",
            #"{"enabled":true,"startString":"<think>","endString":"</think>"}"#
        ),
    ]
}

extension PromptTemplate.Manual {
    /// The prompt that asks for an answer.
    fileprivate func prompt(of chat: Chat) -> String {
        var text = ""
        for message in chat.messages {
            switch message.role {
            case .system: text += beforeSystem + message.template + afterSystem
            case .user: text += beforeUser + message.template + afterUser
            case .assistant: text += beforeAssistant + message.template + afterAssistant
            case .tool:
                for case .toolCallResult(let result) in message.content {
                    text += beforeUser + result.content + afterUser
                }
            }
        }
        return text + beforeAssistant
    }
}

extension ChatMessage {
    /// The text that templates get: that of each part in a line of its own.
    var template: String {
        content.compactMap { part in
            if case .text(let text) = part { text } else { nil }
        }.joined(separator: "\n")
    }
}

extension Chat {
    /// The chat as the strictest templates want it: one system message, at the beginning, and never two
    /// messages of one role in a row.
    var ordered: Chat {
        let systems = messages.filter { $0.role == .system }
        var chat = Chat()
        if !systems.isEmpty {
            chat.append(ChatMessage(role: .system, content: systems.flatMap(\.content)))
        }
        for message in messages where message.role != .system {
            if chat.messages.last?.role == message.role {
                chat.messages[chat.messages.count - 1].content += message.content
            } else {
                chat.append(message)
            }
        }
        return chat
    }
}
