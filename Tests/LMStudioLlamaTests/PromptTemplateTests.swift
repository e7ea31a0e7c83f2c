import LMStudio
import LMStudioTesting
import Testing

@testable import LMStudioLlama

/// Prompts of a tiny model whose texts begin with `<s>` and end with `</s>`.
@Suite(.onBothHosts) struct PromptTemplateTests {
    private func prompt(
        of chat: Chat,
        _ template: String?,
        options: PromptTemplateOptions = PromptTemplateOptions(),
        _ change: (inout PredictionConfig) -> Void = { _ in }
    ) async throws -> String {
        let model = try await HostTrait.client(of: TinyStore("tiny").host()).llm.model("tiny")
        var config = PredictionConfig()
        config.promptTemplate = template.map { PromptTemplate(.jinja($0)) }
        change(&config)
        return try await model.applyPromptTemplate(chat, config: config, options: options)
    }

    private func failure(_ template: String, of chat: Chat = "Hi") async throws -> String {
        let error = try await #require(throws: LMStudioError.self) {
            try await prompt(of: chat, template)
        }
        #expect(error.code == HostTrait.refusal)
        return error.message
    }

    static let chat = Chat([
        .system("Be brief."), .user("Hi"), .assistant("Hello!"), .user(" Who are you? "),
    ])

    @Test(arguments: TemplateFamily.all)
    func promptsAreThoseOfTheFamily(family: TemplateFamily) async throws {
        #expect(try await prompt(of: Self.chat, family.template) == family.prompt)
    }

    /// Each message in a line, after its role's first letter.
    private static let lines =
        "{% for m in messages %}{{ m.role[0] }}:{{ m.content }}\n{% endfor %}"

    @Test func aSystemPromptBeginsAChatThatHasNone() async throws {
        let text = try await prompt(of: "Hi", Self.lines) { $0.systemPrompt = "Be kind." }
        #expect(text == "s:Be kind.\nu:Hi\n")
        var config = PredictionConfig()
        config.systemPrompt = "Be kind."
        config.promptTemplate = PromptTemplate(.manual(.init()))
        let manual = try await prompt(of: "Hi", nil) { $0 = config }
        #expect(manual == "Be kind.Hi")
    }

    @Test func aSystemMessageOfTheChatStaysAsItIs() async throws {
        for chat in [Chat("Hi", system: "Be brief."), Chat([.user("Hi"), .system("Be brief.")])] {
            let plain = try await prompt(of: chat, Self.lines)
            let text = try await prompt(of: chat, Self.lines) { $0.systemPrompt = "Be kind." }
            #expect(text == plain)
            #expect(text.contains("s:Be brief."))
        }
    }

    @Test func anAnswerHeedsTheSystemPrompt() async throws {
        let model = try await HostTrait.client(of: TinyStore("tiny").host()).llm.model("tiny")
        var config = PredictionConfig.greedy(4)
        let plain = try await model.respond("Hi", config: config).stats.promptTokensCount
        config.systemPrompt = "Be kind."
        let result = try await model.respond("Hi", config: config)
        let told = try await model.respond(Chat("Hi", system: "Be kind."), config: .greedy(4))
        #expect(result.content == told.content)
        #expect(result.stats.promptTokensCount == told.stats.promptTokensCount)
        #expect(result.stats.promptTokensCount != plain)
        #expect(result.predictionConfig.systemPrompt == "Be kind.")
    }

    @Test func aModelWithoutATemplateGetsChatML() async throws {
        #expect(
            try await prompt(of: Self.chat, nil) == "<|im_start|>system\nBe brief.<|im_end|>\n"
                + "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\nHello!<|im_end|>\n"
                + "<|im_start|>user\n Who are you? <|im_end|>\n<|im_start|>assistant\n"
        )
    }

    @Test func aManualTemplateStandsAroundTheTexts() async throws {
        var texts = PromptTemplate.Manual()
        (texts.beforeSystem, texts.afterSystem) = ("<<", ">>\n")
        (texts.beforeUser, texts.afterUser) = ("Human: ", "\n")
        (texts.beforeAssistant, texts.afterAssistant) = ("AI:", ".\n")
        let text = try await prompt(of: Self.chat, nil) {
            $0.promptTemplate = PromptTemplate(.manual(texts))
        }
        #expect(text == "<<Be brief.>>\nHuman: Hi\nAI:Hello!.\nHuman:  Who are you? \nAI:")
    }

    @Test(arguments: [(false, false), (true, false), (false, true), (true, true)])
    func tokensAtTheEndsMayBeLeftOut(omitsBOS: Bool, omitsEOS: Bool) async throws {
        let text = try await prompt(
            of: "Hi",
            "{{ bos_token + messages[0].content + eos_token }}",
            options: PromptTemplateOptions(omitBOSToken: omitsBOS, omitEOSToken: omitsEOS)
        )
        #expect(text == (omitsBOS ? "" : "<s>") + "Hi" + (omitsEOS ? "" : "</s>"))
    }

    @Test func toolsAndThinkingAreToldToTheTemplate() async throws {
        let tool = ToolDefinition(
            name: "add",
            description: "Adds.",
            parameters: #"{"type":"object","properties":{"a":{"type":"integer"}}}"#
        )
        let text = try await prompt(
            of: "Hi",
            "{% for t in tools %}{{ t.function.name }}({{ t.function.parameters.properties.a.type }}) "
                + "{{ t.function.description }}{% endfor %}{{ enable_thinking }}"
                + ToolFamily.hermes.template,
            options: PromptTemplateOptions(tools: [tool])
        ) { $0.enableThinking = false }
        #expect(text.hasPrefix("add(integer) Adds.False<|im_start|>system\n# Tools"))
    }

    @Test func aTemplateThatKnowsNoToolsGetsThemInTheSystemMessage() async throws {
        let chat = Chat([
            .system("Be brief."), .user("1 + 2?"),
            .assistant(
                "",
                toolCalls: [ToolCallRequest(id: "c1", name: "add", arguments: #"{"a":1,"b":2}"#)]
            ), .tool("3", callID: "c1"),
        ])
        let text = try await prompt(
            of: chat,
            nil,
            options: PromptTemplateOptions(tools: [ToolCallReaderTests.add])
        )
        #expect(text.hasPrefix("<|im_start|>system\nBe brief.\nYou can call tools."))
        #expect(
            text.contains(#"{"function":{"description":"Adds.","name":"add","parameters":{"type""#)
        )
        #expect(
            text.hasSuffix(
                "<|im_start|>assistant\n[TOOL_REQUEST]{\"name\": \"add\", \"arguments\": {\"a\":1,\"b\":2}}"
                    + "[END_TOOL_REQUEST]<|im_end|>\n<|im_start|>user\n[TOOL_RESULT]3[END_TOOL_RESULT]"
                    + "<|im_end|>\n<|im_start|>assistant\n"
            )
        )
    }

    @Test func toolCallsAndResultsAreMessages() async throws {
        let chat = Chat([
            .user("1 + 2?"),
            .assistant(
                "",
                toolCalls: [ToolCallRequest(id: "c1", name: "add", arguments: #"{"a":1,"b":2}"#)]
            ), .tool("3", callID: "c1"),
        ])
        let template = """
            {%- for m in messages -%}
            [{{ m.role }}:{{ m.content }}
            {%- for c in m.tool_calls or [] %}|{{ c.id }}={{ c.function.name }} {{ c.function.arguments | tojson }}{% endfor -%}
            {%- if m.tool_call_id %}|{{ m.tool_call_id }}{% endif -%}
            ]
            {%- endfor -%}
            """
        #expect(
            try await prompt(of: chat, template)
                == #"[user:1 + 2?][assistant:|c1=add {"a": 1, "b": 2}][tool:3|c1]"#
        )
    }

    @Test func severalTextsOfAMessageAreLines() async throws {
        let chat = Chat([ChatMessage(role: .user, content: [.text("a"), .text("b")])])
        #expect(try await prompt(of: chat, "{{ messages[0].content }}") == "a\nb")
    }

    @Test func aStrictTemplateGetsMessagesInItsOrder() async throws {
        let chat = Chat([
            .user("a"), .user("b"), .assistant("c"), .assistant("d"), .system("e"), .user("f"),
            .system("g"),
        ])
        #expect(
            try await prompt(of: chat, TemplateFamily.gemma.template)
                == "<s><start_of_turn>user\ne\ng\n\na\nb<end_of_turn>\n<start_of_turn>model\nc\nd<end_of_turn>\n"
                + "<start_of_turn>user\nf<end_of_turn>\n<start_of_turn>model\n"
        )
    }

    // MARK: Faults

    @Test(arguments: [
        ("a\nb\n{% foo %}\nc", "line 3: Unknown statement: foo"),
        ("a\n{{ messages[0] }\nb {{ 'x' }}\nc", "line 2: "),
        ("a\n\n{% for x in messages %}{{ x }}", "line 3: "),
        ("{% if a %}\n{{ (1 + 2 }}\n{% endif %}", "line 2: "),
        ("a\n{# no end\nb\nc", "line 2: missing end of comment tag"),
        ("a\nb\n{{ 1 ? 2 }}\n", "line 3: unexpected character: ?"),
        ("{{ 'a", "line 1: unexpected end of input"),
    ])
    func aSyntaxErrorIsToldWithItsLine(template: String, message: String) async throws {
        let text = try await failure(template)
        #expect(text.hasPrefix("the prompt template fails: \(message)"), "\(text)")
        #expect(!text.contains("\n"))
    }

    @Test(arguments: [
        ("\n\n{{ raise_exception('no such chat') }}", "line 3: Jinja Exception: no such chat"),
        ("{{ 1 + undefined_thing }}", "line 1: "),
        ("\n{{ messages | frobnicate }}", "line 2: "),
    ])
    func aTemplateThatRaisesIsToldWithItsLine(template: String, message: String) async throws {
        let text = try await failure(template)
        #expect(text.hasPrefix("the prompt template fails: \(message)"), "\(text)")
        #expect(!text.contains("\n"))
    }

    @Test func aFaultyTemplateOfAModelSaysWhatToDo() async throws {
        var model = TinyModel()
        model.chatTemplate = "\n{% oops %}"
        let directory = try TemporaryDirectory()
        try directory.write(model.bytes(), to: "test/tiny/tiny.gguf")
        let client = try await HostTrait.client(of: LocalHost(models: directory.path))
        let tiny = try await client.llm.model("tiny")
        let error = try await #require(throws: LMStudioError.self) {
            try await tiny.applyPromptTemplate("Hi")
        }
        #expect(
            error.message
                == "the model's own prompt template fails: line 2: Unknown statement: oops; "
                + "change the chat, or give another promptTemplate"
        )
    }

    @Test(arguments: [
        ("promptTemplate", #"{"type":"jinja"}"#), ("reasoningParsing", #"{"enabled":7}"#),
    ])
    func anOptionThatMakesNoSenseIsRefused(name: String, value: String) async throws {
        let error = try await #require(throws: LMStudioError.self) {
            try await prompt(of: "Hi", nil) { $0.others[name] = value }
        }
        #expect(error.code == HostTrait.refusal)
        #expect(error.message.hasPrefix("\(name) must be {"))
    }

    // MARK: Files

    /// The prompt of a chat with a file, which a client hands over.
    private func prompt(of bytes: [UInt8], named name: String) async throws -> String {
        let client = try await HostTrait.client(of: TinyStore("tiny").host())
        let file = try await client.prepareImage(bytes, name: name)
        let parts: [ChatMessage.Part] = [
            .text("Look:"), .file(file), .text("What?"), .text("Why?"),
        ]
        return try await client.llm.model("tiny").applyPromptTemplate(
            Chat([ChatMessage(role: .user, content: parts)])
        )
    }

    @Test func anImageIsShownWhereItStands() async throws {
        let text = try await prompt(of: TestImage.png(pattern: 1), named: "x.png")
        #expect(text.contains("Look:[image]What?\nWhy?"))
    }

    @Test func aDocumentIsRefusedByName() async throws {
        let error = try await #require(throws: LMStudioError.self) {
            try await prompt(of: Array("some words".utf8), named: "x.txt")
        }
        #expect(error.code == HostTrait.code(.unsupported))
        #expect(error.message.contains("x.txt"))
    }
}
