import LMStudioCore
import LMStudioWire
import Testing

@Suite struct ChatJSONTests {
    private func read(_ text: String) throws -> Chat {
        try Chat(json: try JSONValue(parsing: text, as: "chat"), as: "history")
    }

    @Test(arguments: [
        #"{"messages":[{"content":[{"text":"be brief","type":"text"}],"role":"system"},"#
            + #"{"content":[{"text":"what?","type":"text"},{"fileType":"image","#
            + #""identifier":"local:1.png","name":"x.png","sizeBytes":9,"type":"file"}],"role":"user"}]}"#,
        #"{"messages":[{"content":[{"text":"TOOL","type":"text"}],"role":"user"},"#
            + #"{"content":[{"text":"","type":"text"},{"toolCallRequest":{"arguments":{"a":1,"b":2},"#
            + #""id":"abc123","name":"add","type":"function"},"type":"toolCallRequest"}],"role":"assistant"},"#
            + #"{"content":[{"content":"3","name":"add","toolCallId":"abc123","type":"toolCallResult"}],"#
            + #""role":"tool"}]}"#,
    ])
    func aChatOfTheProtocolSurvivesARoundTrip(text: String) throws {
        #expect(try read(text).json.text == text)
    }

    @Test func contentMayBeAString() throws {
        #expect(try read(#"{"messages":[{"role":"user","content":"Hi"}]}"#) == "Hi")
    }

    @Test func argumentsMayBeText() throws {
        let chat = try read(
            #"{"messages":[{"role":"assistant","content":[{"type":"toolCallRequest","#
                + #""toolCallRequest":{"type":"function","name":"f","arguments":"{\"a\": 1}"}}]}]}"#
        )
        let request = ToolCallRequest(name: "f", arguments: #"{"a":1}"#)
        #expect(chat.messages.first?.content == [.toolCallRequest(request)])
    }

    @Test(arguments: [
        ("[]", #"the history must be an object with an array "messages", not an array"#),
        (#"{"messages":[]}"#, "the chat is empty"),
        (
            #"{"messages":[{"role":"user","content":"a"},{"role":"developer","content":"b"}]}"#,
            #"history.messages[1].role must be one of "system", "user", "assistant", "tool", not "developer""#
        ),
        (
            #"{"messages":[{"content":"b"}]}"#,
            #"history.messages[0].role must be one of"#
        ),
        (
            #"{"messages":[{"role":"user"}]}"#,
            "history.messages[0].content must be an array of parts, not nothing"
        ),
        (
            #"{"messages":[{"role":"user","content":[{"type":"text"}]}]}"#,
            "history.messages[0].content[0].text must be a string, not nothing"
        ),
        (
            #"{"messages":[{"role":"user","content":[{"type":"audio"}]}]}"#,
            #"history.messages[0].content[0].type must be one of "text", "file", "#
        ),
        (
            #"{"messages":[{"role":"assistant","content":[{"type":"toolCallRequest","#
                + #""toolCallRequest":{"name":"f","arguments":[1]}}]}]}"#,
            "history.messages[0].content[0].toolCallRequest.arguments must be an object, not an array"
        ),
        (
            #"{"messages":[{"role":"tool","content":[{"type":"toolCallResult","content":"3"}]}]}"#,
            "no assistant message before it makes that call"
        ),
    ])
    func whatIsNoChatIsRefusedByPlace(text: String, message: String) throws {
        let error = try #require(throws: LMStudioError.self) { try read(text) }
        #expect(error.code == .invalidArgument)
        #expect(error.message.contains(message))
    }

    @Test(arguments: [
        #"{"jinjaPromptTemplate":{"template":"{{ x }}"},"stopStrings":["X"],"type":"jinja"}"#,
        #"{"manualPromptTemplate":{"afterAssistant":"6","afterSystem":"2","afterUser":"4","#
            + #""beforeAssistant":"5","beforeSystem":"1","beforeUser":"3"},"stopStrings":[],"type":"manual"}"#,
    ])
    func aTemplateSurvivesARoundTrip(text: String) throws {
        let json = try JSONValue(parsing: text, as: "template")
        #expect(PromptTemplate(json: json)?.json == json)
        var warnings: [String] = []
        let config = try PredictionConfig(
            json: .object(["promptTemplate": json]),
            for: nil,
            warnings: &warnings
        )
        #expect(config.promptTemplate?.json == json)
        #expect(config.others.isEmpty)
        #expect(PredictionConfig(kv: config.kv) == config)
    }

    @Test(arguments: [
        #"{"type":"jinja","jinjaPromptTemplate":{"template":5}}"#,
        #"{"type":"jinja","jinjaPromptTemplate":{"template":"x"},"stopStrings":["a",5]}"#,
        #"{"type":"jinja","jinjaPromptTemplate":{"template":"x"},"stopStrings":"a"}"#,
        #"{"type":"manual","manualPromptTemplate":5}"#,
        #"{"type":"manual","manualPromptTemplate":{"afterUser":5}}"#,
    ])
    func aTemplateWithAnythingOfAnotherTypeIsNone(text: String) throws {
        #expect(PromptTemplate(json: try JSONValue(parsing: text, as: "template")) == nil)
    }

    @Test(arguments: [
        ("5", "opts must be an object, not 5"),
        (#"{"omitBosToken":"x"}"#, #"opts.omitBosToken must be true or false, not "x""#),
        (#"{"omitEosToken":5}"#, "opts.omitEosToken must be true or false, not 5"),
        (#"{"toolDefinitions":5}"#, "opts.toolDefinitions must be an array of tools, not 5"),
        (#"{"toolDefinitions":[5]}"#, "opts.toolDefinitions[0]"),
    ])
    func anOptionOfTemplatesOfAnotherTypeIsRefused(text: String, message: String) throws {
        let error = try #require(throws: LMStudioError.self) {
            try PromptTemplateOptions(json: try JSONValue(parsing: text, as: "opts"))
        }
        #expect(error.code == .invalidArgument)
        #expect(error.message.contains(message))
    }

    @Test func optionsOfTemplatesMayBeLeftOut() throws {
        for text in ["null", "{}", #"{"omitBosToken":null,"toolDefinitions":null}"#] {
            let options = try PromptTemplateOptions(json: try JSONValue(parsing: text, as: "opts"))
            #expect(options.json == .object([:]))
        }
    }

    @Test func reasoningOptionsSurviveARoundTrip() throws {
        var config = PredictionConfig()
        config.reasoningParsing = ReasoningParsing(startString: "[T]", endString: "[/T]")
        config.enableThinking = false
        var warnings: [String] = []
        #expect(
            try PredictionConfig(json: config.json, for: nil, warnings: &warnings) == config
        )
        let stack = config.stack(isRawText: false)
        #expect(try PredictionConfig(stack: stack, warnings: &warnings) == config)
        #expect(warnings == [])
        #expect(!PredictionConfig.isRawText(stack: stack))
    }

    @Test func emptyMarksOfThinkingAreRefused() {
        var warnings: [String] = []
        #expect(throws: LMStudioError.self) {
            try PredictionConfig(
                json: try JSONValue(
                    parsing: #"{"reasoningParsing":{"enabled":true,"startString":""}}"#,
                    as: "config"
                ),
                for: nil,
                warnings: &warnings
            )
        }
    }
}
