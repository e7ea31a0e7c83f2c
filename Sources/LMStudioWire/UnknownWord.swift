import LMStudioCore

/// A word of a server's that is none of those which this version knows in its place, or is missing.
///
/// It ends nothing: each is read as something else or left out, and warned of once.
package enum UnknownWord: Sendable {
    /// What a message is, or what one is that lacks what it needs; it is ignored.
    case messageType(String)
    /// What kind of text a fragment is; taken for the answer.
    case reasoningType(String)
    /// Why a prediction ended; taken for a failure.
    case stopReason(String)
    /// The value of an option with that key in a configuration; it is left out.
    case option(key: String, value: String)
    /// What the end of a prediction does not tell, or not so that it can be read; left empty.
    case untold(String)

    /// What kind of warning it is.
    package var kind: String {
        switch self {
        case .messageType(let word): "message \(word)"
        case .reasoningType(let word): "reasoningType \(word)"
        case .stopReason(let word): "stopReason \(word)"
        case .option(let key, let value): "\(key) \(value)"
        case .untold(let member): "untold \(member)"
        }
    }

    /// The warning.
    package var warning: String {
        switch self {
        case .messageType(let word):
            "The server sent a message that cannot be read and is ignored, of the type \(word.quoted)"
        case .reasoningType(let word):
            "The server sent text of an unknown reasoning type, which is taken for the answer: "
                + word.quoted
        case .stopReason(let word):
            "The server ended a prediction for a reason that is unknown, and taken for \"failed\": "
                + word.quoted
        case .option(let key, let value):
            "The server has an unknown value of \(key.quoted), which is left out: \(value.quoted)"
        case .untold(let member):
            "The server ended a prediction without \(member) that can be read; it is not known"
        }
    }

    // MARK: Looking for them

    /// In a fragment object.
    package static func inFragment(_ json: JSONValue?) -> [UnknownWord] {
        guard let word = json?["reasoningType"]?.string,
            PredictionFragment.ReasoningType(rawValue: word) == nil
        else { return [] }
        return [.reasoningType(word)]
    }

    /// In a `success` message of a prediction.
    package static func inSuccess(_ json: JSONValue) -> [UnknownWord] {
        var words = inPredictionConfig(json["predictionConfig"])
        words += inLoadConfig(json["loadModelConfig"])
        if let word = json["stats"]?["stopReason"]?.string,
            PredictionStats.StopReason(rawValue: word) == nil
        {
            words.append(.stopReason(word))
        }
        if json["stats"]?["stopReason"]?.string == nil { words.append(.untold("stats.stopReason")) }
        if json["modelInfo"]?["identifier"]?.string == nil { words.append(.untold("modelInfo")) }
        for name in ["loadModelConfig", "predictionConfig"] where json[name]?.isKVList != true {
            words.append(.untold(name))
        }
        return words
    }

    /// In a key-value configuration of predictions.
    package static func inPredictionConfig(_ kv: JSONValue?) -> [UnknownWord] {
        kv.flatMap { KVList($0) }?.unknownWords(by: .prediction) ?? []
    }

    /// In a key-value configuration of loads.
    package static func inLoadConfig(_ kv: JSONValue?) -> [UnknownWord] {
        kv.flatMap { KVList($0) }?.unknownWords(by: .load) ?? []
    }
}
