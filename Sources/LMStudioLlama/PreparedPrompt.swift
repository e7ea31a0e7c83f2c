import LMStudioCore

/// What a request became before it reaches the scheduler.
struct PreparedPrompt: Sendable {
    /// The text that the model continues.
    var text: String
    /// Texts that end the prediction: the request's, and the template's.
    var stopStrings: [String]
    /// Tells thinking from the answer; `nil`: nobody wants it told.
    var splitter: ReasoningSplitter?
    /// The text's tokens and images, if there are images in it.
    var images: PromptImages?

    /// Texts that are shown though the model may have control tokens for them.
    var marks: [String] { splitter?.marks ?? [] }

    /// The text's tokens, and numbers < 0 in place of images.
    func tokens(by model: LlamaModel) throws(LMStudioError) -> [Int32] {
        if let images { images.tokens } else { try model.tokenize(text) }
    }
}

extension LlamaModel {
    /// Makes a request's chat ready to be answered.
    ///
    /// - Parameters:
    ///   - chat: what was said until now.
    ///   - config: of its options those count that concern templates and images.
    ///   - vision: reads the images in the chat; `nil`: nobody does.
    /// - Returns: the prompt.
    /// - Throws: `.invalidArgument` if the chat, an image in it or its template is faulty;
    ///   `.unsupported` for files that the model cannot read.
    func prompt(
        of chat: Chat,
        config: PredictionConfig,
        vision: LlamaVision?
    ) throws(LMStudioError) -> PreparedPrompt {
        let files = chat.files
        let marker = Self.newMarker()
        try Self.refuseDocuments(files)
        if vision == nil, let file = files.first { throw Self.unseen(file) }
        let rendered = try render(
            files.isEmpty ? chat : chat.marking(filesWith: marker),
            config: config,
            tools: []
        )
        let parsing = config.reasoningParsing ?? ReasoningParsing()
        return PreparedPrompt(
            text: rendered.text,
            stopStrings: config.stopStrings + rendered.stopStrings,
            splitter: parsing.isEnabled ? ReasoningSplitter(parsing, after: rendered.text) : nil,
            images: try files.isEmpty
                ? nil
                : vision.map { vision throws(LMStudioError) in
                    try PromptImages(
                        rendered.text,
                        marker: marker,
                        files: files,
                        maximumSide: try config.maximumImageSide,
                        by: vision,
                        for: self
                    )
                }
        )
    }

    /// A text that stands for an image, and by chance nowhere else.
    private static func newMarker() -> String {
        "[image-\(String(UInt64.random(in: 0 ... .max), radix: 36))]"
    }

    private static func refuseDocuments(_ files: [ChatFile]) throws(LMStudioError) {
        guard let file = files.first(where: { $0.fileType != "image" }) else { return }
        throw LMStudioError(
            .unsupported,
            "the file \(file.name.quoted) cannot be part of a chat: it is no image, and documents come in "
                + "a later version; leave it out, or add its text to the message"
        )
    }

    private static func unseen(_ file: ChatFile) -> LMStudioError {
        LMStudioError(
            .unsupported,
            "the model cannot see the image \(file.name.quoted): it has no vision; load a model that has "
                + "(its info says vision: true), with its mmproj file beside it, or leave the image out"
        )
    }

    /// The text that a chat becomes, in which `[image]` stands for each image.
    ///
    /// - Throws: `.invalidArgument` if the chat or its template is faulty; `.unsupported` for documents.
    func text(
        of chat: Chat,
        config: PredictionConfig,
        options: PromptTemplateOptions
    ) throws(LMStudioError) -> String {
        try Self.refuseDocuments(chat.files)
        let rendered = try render(
            chat.marking(filesWith: "[image]"),
            config: config,
            tools: options.tools
        )
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
