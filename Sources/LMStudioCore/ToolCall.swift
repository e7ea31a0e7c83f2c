/// A model's wish that a tool be called.
public struct ToolCallRequest: Sendable, Hashable {
    /// The call's own name, which its result repeats; `nil`: it has none.
    public var id: String?
    /// The tool's name.
    public var name: String
    /// The arguments, text of a JSON object; `nil`: none are given.
    public var arguments: String?

    /// Makes a request.
    public init(id: String? = nil, name: String, arguments: String? = nil) {
        self.id = id
        self.name = name
        self.arguments = arguments
    }
}

/// What a tool answered.
public struct ToolCallResult: Sendable, Hashable {
    /// The answer, usually JSON.
    public var content: String
    /// The `id` of the request; `nil`: it had none.
    public var toolCallID: String?
    /// The tool's name; `nil`: not said.
    public var name: String?

    /// Makes a result.
    public init(content: String, toolCallID: String? = nil, name: String? = nil) {
        self.content = content
        self.toolCallID = toolCallID
        self.name = name
    }
}

/// A tool that a model may ask to be called.
public struct ToolDefinition: Sendable, Hashable {
    /// What the model calls it by.
    public var name: String
    /// What it does, for the model; `nil`: not said.
    public var description: String?
    /// The arguments it takes, text of a JSON schema of type object; `nil`: none.
    public var parameters: String?

    /// Makes a definition.
    public init(name: String, description: String? = nil, parameters: String? = nil) {
        self.name = name
        self.description = description
        self.parameters = parameters
    }
}
