import LMStudioCore
import LMStudioWire

/// Tells a model of tools whose template knows none, in the form that LM Studio uses there.
enum ToolInstructions {
    private static let start = "[TOOL_REQUEST]"
    private static let end = "[END_TOOL_REQUEST]"

    /// The chat with the tools in its system message, and calls and results as text.
    static func spell(out chat: Chat, tools: [ToolDefinition]) -> Chat {
        var spelled = Chat(chat.messages.map(spell))
        guard !tools.isEmpty else { return spelled }
        let text = instructions(tools)
        if let first = spelled.messages.firstIndex(where: { $0.role == .system }) {
            spelled.messages[first].content.append(.text(text))
        } else {
            spelled.messages.insert(.system(text), at: 0)
        }
        return spelled
    }

    private static func spell(_ message: ChatMessage) -> ChatMessage {
        var spelled = message
        if spelled.role == .tool { spelled.role = .user }
        spelled.content = message.content.map { part in
            switch part {
            case .toolCallRequest(let call):
                .text("\(start)\(line(call))\(end)")
            case .toolCallResult(let result):
                .text("[TOOL_RESULT]\(result.content)[END_TOOL_RESULT]")
            case .text, .file: part
            }
        }
        // The text before a call is often empty, and would become a line of its own.
        if spelled.content.count > 1 { spelled.content.removeAll { $0 == .text("") } }
        return spelled
    }

    private static func line(_ call: ToolCallRequest) -> String {
        let name = JSONValue.string(call.name).text
        return "{\"name\": \(name), \"arguments\": \(call.arguments ?? "{}")}"
    }

    private static func instructions(_ tools: [ToolDefinition]) -> String {
        let list = tools.map { $0.json.text }.joined(separator: "\n")
        return """
            You can call tools. To call one, write exactly this, and nothing else:
            \(start){"name": "tool_name", "arguments": {"parameter": "value"}}\(end)
            Write one such request for each call, with all required arguments. \
            What a tool answers comes to you as [TOOL_RESULT]…[END_TOOL_RESULT]; never write that yourself. \
            If no tool helps, answer as usual.

            Tools:
            \(list)
            """
    }
}
