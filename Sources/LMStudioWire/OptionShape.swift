import LMStudioCore

/// What values an option takes.
enum OptionShape: Sendable, Hashable {
    case bool
    case number
    case integer
    /// A whole number that −1 switches off.
    case limit
    /// A whole number for which `false` stands for 0.
    case integerOrZero
    /// 0…4,294,967,295; −1 switches it off.
    case seed
    case string
    case strings
    case integers
    case words([String])
    /// A share of the whole; words stand for its ends.
    case ratio
    /// An object that is not looked into.
    case object
    case array
    /// The form an answer must have.
    case structured
    case mirostat
    case logitBias

    /// Whether a value fits.
    enum Fit {
        /// It does, written so.
        case fits(JSONValue)
        /// It does not, because of this.
        case unfit(JSONValue)
    }

    /// Looks at a value; whole numbers that some clients send as `40.0` lose their point.
    func fit(_ value: JSONValue) -> Fit {
        switch (self, value) {
        case (.bool, .bool), (.number, .number), (.number, .integer), (.string, .string),
            (.object, .object), (.object, .ordered), (.array, .array), (.ratio, .number),
            (.ratio, .integer),
            (.ratio, .string("max")), (.ratio, .string("off")):
            return .fits(value)
        case (.structured, _):
            return StructuredOutput.isSetting(value) ? .fits(value) : .unfit(value)
        case (.mirostat, _): return Mirostat.isSetting(value) ? .fits(value) : .unfit(value)
        case (.logitBias, _):
            return LogitBias.misfit(in: value).map { .unfit($0) } ?? .fits(value)
        case (.integerOrZero, .bool(false)): return .fits(.integer(0))
        case (.limit, _) where value.int == -1, (.seed, _) where value.int == -1:
            return .fits(.bool(false))
        case (.integer, _), (.limit, _), (.integerOrZero, _):
            return value.int.map { .fits(.whole($0)) } ?? .unfit(value)
        case (.seed, _):
            return value.int.flatMap { UInt32(exactly: $0) }.map { .fits(.integer(Int64($0))) }
                ?? .unfit(value)
        case (.words(let words), .string(let word)):
            return words.contains(word) ? .fits(value) : .unfit(value)
        case (.strings, .array(let values)):
            return values.first { $0.string == nil }.map { .unfit($0) } ?? .fits(value)
        case (.integers, .array(let values)):
            if let value = values.first(where: { $0.int == nil }) { return .unfit(value) }
            return .fits(.array(values.map { .whole($0.int ?? 0) }))
        default: return .unfit(value)
        }
    }

    /// What fits, for messages.
    var description: String {
        switch self {
        case .bool: "true or false"
        case .number: "a number"
        case .integer, .limit: "a whole number"
        case .integerOrZero: "a whole number or false"
        case .seed: "0…4294967295, -1"
        case .string: "a string"
        case .strings: "an array of strings"
        case .integers: "an array of whole numbers"
        case .words(let words):
            "one of " + words.map { "\"\($0)\"" }.joined(separator: ", ")
        case .ratio: "0…1, \"max\" or \"off\""
        case .object: "a JSON object"
        case .array: "an array"
        case .structured:
            #"{"type":"none"}, {"type":"json","jsonSchema":…} or {"type":"gbnf","gbnfGrammar":"…"}"#
        case .mirostat: #"{"version":0, 1 or 2,"learningRate":…,"targetEntropy":…}"#
        case .logitBias: #"an array of [token, number or "-inf"]"#
        }
    }
}
