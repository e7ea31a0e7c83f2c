import LMStudioCore
import Testing

@Suite struct ChatTests {
    @Test func aStringIsOneUserMessage() {
        let chat: Chat = "Hi"
        #expect(chat.messages == [ChatMessage(role: .user, content: [.text("Hi")])])
        #expect(Chat("Hi", system: "Be brief").messages == [.system("Be brief"), .user("Hi")])
    }

    @Test(arguments: [
        Chat([.user("a"), .user("b")]), Chat([.assistant("a"), .assistant("b")]),
        Chat([.user("a"), .system("b"), .system("c")]), Chat([.user("")]),
        Chat([ChatMessage(role: .assistant, content: [])]),
        Chat([
            .user("a"), .assistant("", toolCalls: [ToolCallRequest(id: "1", name: "f")]),
            .tool("2", callID: "1"), .tool("3"),
        ]),
    ])
    func whatClientsSendIsAccepted(chat: Chat) throws {
        try chat.validate()
    }

    @Test(arguments: [
        (Chat(), "the chat is empty"),
        (Chat([.user("a"), .tool("b")]), "message 2 of the chat is a tool's result, but no"),
        (
            Chat([
                .assistant("", toolCalls: [ToolCallRequest(id: "1", name: "f")]),
                .tool("b", callID: "2"),
            ]),
            "message 2 of the chat is a tool's result for the call \"2\", but no"
        ),
        (
            Chat([ChatMessage(role: .tool, content: [.text("x")])]),
            "message 1 of the chat has the role \"tool\", which has no text"
        ),
        (
            Chat([
                ChatMessage(role: .user, content: [.toolCallRequest(ToolCallRequest(name: "f"))])
            ]),
            "has the role \"user\", which has no tool calls"
        ),
    ])
    func whatNoModelCanAnswerIsRefused(chat: Chat, message: String) throws {
        let error = try #require(throws: LMStudioError.self) { try chat.validate() }
        #expect(error.code == .invalidArgument)
        #expect(error.message.contains(message))
    }

    @Test func aTextTellsThinkingFromTheAnswer() {
        var text = PredictionText()
        for (content, type) in [
            ("Well. ", PredictionFragment.ReasoningType.none), ("<think>", .reasoningStartTag),
            ("Hm", .reasoning), ("?", .reasoning), ("</think>", .reasoningEndTag), ("Yes.", .none),
        ] {
            text.append(
                PredictionFragment(content: content, tokensCount: 1, reasoningType: type)
            )
        }
        #expect(text.content == "Well. <think>Hm?</think>Yes.")
        #expect(text.reasoningContent == "Hm?")
        #expect(text.nonReasoningContent == "Well. Yes.")
    }
}
