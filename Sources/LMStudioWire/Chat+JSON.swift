package import LMStudioCore

extension Chat {
    /// Reads LM Studio's chat history, `{"messages":[{"role":…,"content":[…]},…]}`.
    ///
    /// A message's content may be a mere string, and members that this version does not know are left
    /// out.
    ///
    /// - Parameters:
    ///   - json: the history.
    ///   - what: what it is, for the error message: "chat".
    /// - Throws: `.invalidArgument` naming the place if it is none, or no model could answer it.
    package init(json: JSONValue?, as what: String) throws(LMStudioError) {
        guard let messages = json?["messages"]?.elements else {
            throw LMStudioError(
                .invalidArgument,
                "the \(what) must be an object with an array \"messages\", not "
                    + (json?.kind ?? "nothing")
            )
        }
        self.init()
        for (index, message) in messages.enumerated() {
            append(try ChatMessage(json: message, at: "\(what).messages[\(index)]"))
        }
        try validate()
    }

    /// LM Studio's chat history.
    package var json: JSONValue {
        .object(["messages": .array(messages.map(\.json))])
    }
}

extension ChatMessage {
    fileprivate init(json: JSONValue, at place: String) throws(LMStudioError) {
        let name = json["role"]?.string
        guard let role = name.flatMap({ Role(rawValue: $0) }) else {
            throw JSONValue.unfit(
                json["role"],
                "\(place).role",
                "one of \"system\", \"user\", \"assistant\", \"tool\""
            )
        }
        var parts: [Part] = []
        switch json["content"] {
        case .string(let text)?: parts = [.text(text)]
        case .array(let elements)?:
            for (index, part) in elements.enumerated() {
                parts.append(try Part(json: part, at: "\(place).content[\(index)]"))
            }
        case let content:
            throw JSONValue.unfit(content, "\(place).content", "an array of parts")
        }
        self.init(role: role, content: parts)
    }

    fileprivate var json: JSONValue {
        .object(["role": .string(role.rawValue), "content": .array(content.map(\.json))])
    }
}

extension ChatMessage.Part {
    fileprivate init(json: JSONValue, at place: String) throws(LMStudioError) {
        func string(_ name: String) throws(LMStudioError) -> String {
            guard let text = json[name]?.string else {
                throw JSONValue.unfit(json[name], "\(place).\(name)", "a string")
            }
            return text
        }
        switch json["type"]?.string {
        case "text": self = .text(try string("text"))
        case "file":
            self = .file(
                ChatFile(
                    name: json["name"]?.string ?? "",
                    identifier: try string("identifier"),
                    sizeBytes: json["sizeBytes"]?.count ?? 0,
                    fileType: json["fileType"]?.string ?? "unknown"
                )
            )
        case "toolCallRequest":
            let place = "\(place).toolCallRequest"
            self = .toolCallRequest(
                try ToolCallRequest(json: json["toolCallRequest"] ?? .null, at: place)
            )
        case "toolCallResult":
            self = .toolCallResult(
                ToolCallResult(
                    content: try string("content"),
                    toolCallID: json["toolCallId"]?.string,
                    name: json["name"]?.string
                )
            )
        default:
            throw JSONValue.unfit(
                json["type"],
                "\(place).type",
                "one of \"text\", \"file\", \"toolCallRequest\", \"toolCallResult\""
            )
        }
    }

    fileprivate var json: JSONValue {
        switch self {
        case .text(let text): .object(["type": .string("text"), "text": .string(text)])
        case .file(let file):
            .object([
                "type": .string("file"), "name": .string(file.name),
                "identifier": .string(file.identifier), "sizeBytes": .whole(file.sizeBytes),
                "fileType": .string(file.fileType),
            ])
        case .toolCallRequest(let request):
            .object(["type": .string("toolCallRequest"), "toolCallRequest": request.json])
        case .toolCallResult(let result):
            .present([
                "type": .string("toolCallResult"), "content": .string(result.content),
                "toolCallId": result.toolCallID.map { .string($0) },
                "name": result.name.map { .string($0) },
            ])
        }
    }
}

extension ToolCallRequest {
    /// Reads LM Studio's tool call request; arguments that came as text of JSON are taken as well.
    package init(json: JSONValue, at place: String) throws(LMStudioError) {
        guard let name = json["name"]?.string else {
            throw JSONValue.unfit(json["name"], "\(place).name", "a string")
        }
        var arguments = json["arguments"]
        if let text = arguments?.string {
            arguments = try JSONValue(
                parsing: text,
                as: "\(place).arguments",
                keepingOrder: true
            )
        }
        guard arguments == nil || arguments?.members != nil else {
            throw JSONValue.unfit(arguments, "\(place).arguments", "an object")
        }
        self.init(id: json["id"]?.string, name: name, arguments: arguments?.text)
    }

    /// LM Studio's tool call request.
    package var json: JSONValue {
        .present([
            "type": .string("function"), "name": .string(name), "id": id.map { .string($0) },
            "arguments": arguments.flatMap {
                try? JSONValue(parsing: $0, as: "arguments", keepingOrder: true)
            },
        ])
    }
}

extension ToolDefinition {
    /// Reads LM Studio's tool definition, `{"type":"function","function":{"name":…,…}}`.
    package init(json: JSONValue, at place: String) throws(LMStudioError) {
        guard let function = json["function"], let name = function["name"]?.string else {
            throw JSONValue.unfit(
                json["function"],
                "\(place).function",
                "an object with a \"name\""
            )
        }
        let description = function["description"]
        guard description == nil || description?.string != nil else {
            throw JSONValue.unfit(description, "\(place).function.description", "a string")
        }
        self.init(
            name: name,
            description: description?.string,
            parameters: function["parameters"]?.text
        )
    }

    /// LM Studio's tool definition.
    package var json: JSONValue {
        .object([
            "type": .string("function"),
            "function": .present([
                "name": .string(name), "description": description.map { .string($0) },
                "parameters": parameters.flatMap {
                    try? JSONValue(parsing: $0, as: "parameters", keepingOrder: true)
                },
            ]),
        ])
    }
}

extension JSONValue {
    /// The error for a value that does not fit its place.
    fileprivate static func unfit(
        _ value: JSONValue?,
        _ place: String,
        _ wanted: String
    ) -> LMStudioError {
        LMStudioError(
            .invalidArgument,
            "\(place) must be \(wanted), not \(value?.kind ?? "nothing")"
        )
    }
}
