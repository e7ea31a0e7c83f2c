package import LMStudioCore

extension PredictionStats {
    /// LM Studio's statistics object; what is not known is left out.
    package var json: JSONValue {
        var members: [String: JSONValue] = ["stopReason": .string(stopReason.rawValue)]
        members["stopString"] = stopString.map { .string($0) }
        members["tokensPerSecond"] = tokensPerSecond.map { .number($0) }
        members["numGpuLayers"] = gpuLayers.map { .integer(Int64($0)) }
        members["timeToFirstTokenSec"] = timeToFirstToken.map { .number($0 / .seconds(1)) }
        members["totalTimeSec"] = totalTime.map { .number($0 / .seconds(1)) }
        members["promptTokensCount"] = promptTokensCount.map { .integer(Int64($0)) }
        members["predictedTokensCount"] = predictedTokensCount.map { .integer(Int64($0)) }
        members["totalTokensCount"] = totalTokensCount.map { .integer(Int64($0)) }
        return .object(members)
    }
}
