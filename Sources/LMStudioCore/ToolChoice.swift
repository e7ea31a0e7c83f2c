/// Whether, and which, tools a model calls.
public enum ToolChoice: Sendable, Hashable {
    /// None: the model is not even told of them.
    case none
    /// As the model likes; the default.
    case auto
    /// At least one of them.
    case required
    /// The one of that name.
    case tool(String)
}

/// One step of a model's call of a tool, in the order they come: started, named, argument fragments,
/// then either ended or failed.
public enum ToolCallEvent: Sendable, Hashable {
    /// A call begins; its name, which its result repeats, if it has one by then.
    case started(id: String?)
    /// The tool's name is known.
    case named(String)
    /// A piece of the arguments' JSON text, never empty; all pieces together are the whole.
    case argumentFragment(String)
    /// The call is complete; what the model wrote for it, if that is known.
    case ended(ToolCallRequest, rawContent: String?)
    /// What the model wrote is no call; why, and what it is.
    case failed(reason: String, rawContent: String?)
}

extension PredictionConfig {
    /// Most tools of a request.
    static let toolLimit = 128
    /// Most bytes of a request's tools: names, descriptions and schemas.
    static let toolBytesLimit = 256 << 10
    private static let toolNameLimit = 256

    /// The tools that the model is told of.
    package var offeredTools: [ToolDefinition] { toolChoice == .none ? [] : tools }

    /// Refuses tools that cannot be told apart or are too much, and choices that ask for none of them.
    func validateTools() throws(LMStudioError) {
        try Self.check(tools)
        switch toolChoice {
        case .tool(let name) where !tools.contains { $0.name.isExactly(name) }:
            throw LMStudioError(
                .invalidArgument,
                "toolChoice names the tool \"\(name)\", but rawTools has only "
                    + "\(tools.isEmpty ? "none" : tools.prefix(20).map(\.name).joined(separator: ", "))"
            )
        case .required where tools.isEmpty:
            throw LMStudioError(
                .invalidArgument,
                "toolChoice asks for a call, but rawTools holds no tool; add one"
            )
        default: break
        }
        if structured != nil, !offeredTools.isEmpty {
            throw LMStudioError(
                .invalidArgument,
                "structured and rawTools cannot be combined; leave one of them out, or let toolChoice be \"none\""
            )
        }
        if toolCallStopStrings.contains("") {
            throw LMStudioError(
                .invalidArgument,
                "toolCallStopStrings must not hold an empty string; leave it out"
            )
        }
    }

    /// Refuses too many tools, two of one name, and names without or with too many characters.
    package static func check(_ tools: [ToolDefinition]) throws(LMStudioError) {
        guard tools.count <= toolLimit else {
            throw LMStudioError(
                .invalidArgument,
                "rawTools must hold at most \(toolLimit) tools, not \(tools.count)"
            )
        }
        var names: Set<String> = []
        var byteCount = 0
        for tool in tools {
            guard (1...toolNameLimit).contains(tool.name.utf8.count) else {
                throw LMStudioError(
                    .invalidArgument,
                    "the name of a tool must have 1…\(toolNameLimit) bytes, not \(tool.name.utf8.count)"
                )
            }
            guard names.insert(tool.name.exact).inserted else {
                throw LMStudioError(
                    .invalidArgument,
                    "two tools are called \"\(tool.name)\"; give each a name of its own"
                )
            }
            byteCount +=
                tool.name.utf8.count + (tool.description?.utf8.count ?? 0)
                + (tool.parameters?.utf8.count ?? 0)
        }
        guard byteCount <= toolBytesLimit else {
            throw LMStudioError(
                .invalidArgument,
                "the tools must have at most \(toolBytesLimit) bytes in all, not \(byteCount)"
            )
        }
    }
}
