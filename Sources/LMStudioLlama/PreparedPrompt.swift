import LMStudioCore

/// What a request became before it reaches the scheduler.
struct PreparedPrompt: Sendable {
    /// The text that the model continues.
    var text: String
    /// Texts that end the prediction: the request's, and the template's.
    var stopStrings: [String]
    /// Tells thinking from the answer; `nil`: nobody wants it told.
    var splitter: ReasoningSplitter?
    /// What ends the thinking before the mark after it, where a budget does.
    var budgetMessage = ""
    /// Tells calls of tools from the answer; `nil`: there are no tools.
    var tools: ToolCallParser?
    /// What the answer may be; `nil`: anything.
    var plan: AnswerPlan?
    /// The model's tokens, which a plan needs.
    var vocabulary: TokenTexts?
    /// The text's tokens and images, if there are images in it.
    var images: PromptImages?
    /// The model that guesses ahead; `nil`: none.
    var draft: DraftModel?
    /// Where the tokens of a long text are put.
    let found = FoundTokens()

    /// Texts that are shown though the model may have control tokens for them.
    var marks: [String] { (splitter?.marks ?? []) + (tools?.marks ?? []) }

    /// The text's tokens, and numbers < 0 in place of images.
    func tokens(by model: LlamaModel) throws(LMStudioError) -> [Int32] {
        if let images { return images.tokens }
        if let found = try found.take() { return found }
        return try model.tokenize(text)
    }

    /// The beginning of its answer; `nil`: it may be anything.
    ///
    /// - Throws: `.invalidArgument` for a form that is refused.
    func answer(by answers: AnswerGrammars) throws(LMStudioError) -> AnswerGrammar? {
        guard let plan else { return nil }
        guard let vocabulary else {
            throw LMStudioError(.internal, "a form came without the tokens of its model")
        }
        return try answers.grammar(of: plan, vocabulary: vocabulary)
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
            tools: config.offeredTools
        )
        let parser = try rendered.template.flatMap { template throws(LMStudioError) in
            try config.toolCallParser(by: template)
        }
        let parsing = config.reasoningParsing ?? ReasoningParsing()
        let splitter =
            parser?.readsAll == true
            ? nil
            : parsing.splitter(after: rendered.text, hasForm: config.structured != nil)
        var plan = config.answerPlan(parser, thinking: thinking(splitter, config))
        if let output = plan?.output {
            do throws(LMStudioError) {
                // Here, so that the other predictions need not wait for it.
                _ = try AnswerForm.of(output)
            } catch {
                // Calls that nobody asked for can do without: they are looked at when they are written.
                guard plan?.triggers.isEmpty == false else { throw error }
                plan = nil
            }
        }
        return PreparedPrompt(
            text: rendered.text,
            stopStrings: config.stopStrings + rendered.stopStrings + (parser?.stopStrings ?? []),
            splitter: splitter,
            tools: parser,
            plan: plan,
            images: try images(rendered.text, marker, files, config, vision)
        )
    }

    /// Whether a model thinks before its answer: the prompt has begun it, or there is a token for it.
    private func thinking(
        _ splitter: ReasoningSplitter?,
        _ config: PredictionConfig
    ) -> AnswerPlan.Thinking {
        guard let splitter else { return .none }
        // Some templates begin it whatever they are told.
        if splitter.isThinking { return .begun }
        guard config.enableThinking ?? true else { return .none }
        return token(of: splitter.marks[0]).map { .possible($0) } ?? .none
    }

    /// The text that a chat becomes, in which `[image]` stands for each image.
    ///
    /// - Throws: `.invalidArgument` if the chat or its template is faulty; `.unsupported` for documents.
    func text(
        of chat: Chat,
        config: PredictionConfig,
        options: PromptTemplateOptions
    ) throws(LMStudioError) -> String {
        try PredictionConfig.check(options.tools)
        _ = try LocalHost.review(options.tools)
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
        /// What made it; `nil`: no Jinja did.
        var template: LlamaTemplate?
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
        let chat = chat.begun(with: config.systemPrompt)
        try Self.refuseUnread(config)
        let stopStrings = config.promptTemplate?.stopStrings ?? []
        let template: LlamaTemplate
        switch config.promptTemplate?.form {
        case .manual(let texts)?:
            guard tools.isEmpty else {
                throw LMStudioError(
                    .invalidArgument,
                    "a manual promptTemplate cannot tell the model of rawTools; give a jinja one, or none"
                )
            }
            return Rendered(text: texts.prompt(of: chat), stopStrings: stopStrings)
        case .jinja(let source)?: template = try LlamaTemplate(source, for: self)
        case nil: template = try chatTemplate(for: !tools.isEmpty)
        }
        let isNative =
            tools.isEmpty ? !chat.hasTools || template.writesCalls : template.knowsTools
        let text = try template.prompt(
            of: isNative ? chat : ToolInstructions.spell(out: chat, tools: tools),
            tools: isNative ? tools : [],
            enablesThinking: config.enableThinking ?? template.thinks
        )
        return Rendered(
            text: text,
            stopStrings: template.stopStrings + stopStrings,
            template: template,
            beginning: template.beginning,
            end: template.end
        )
    }

    /// Refuses options whose values make no sense, but for those that may stay unread.
    static func refuseUnread(
        _ config: PredictionConfig,
        unless isFine: (_ value: String) -> Bool = { _ in false }
    ) throws(LMStudioError) {
        for (name, wanted) in shapes {
            guard let value = config.others[name], !isFine(value) else { continue }
            throw LMStudioError(
                .invalidArgument,
                "\(name) must be \(wanted), not \(value.prefix(200))"
            )
        }
    }

    /// Options that have a property, unless what came as their value makes no sense.
    private static let shapes = [
        (
            "rawTools",
            #"{"type":"none"} or {"type":"toolArray","tools":[{"type":"function","function":"#
                + #"{"name":"…","description":"…","parameters":{…}}},…]}"#
        ),
        (
            "toolChoice",
            #"{"type":"generic","mode":"none", "auto" or "required"} or "#
                + #"{"type":"function","function":{"name":"…"}}"#
        ),
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
    /// Whether a tool was called in it.
    fileprivate var hasTools: Bool {
        messages.contains { message in
            message.content.contains { part in
                switch part {
                case .toolCallRequest, .toolCallResult: true
                case .text, .file: false
                }
            }
        }
    }

    /// The chat with a system message at its beginning, unless it has one somewhere.
    fileprivate func begun(with systemPrompt: String?) -> Chat {
        guard let systemPrompt, !messages.contains(where: { $0.role == .system }) else {
            return self
        }
        var chat = self
        chat.messages.insert(ChatMessage(role: .system, content: [.text(systemPrompt)]), at: 0)
        return chat
    }

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
