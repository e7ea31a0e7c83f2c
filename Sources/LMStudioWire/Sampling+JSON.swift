import LMStudioCore

extension Mirostat {
    /// Whether a value is a setting, of nothing else.
    static func isSetting(_ json: JSONValue) -> Bool {
        guard let members = json.members, let version = json["version"]?.int else { return false }
        return 0...2 ~= version
            && members.allSatisfy { name, value in
                switch name {
                case "version": true
                case "learningRate", "targetEntropy": value.double != nil
                default: false
                }
            }
    }

    /// Reads LM Studio's setting; `nil` where its version is 0: off.
    init?(json: JSONValue) {
        guard let version = json["version"]?.int, version > 0 else { return nil }
        self.init(version: version)
        if let rate = json["learningRate"]?.double { learningRate = rate }
        if let entropy = json["targetEntropy"]?.double { targetEntropy = entropy }
    }

    /// LM Studio's setting.
    var json: JSONValue {
        .object([
            "version": .whole(version), "learningRate": .number(learningRate),
            "targetEntropy": .number(targetEntropy),
        ])
    }
}

/// LM Studio's form of biases: `[[token, number or "-inf"],…]`; of two for a token the last counts.
enum LogitBias {
    /// What JSON says for −∞.
    private static let never = "-inf"

    /// What keeps a value from being a list: itself, or one of its elements; `nil`: it is one.
    static func misfit(in json: JSONValue) -> JSONValue? {
        guard let pairs = json.elements else { return json }
        return pairs.first { pair(of: $0) == nil }
    }

    /// Reads a list; what is no pair is left out.
    static func read(_ json: JSONValue) -> [Int32: Double] {
        Dictionary((json.elements ?? []).compactMap { pair(of: $0) }) { $1 }
    }

    private static func pair(of json: JSONValue) -> (Int32, Double)? {
        guard let parts = json.elements, parts.count == 2,
            let token = parts[0].int.flatMap({ Int32(exactly: $0) }), token >= 0,
            let bias = parts[1].string == never ? -.infinity : parts[1].double
        else { return nil }
        return (token, bias)
    }

    /// The list, sorted by token.
    static func json(_ biases: [Int32: Double]) -> JSONValue {
        .array(
            biases.sorted { $0.key < $1.key }.map { token, bias in
                .array([
                    .integer(Int64(token)), bias == -.infinity ? .string(never) : .number(bias),
                ])
            }
        )
    }
}
