package import LMStudioCore

/// What a server tells a client on the channels `predict` and `completeRawText`.
package enum PredictionMessage: Sendable {
    case promptProgress(Double, PromptProgress?)
    case fragment(PredictionFragment)
    case toolCall(ToolCallEvent)
    /// The last message of a prediction that did not fail.
    indirect case success(PredictionSummary)
    /// The last message of one that did; not in the schema, but the Python client knows it.
    case error(LMStudioError)
    /// A message that this version does not know, or that lacks what it needs, by its type.
    case unknown(type: String)

    /// Reads a message; what is missing and can be done without is left empty.
    package init(_ json: JSONValue) {
        let type = json["type"]?.string ?? ""
        self = Self.read(json, type) ?? .unknown(type: type)
    }

    private static func read(_ json: JSONValue, _ type: String) -> PredictionMessage? {
        switch type {
        case "promptProcessingProgress":
            json["progress"]?.double.map {
                .promptProgress($0, json["details"].flatMap { PromptProgress(json: $0) })
            }
        case "fragment":
            json["fragment"].flatMap { PredictionFragment(json: $0) }.map { .fragment($0) }
        case "success": .success(PredictionSummary(json: json))
        case "error":
            .error(
                LMStudioError(serverError: json["error"] ?? .object([:]), .prediction)
            )
        default: ToolCallEvent(message: json, type: type).map { .toolCall($0) }
        }
    }

    /// The message's JSON; of an unknown one nothing but its type.
    package var json: JSONValue {
        switch self {
        case .promptProgress(let share, let progress):
            .frame(
                "promptProcessingProgress",
                ("progress", .number(share)),
                // The TypeScript SDK drops a message without the details.
                ("details", (progress ?? .unknown).json)
            )
        case .fragment(let fragment): .frame("fragment", ("fragment", fragment.json))
        case .toolCall(let event): event.message
        case .success(let summary): summary.json
        case .error(let error): .frame("error", ("error", error.serverError))
        case .unknown(let type): .frame(type)
        }
    }
}

extension PromptProgress {
    fileprivate static var unknown: PromptProgress {
        PromptProgress(processedTokensCount: 0, totalTokensCount: 0)
    }
}

extension PredictionSummary {
    /// Stands for what a server does not say of a prediction that it was asked to stop.
    package static var unanswered: PredictionSummary {
        let stats = PredictionStats(stopReason: .userStopped)
        return PredictionSummary(json: .object(["stats": stats.json]))
    }

    /// Reads a `success` message; never fails, since the text is there already.
    fileprivate init(json: JSONValue) {
        let info = json["modelInfo"].flatMap { ModelInstanceInfo(json: $0) } ?? .unknown
        self.init(
            stats: PredictionStats(json: json["stats"] ?? .null),
            modelInfo: info,
            loadConfig: LoadConfig(
                kv: json["loadModelConfig"] ?? .null,
                domain: info.model.domain
            ),
            predictionConfig: PredictionConfig(kv: json["predictionConfig"] ?? .null)
        )
    }

    fileprivate var json: JSONValue {
        .frame(
            "success",
            ("stats", stats.json),
            ("modelInfo", modelInfo.json),
            ("loadModelConfig", loadConfig.kv(for: modelInfo.model.domain)),
            ("predictionConfig", predictionConfig.kv)
        )
    }
}

extension ModelInstanceInfo {
    /// Stands for an instance that a server says nothing of.
    fileprivate static var unknown: ModelInstanceInfo {
        ModelInstanceInfo(
            model: ModelInfo(
                domain: .llm,
                modelKey: "",
                format: "",
                displayName: "",
                publisher: "",
                path: "",
                sizeBytes: 0,
                maxContextLength: 0
            ),
            identifier: "",
            instanceReference: "",
            contextLength: 0
        )
    }
}
