import LMStudioCore

/// Reads a JSON object of options, each at most once, and then tells what was not read.
///
/// Names match in camelCase and snake_case. `null` stands for an option that is not given.
struct OptionReader {
    /// What an option that this version cannot honour leads to.
    enum Limit {
        /// It only concerns speed or placement: a warning.
        case withoutEffect
        /// Leaving it out would change the text: an error, unless it is switched off.
        case refused
    }

    private let what: String
    private let path: String
    private var left: [String: (name: String, value: JSONValue)] = [:]
    private var known: [String] = []
    private let isStrict: Bool
    private(set) var warnings: [String] = []

    /// Takes the options of an object.
    ///
    /// - Parameters:
    ///   - json: the object; `nil` or null: no options.
    ///   - what: what they are options of, for messages: "prediction".
    ///   - path: the option that this object is the value of, for messages: "gpu".
    ///   - isStrict: whether what would be a warning is an error.
    /// - Throws: `.invalidArgument` if it is no object, or an option is given in both spellings.
    init(
        _ json: JSONValue?,
        of what: String,
        path: String = "",
        isStrict: Bool = false
    ) throws(LMStudioError) {
        self.what = what
        self.path = path
        guard let json, json != .null else {
            self.isStrict = isStrict
            return
        }
        guard let members = json.members else {
            throw LMStudioError(
                .invalidArgument,
                "\(path.isEmpty ? "the \(what) config" : path) must be a JSON object, not \(json.kind)"
            )
        }
        var strict = isStrict
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            if path.isEmpty, name == "strict" {
                guard case .bool(let flag) = value else {
                    throw LMStudioError(
                        .invalidArgument,
                        "strict must be true or false, not \(value.kind)"
                    )
                }
                strict = flag
            } else if let twin = left.updateValue((name, value), forKey: Self.fold(name)) {
                throw LMStudioError(
                    .invalidArgument,
                    "\(name) is given twice, the other time as \(twin.name)"
                )
            }
        }
        self.isStrict = strict
    }

    private static func fold(_ name: String) -> String {
        name.filter { $0 != "_" }.lowercased()
    }

    private mutating func take(_ name: String) -> JSONValue? {
        known.append(name)
        return left.removeValue(forKey: Self.fold(name))?.value
    }

    private func refusal(_ name: String, _ wanted: String, _ value: JSONValue) -> LMStudioError {
        LMStudioError(
            .invalidArgument,
            "\(path.isEmpty ? "" : path + ".")\(name) must be \(wanted), not \(value.kind)"
        )
    }

    // MARK: Options

    /// An object of its own, or `nil`.
    mutating func options(_ name: String) throws(LMStudioError) -> OptionReader? {
        guard let value = take(name) else { return nil }
        return try OptionReader(value, of: what, path: name, isStrict: isStrict)
    }

    mutating func bool(_ name: String) throws(LMStudioError) -> Bool? {
        switch take(name) {
        case nil: nil
        case .bool(let flag)?: flag
        case let value?: throw refusal(name, "true or false", value)
        }
    }

    mutating func number(_ name: String) throws(LMStudioError) -> Double? {
        guard let value = take(name) else { return nil }
        guard let number = Self.number(value) else { throw refusal(name, "a number", value) }
        return number
    }

    /// A number that `false` switches off: absent, `.some(nil)` for off, or the number.
    mutating func switchable(_ name: String) throws(LMStudioError) -> Double?? {
        guard let value = take(name) else { return nil }
        if value == .bool(false) { return .some(nil) }
        guard let number = Self.number(value) else {
            throw refusal(name, "a number or false", value)
        }
        return number
    }

    private static func number(_ value: JSONValue) -> Double? {
        switch value {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }

    mutating func integer(_ name: String) throws(LMStudioError) -> Int? {
        guard let value = take(name) else { return nil }
        guard let integer = Self.integer(value) else {
            throw refusal(name, "a whole number", value)
        }
        return integer
    }

    /// A whole number that `false` switches off.
    mutating func switchableInteger(_ name: String) throws(LMStudioError) -> Int?? {
        guard let value = take(name) else { return nil }
        if value == .bool(false) { return .some(nil) }
        guard let integer = Self.integer(value) else {
            throw refusal(name, "a whole number or false", value)
        }
        return integer
    }

    /// Official clients send some whole numbers as `40.0`.
    private static func integer(_ value: JSONValue) -> Int? {
        switch value {
        case .integer(let value): Int(value)
        case .number(let value): Int(exactly: value)
        default: nil
        }
    }

    /// A seed; `false` and −1 switch it off.
    mutating func seed(_ name: String) throws(LMStudioError) -> UInt32?? {
        guard let value = try switchableInteger(name) else { return nil }
        guard let value, value != -1 else { return .some(nil) }
        guard let seed = UInt32(exactly: value) else {
            throw refusal(name, "0…4294967295, -1 or false", .integer(Int64(value)))
        }
        return seed
    }

    mutating func strings(_ name: String) throws(LMStudioError) -> [String]? {
        guard let value = take(name) else { return nil }
        guard case .array(let values) = value else {
            throw refusal(name, "an array of strings", value)
        }
        var strings: [String] = []
        for value in values {
            guard let string = value.string else {
                throw refusal(name, "an array of strings", value)
            }
            strings.append(string)
        }
        return strings
    }

    /// One of some words; words in `others` are given to `other` as they are.
    mutating func word(_ name: String, of words: [String]) throws(LMStudioError) -> String? {
        guard let value = take(name) else { return nil }
        guard let word = value.string, words.contains(word) else {
            throw refusal(
                name,
                "one of " + words.map { "\"\($0)\"" }.joined(separator: ", "),
                value
            )
        }
        return word
    }

    /// The raw value.
    mutating func any(_ name: String) -> JSONValue? {
        take(name)
    }

    // MARK: The rest

    /// Answers for options that are known but cannot be honoured.
    mutating func limit(_ limit: Limit, _ names: [String]) throws(LMStudioError) {
        for name in names {
            guard let value = take(name), !Self.isOff(value) else { continue }
            let text =
                "\(path.isEmpty ? "" : path + ".")\(name) is not supported by the engine in this process yet"
            if limit == .refused || isStrict { throw LMStudioError(.unsupported, text) }
            warnings.append("\(text) and has no effect")
        }
    }

    private static func isOff(_ value: JSONValue) -> Bool {
        value == .bool(false) || value == .string("") || value == .array([])
            || value.members?["type"] == .string("none")
    }

    /// Complains about what nobody asked for, and returns all warnings.
    func finish() throws(LMStudioError) -> [String] {
        var warnings = warnings
        for (_, option) in left.sorted(by: { $0.key < $1.key }) {
            let near = Suggestion.nearest(to: option.name, in: known, limit: 1).first
            let text =
                "there is no \(what) option \"\(path.isEmpty ? "" : path + ".")\(option.name)\""
                + (near.map { "; did you mean \"\($0)\"?" } ?? "")
            if isStrict { throw LMStudioError(.invalidArgument, text) }
            warnings.append(text)
        }
        return warnings
    }
}
