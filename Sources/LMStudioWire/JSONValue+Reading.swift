import LMStudioCore

extension JSONValue {
    /// What kind of value it is, for error messages.
    package var kind: String {
        switch self {
        case .null: "null"
        case .bool(let value): "\(value)"
        case .integer(let value): "\(value)"
        case .number(let value): "\(value)"
        case .digits(let digits): digits
        case .string(let value): value.quoted(upTo: 60)
        case .array: "an array"
        case .object, .ordered: "an object"
        }
    }

    /// The value itself, or the beginning of its text, for error messages.
    package var excerpt: String {
        switch self {
        case .array, .object, .ordered:
            let text = text
            let shown = text.unicodeScalars.prefix(60)
            return shown.endIndex == text.endIndex ? text : "\(String(shown))…"
        default: return kind
        }
    }

    /// The error for a value that does not fit, under the name that it was given by.
    func refusal(as name: String, wanted: String) -> LMStudioError {
        LMStudioError(.invalidArgument, "\(name) must be \(wanted), not \(excerpt)")
    }

    /// The members, without those that are null; `nil` for anything but an object.
    package var members: [String: JSONValue]? {
        switch self {
        case .object(let members): members.filter { $0.value != .null }
        case .ordered(let members):
            Dictionary(members.map { ($0.name, $0.value) }) { $1 }.filter { $0.value != .null }
        default: nil
        }
    }

    /// An object's member; `nil` if there is none, or it is null.
    package subscript(name: String) -> JSONValue? {
        let value =
            switch self {
            case .object(let members): members[name]
            case .ordered(let members): members.first { $0.name.isExactly(name) }?.value
            default: nil as JSONValue?
            }
        return value == .null ? nil : value
    }

    /// The string, or `nil`.
    package var string: String? {
        guard case .string(let value) = self else { return nil }
        return value
    }

    /// True or false, or `nil`.
    package var bool: Bool? {
        guard case .bool(let value) = self else { return nil }
        return value
    }

    /// The number, or `nil`.
    package var double: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        case .digits(let digits): Double(digits)
        default: nil
        }
    }

    /// The whole number, also one written as `40.0`, or `nil`.
    package var int: Int? {
        switch self {
        case .integer(let value): Int(value)
        case .number(let value): Int(exactly: value)
        default: nil
        }
    }

    /// A count or size as servers send it, fractions cut off; `nil` if it is no number, or one beyond
    /// ±2^53, which JavaScript cannot tell from the next: so a few of them can always be added.
    package var count: Int? {
        let number =
            switch self {
            case .number(let value): Int(exactly: value.rounded(.towardZero))
            default: int
            }
        return number.flatMap { $0.magnitude <= 1 << 53 ? $0 : nil }
    }

    /// The elements, or `nil`.
    package var elements: [JSONValue]? {
        guard case .array(let values) = self else { return nil }
        return values
    }

    /// An array's strings; `nil` for anything but an array.
    package var strings: [String]? {
        elements?.compactMap(\.string)
    }

    /// The strings of a member that is an array of nothing else, or that is left out; `nil` otherwise.
    func texts(of name: String) -> [String]? {
        guard let value = self[name], value != .null else { return [] }
        guard let elements = value.elements, let strings = value.strings,
            strings.count == elements.count
        else { return nil }
        return strings
    }

    /// A whole number.
    package static func whole(_ value: Int) -> JSONValue { .integer(Int64(value)) }

    /// An array of strings.
    package static func strings(_ values: [String]) -> JSONValue {
        .array(values.map { .string($0) })
    }

    /// An object of those members that are not `nil`.
    package static func present(_ members: [String: JSONValue?]) -> JSONValue {
        .object(members.compactMapValues { $0 })
    }
}
