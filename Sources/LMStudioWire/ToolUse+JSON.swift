package import LMStudioCore

/// LM Studio's setting of tools: `{"type":"none"}` or `{"type":"toolArray","tools":[…]}`.
struct ToolSetting {
    var tools: [ToolDefinition]
    /// Whether one of them must be called.
    var isForced: Bool

    /// What it is called where there are none.
    static let none = JSONValue.object(["type": .string("none")])

    /// Reads the setting; `nil` if it is none.
    init?(json: JSONValue) {
        tools = []
        isForced = json["force"]?.bool ?? false
        switch json["type"]?.string {
        case "none": isForced = false
        case "toolArray":
            let given = json["tools"] ?? .null
            guard let elements = given == .null ? [] : given.elements else { return nil }
            for (index, element) in elements.enumerated() {
                guard let tool = try? ToolDefinition(json: element, at: "tools[\(index)]") else {
                    return nil
                }
                tools.append(tool)
            }
        default: return nil
        }
    }

    /// LM Studio's setting.
    static func json(_ tools: [ToolDefinition]) -> JSONValue {
        .object(["type": .string("toolArray"), "tools": .array(tools.map(\.json))])
    }
}

extension ToolChoice {
    /// Reads LM Studio's setting, or OpenAI's for one tool; `nil` if it is neither.
    init?(json: JSONValue) {
        switch (json["type"]?.string, json["mode"]?.string, json["function"]?["name"]?.string) {
        case ("generic", "none", _): self = .none
        case ("generic", "auto", _): self = .auto
        case ("generic", "required", _): self = .required
        case ("function", _, let name?): self = .tool(name)
        default: return nil
        }
    }

    var json: JSONValue {
        switch self {
        case .none: Self.generic("none")
        case .auto: Self.generic("auto")
        case .required: Self.generic("required")
        case .tool(let name):
            .object([
                "type": .string("function"), "function": .object(["name": .string(name)]),
            ])
        }
    }

    private static func generic(_ mode: String) -> JSONValue {
        .object(["type": .string("generic"), "mode": .string(mode)])
    }
}

extension ToolCallEvent {
    /// Reads one of LM Studio's messages about calls of tools; `nil` if it is none.
    init?(message json: JSONValue, type: String) {
        let rawContent = json["rawContent"]?.string
        switch type {
        case "toolCallGenerationStart": self = .started(id: json["toolCallId"]?.string)
        case "toolCallGenerationNameReceived":
            guard let name = json["name"]?.string else { return nil }
            self = .named(name)
        case "toolCallGenerationArgumentFragmentGenerated":
            guard let content = json["content"]?.string else { return nil }
            self = .argumentFragment(content)
        case "toolCallGenerationEnd":
            guard let request = json["toolCallRequest"],
                let request = try? ToolCallRequest(json: request, at: "toolCallRequest")
            else { return nil }
            self = .ended(request, rawContent: rawContent)
        case "toolCallGenerationFailed":
            let error = LMStudioError(serverError: json["error"] ?? .object([:]))
            self = .failed(reason: error.message, rawContent: rawContent)
        default: return nil
        }
    }

    /// LM Studio's message.
    package var message: JSONValue {
        switch self {
        case .started(let id):
            Self.message("Start", ["toolCallId": id.map { .string($0) }])
        case .named(let name):
            Self.message("NameReceived", ["name": .string(name)])
        case .argumentFragment(let content):
            Self.message("ArgumentFragmentGenerated", ["content": .string(content)])
        case .ended(let request, let rawContent):
            Self.message(
                "End",
                ["toolCallRequest": request.json, "rawContent": rawContent.map { .string($0) }]
            )
        case .failed(let reason, let rawContent):
            Self.message(
                "Failed",
                [
                    "error": Self.error(reason),
                    "rawContent": rawContent.map { .string($0) },
                ]
            )
        }
    }

    /// Without a stack the TypeScript SDK adds to the message that there is none.
    private static func error(_ reason: String) -> JSONValue {
        var members = LMStudioError(.engine, reason).serverError.members ?? [:]
        members["stack"] = .string(reason)
        return .object(members)
    }

    private static func message(_ step: String, _ members: [String: JSONValue?]) -> JSONValue {
        .present(members.merging(["type": .string("toolCallGeneration\(step)")]) { $1 })
    }
}

extension PredictionResult {
    /// The calls of tools as JSON text: an array of LM Studio's requests.
    package var toolCallsJSON: String { JSONValue.array(toolCalls.map(\.json)).text }
}

extension ToolCallRequest {
    /// LM Studio's request as JSON text.
    package var text: String { json.text }
}
