/// What was said until now, for a model to go on with.
///
/// ```swift
/// var chat = Chat("Name three rivers.")
/// chat.append(.assistant(try await model.respond(chat).content))
/// chat.append(.user("And which of them is the longest?"))
/// print(try await model.respond(chat))
/// ```
public struct Chat: Sendable, Hashable {
    /// The messages, the oldest first.
    public var messages: [ChatMessage]

    /// Makes a chat of messages.
    public init(_ messages: [ChatMessage] = []) {
        self.messages = messages
    }

    /// Makes a chat of one user message.
    ///
    /// - Parameters:
    ///   - text: what the user says.
    ///   - system: how the model is to answer; `nil`: no such message.
    public init(_ text: String, system: String? = nil) {
        messages = (system.map { [.system($0)] } ?? []) + [.user(text)]
    }

    /// Adds a message at the end.
    public mutating func append(_ message: ChatMessage) {
        messages.append(message)
    }

    /// Refuses what no model can answer.
    ///
    /// Messages of one role in a row, system messages in any place and empty texts are accepted: clients
    /// send them.
    ///
    /// - Throws: `.invalidArgument` if there is no message, a part stands in a message of a role that has
    ///   none such, or a tool's result belongs to no call before it.
    package func validate() throws(LMStudioError) {
        guard !messages.isEmpty else {
            throw LMStudioError(.invalidArgument, "the chat is empty; give at least one message")
        }
        var calls: Set<String> = []
        var hasCalls = false
        for (index, message) in messages.enumerated() {
            for part in message.content {
                try message.role.check(part, at: index)
                switch part {
                case .toolCallRequest(let request):
                    hasCalls = true
                    if let id = request.id { calls.insert(id) }
                case .toolCallResult(let result):
                    guard hasCalls, result.toolCallID.map(calls.contains) ?? true else {
                        throw LMStudioError(
                            .invalidArgument,
                            "message \(index + 1) of the chat is a tool's result"
                                + (result.toolCallID.map { " for the call \"\($0)\"" } ?? "")
                                + ", but no assistant message before it makes that call; add the call first"
                        )
                    }
                case .text, .file: break
                }
            }
        }
    }
}

extension Chat: ExpressibleByStringLiteral {
    /// Makes a chat of one user message.
    public init(stringLiteral text: String) {
        self.init(text)
    }
}

extension ChatMessage.Role {
    fileprivate func check(_ part: ChatMessage.Part, at index: Int) throws(LMStudioError) {
        let fits =
            switch part {
            case .text, .file: self != .tool
            case .toolCallRequest: self == .assistant
            case .toolCallResult: self == .tool
            }
        guard !fits else { return }
        throw LMStudioError(
            .invalidArgument,
            "message \(index + 1) of the chat has the role \"\(rawValue)\", which has no \(part.kind)"
        )
    }
}
