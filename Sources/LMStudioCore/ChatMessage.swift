/// What somebody said in a chat.
public struct ChatMessage: Sendable, Hashable {
    /// Who said it.
    public var role: Role
    /// What was said, in order.
    public var content: [Part]

    /// Who says something; the raw values are LM Studio's.
    public enum Role: String, Sendable, CaseIterable {
        /// Whoever tells the model how to answer.
        case system
        /// Whoever asks.
        case user
        /// The model.
        case assistant
        /// A program that the model called.
        case tool
    }

    /// A piece of a message.
    public enum Part: Sendable, Hashable {
        /// Text; in every message but a tool's.
        case text(String)
        /// A file that was handed to the host; in every message but a tool's.
        case file(ChatFile)
        /// The model asks for a tool to be called; in an assistant's message.
        case toolCallRequest(ToolCallRequest)
        /// What a tool answered; in a tool's message.
        case toolCallResult(ToolCallResult)

        /// What it is, for messages.
        var kind: String {
            switch self {
            case .text: "text"
            case .file: "files"
            case .toolCallRequest: "tool calls"
            case .toolCallResult: "tool results"
            }
        }
    }

    /// Makes a message.
    public init(role: Role, content: [Part]) {
        self.role = role
        self.content = content
    }

    /// How the model is to answer.
    public static func system(_ text: String) -> ChatMessage {
        ChatMessage(role: .system, content: [.text(text)])
    }

    /// What the user says.
    public static func user(_ text: String) -> ChatMessage {
        ChatMessage(role: .user, content: [.text(text)])
    }

    /// What the model said, and which tools it called.
    public static func assistant(
        _ text: String,
        toolCalls: [ToolCallRequest] = []
    ) -> ChatMessage {
        ChatMessage(
            role: .assistant,
            content: [.text(text)] + toolCalls.map { .toolCallRequest($0) }
        )
    }

    /// What a tool answered.
    ///
    /// - Parameters:
    ///   - result: usually JSON.
    ///   - id: that of the call; `nil`: the call had none.
    /// - Returns: a message of the role ``Role/tool``.
    public static func tool(_ result: String, callID id: String? = nil) -> ChatMessage {
        ChatMessage(
            role: .tool,
            content: [.toolCallResult(ToolCallResult(content: result, toolCallID: id))]
        )
    }

    /// The texts, one after the other.
    public var text: String {
        content.reduce(into: "") { text, part in
            if case .text(let piece) = part { text += piece }
        }
    }
}
