package import LMStudioCore

extension PredictionStats {
    /// Reads LM Studio's statistics object; never fails.
    ///
    /// A stop reason that this version does not know, or none, becomes `.failed`: the text is there
    /// all the same, and only its end is in doubt.
    package init(json: JSONValue) {
        self.init(
            stopReason: json["stopReason"]?.string.flatMap { StopReason(rawValue: $0) } ?? .failed
        )
        stopString = json["stopString"]?.string
        tokensPerSecond = json["tokensPerSecond"]?.double
        gpuLayers = json["numGpuLayers"]?.count.flatMap { $0 < 0 ? nil : $0 }
        timeToFirstToken = Self.time(json["timeToFirstTokenSec"])
        totalTime = Self.time(json["totalTimeSec"])
        promptTokensCount = json["promptTokensCount"]?.count
        predictedTokensCount = json["predictedTokensCount"]?.count
        drafts = DraftStats(json: json)
    }

    private static func time(_ seconds: JSONValue?) -> Duration? {
        seconds?.double.flatMap { Duration(finite: $0, .seconds(1)) }
    }

    /// LM Studio's statistics object; what is not known is left out.
    package var json: JSONValue { .present(members) }

    /// The same with what LM Studio's messages have no field for, and its strictest client refuses.
    package var fullJSON: JSONValue {
        var members = members
        members["cachedTokensCount"] = .some(cachedTokensCount.map { .whole($0) })
        return .present(members)
    }

    private var members: [String: JSONValue?] {
        let known: [String: JSONValue?] = [
            "stopReason": .string(stopReason.rawValue),
            "stopString": stopString.map { .string($0) },
            "tokensPerSecond": tokensPerSecond.flatMap { $0.isFinite ? .number($0) : nil },
            "numGpuLayers": gpuLayers.map { .whole($0) },
            "timeToFirstTokenSec": timeToFirstToken.map { .number($0 / .seconds(1)) },
            "totalTimeSec": totalTime.map { .number($0 / .seconds(1)) },
            "promptTokensCount": promptTokensCount.map { .whole($0) },
            "predictedTokensCount": predictedTokensCount.map { .whole($0) },
            "totalTokensCount": totalTokensCount.map { .whole($0) },
        ]
        return known.merging(drafts?.members ?? [:]) { $1 }
    }
}
