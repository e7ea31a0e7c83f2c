import LMStudioCore
import LMStudioWire

/// What a server tells on the channel `streamLogs`.
enum LogRecord: Sendable {
    /// What a model reads: a prompt, or a chat as its template renders it.
    case predictionInput(String, ModelInstanceInfo)
    /// What it wrote.
    case predictionOutput(String, PredictionStats, ModelInstanceInfo)
    /// A line of the server's own log.
    case server(String, Level)

    /// How grave a line is; the raw values are LM Studio's.
    enum Level: String, Sendable {
        case debug, info, warn, error
    }

    /// The channel's message of what happened so many milliseconds after 1970 began.
    func message(at milliseconds: Int64) -> JSONValue {
        .frame(
            "log",
            ("log", .object(["timestamp": .integer(milliseconds), "data": data]))
        )
    }

    private var data: JSONValue {
        switch self {
        case .predictionInput(let text, let info):
            .frame(
                "llm.prediction.input",
                ("input", .string(text)),
                ("modelPath", .string(info.model.path)),
                ("modelIdentifier", .string(info.identifier))
            )
        case .predictionOutput(let text, let stats, let info):
            .frame(
                "llm.prediction.output",
                ("output", .string(text)),
                ("stats", stats.json),
                ("modelIdentifier", .string(info.identifier))
            )
        case .server(let text, let level):
            .frame("server.log", ("content", .string(text)), ("level", .string(level.rawValue)))
        }
    }
}
