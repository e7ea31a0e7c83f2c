import LMStudioCore
import LMStudioWire

/// A part of a JSON schema, and where it stands.
struct SchemaReader {
    let members: [JSONValue.Member]
    /// A JSON pointer, for messages.
    let path: String

    /// The first value of a name.
    subscript(name: String) -> JSONValue? {
        members.first { $0.name.isExactly(name) }?.value
    }

    func failure(_ reason: String) -> LMStudioError {
        LMStudioError(.invalidArgument, "the JSON schema at \(path): \(reason)")
    }

    /// The place of a member's value.
    func path(of name: String) -> String { "\(path)/\(name.prefix(40))" }

    /// The schema without some members.
    func without(_ names: String...) -> [JSONValue.Member] {
        members.filter { !names.contains($0.name) }
    }

    /// A count that a grammar can say.
    func count(_ name: String) throws(LMStudioError) -> Int? {
        guard let value = self[name] else { return nil }
        let limit = GrammarBuilder.repetitionLimit
        guard let count = value.int, 0...limit ~= count else {
            throw failure("\(name) must be a whole number, 0…\(limit), not \(value.kind)")
        }
        return count
    }

    func string(_ name: String) throws(LMStudioError) -> String? {
        guard let value = self[name] else { return nil }
        guard let text = value.string else {
            throw failure("\(name) must be a string, not \(value.kind)")
        }
        return text
    }

    /// A list; one that is empty is refused, unless it may be.
    func list(
        _ name: String,
        mayBeEmpty: Bool = false
    ) throws(LMStudioError) -> [JSONValue]? {
        guard let value = self[name] else { return nil }
        guard let values = value.elements, mayBeEmpty || !values.isEmpty else {
            throw failure("\(name) must be an array that is not empty, not \(value.excerpt)")
        }
        return values
    }

    /// A list of strings; empty if there is none.
    func strings(_ name: String) throws(LMStudioError) -> [String] {
        guard let value = self[name] else { return [] }
        guard let strings = value.strings, strings.count == value.elements?.count else {
            throw failure("\(name) must be an array of strings, not \(value.excerpt)")
        }
        return strings
    }

    /// The members of an object, in their order.
    func object(_ name: String) throws(LMStudioError) -> [JSONValue.Member]? {
        guard let value = self[name] else { return nil }
        guard case .ordered(let members) = value else {
            throw failure("\(name) must be an object, not \(value.kind)")
        }
        return members
    }

    /// Names of types; `nil`: none is given.
    func types() throws(LMStudioError) -> [String]? {
        guard let value = self["type"] else { return nil }
        if let type = value.string { return [type] }
        guard let types = value.strings, types.count == value.elements?.count else {
            throw failure("type must be a string or an array of strings, not \(value.excerpt)")
        }
        return types
    }

    /// A lower or upper bound of numbers, in any of the ways that drafts of JSON Schema have.
    ///
    /// - Throws: `.invalidArgument` if it is no number.
    func bound(
        _ name: String,
        exclusive: String
    ) throws(LMStudioError) -> (value: Double, isExclusive: Bool)? {
        var isExclusive = false
        var result: (value: Double, isExclusive: Bool)?
        switch self[exclusive] {
        case nil: break
        case .bool(let flag)?: isExclusive = flag
        case let value?:
            guard let number = value.double else {
                throw failure("\(exclusive) must be a number, not \(value.kind)")
            }
            result = (number, true)
        }
        guard let value = self[name] else { return result }
        guard let number = value.double else {
            throw failure("\(name) must be a number, not \(value.kind)")
        }
        guard let other = result else { return (number, isExclusive) }
        // Both are given: the narrower one counts.
        let isNarrower = name == "minimum" ? number > other.value : number < other.value
        return isNarrower ? (number, false) : other
    }

    /// The type that a schema without one is about, as its members tell.
    var impliedType: String? {
        for (type, names) in Self.implications
        where members.contains(where: { names.contains($0.name) }) {
            return type
        }
        return nil
    }

    private static let implications: [(String, Set<String>)] = [
        (
            "object",
            ["properties", "required", "additionalProperties", "patternProperties"]
        ),
        ("array", ["items", "prefixItems", "minItems", "maxItems"]),
        ("string", ["pattern", "minLength", "maxLength", "format"]),
        ("number", ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"]),
    ]

    /// Members that say something of the value, not only of the schema.
    private static let constraints = implications.reduce(
        into: Set(["type", "enum", "const", "$ref", "anyOf", "oneOf", "allOf"])
    ) { $0.formUnion($1.1) }

    /// Whether some members say anything of the value.
    static func isConstraint(_ members: [JSONValue.Member]) -> Bool {
        members.contains { constraints.contains($0.name) }
    }
}
