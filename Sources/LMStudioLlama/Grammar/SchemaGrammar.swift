import LMStudioCore
import LMStudioWire

/// Makes the grammar of the JSON values that fit a JSON schema (drafts 4 to 2020-12).
///
/// What a grammar cannot say (`uniqueItems`, `not`…) is noted. Members of objects come in the order
/// of `properties`; there are others only where `additionalProperties` or `patternProperties` says
/// so, or where there is no `properties`.
struct SchemaGrammar {
    /// Most bytes of a schema's text.
    static let lengthLimit = 256 * 1024
    /// Schemas within each other, references followed.
    static let depthLimit = 96
    /// Most schemas within one, counted as often as they are needed.
    static let countLimit = 20_000

    var json = JSONGrammar()
    /// What a grammar cannot say, for people.
    private(set) var notes: [String] = []
    private let root: JSONValue
    private var count = 0

    /// Makes a grammar.
    ///
    /// - Parameter text: the schema, JSON.
    /// - Returns: the grammar, a note for each thing that it does not see to, and the one type that the
    ///   schema names at its root.
    /// - Throws: `.invalidArgument` naming the place in the schema.
    static func make(
        _ text: String
    ) throws(LMStudioError) -> (grammar: Grammar, notes: [String], type: String?) {
        guard text.utf8.count <= lengthLimit else {
            throw LMStudioError(
                .invalidArgument,
                "the JSON schema has \(text.utf8.count) bytes; at most \(lengthLimit) are possible"
            )
        }
        let root = try JSONValue(parsing: text, as: "the JSON schema", keepingOrder: true)
        var schema = SchemaGrammar(root: root)
        let node = try schema.node(root, at: "#", depth: 0)
        return (try schema.json.finish(node), schema.notes, root["type"]?.string)
    }

    private init(root: JSONValue) {
        self.root = root
    }

    mutating func note(_ name: String, in schema: SchemaReader) {
        let note = "the JSON schema at \(schema.path): \(name) is not seen to"
        if notes.count < 5, !notes.contains(note) { notes.append(note) }
    }

    // MARK: Any schema

    mutating func node(
        _ schema: JSONValue,
        at path: String,
        depth: Int
    ) throws(LMStudioError) -> GrammarNode {
        let members: [JSONValue.Member]
        switch schema {
        case .bool(true): return try json.value()
        case .bool(false): return .choice([])
        case .ordered(let own): members = own
        default:
            throw LMStudioError(
                .invalidArgument,
                "the JSON schema at \(path) must be an object, true or false, not \(schema.kind)"
            )
        }
        count += 1
        guard depth <= Self.depthLimit, count <= Self.countLimit else {
            throw LMStudioError(
                .invalidArgument,
                "the JSON schema at \(path) goes too deep or too far: at most \(Self.depthLimit) "
                    + "schemas within each other and \(Self.countLimit) in all are possible"
            )
        }
        return try node(SchemaReader(members: members, path: path), depth: depth + 1)
    }

    private mutating func node(
        _ schema: SchemaReader,
        depth: Int
    ) throws(LMStudioError) -> GrammarNode {
        if let schemas = try schema.list("allOf") {
            var members = schema.without("allOf")
            for other in schemas {
                guard let others = try resolve(other, in: schema) else { return .choice([]) }
                members = SchemaMerge.merge(members, others)
            }
            return try node(.ordered(members), at: schema.path, depth: depth)
        }
        if let reference = try schema.string("$ref") {
            let rest = schema.without("$ref")
            guard SchemaReader.isConstraint(rest) else {
                return try self.reference(reference, in: schema, depth: depth)
            }
            guard let members = try resolve(.ordered(schema.members), in: schema) else {
                return .choice([])
            }
            return try node(.ordered(members), at: schema.path, depth: depth)
        }
        for name in ["anyOf", "oneOf"] {
            guard let schemas = try schema.list(name) else { continue }
            return try alternatives(schemas, name, of: schema, depth: depth)
        }
        for name in ["not", "if", "dependentRequired", "dependentSchemas"] where schema[name] != nil
        {
            note(name, in: schema)
        }
        let given = try schema.types()
        let values = if let value = schema["const"] { [value] } else { try schema.list("enum") }
        if let values {
            let fitting = values.filter { value in given?.contains { value.isOfType($0) } ?? true }
            guard !fitting.isEmpty else {
                throw schema.failure("no value of const or enum is of the type that is wanted")
            }
            return .choice(fitting.map { .text($0.text) })
        }
        guard let types = given ?? schema.impliedType.map({ [$0] }) else {
            return try json.value()
        }
        var nodes: [GrammarNode] = []
        for type in types { nodes.append(try node(of: type, schema, depth: depth)) }
        return .choice(nodes)
    }

    private mutating func alternatives(
        _ schemas: [JSONValue],
        _ name: String,
        of schema: SchemaReader,
        depth: Int
    ) throws(LMStudioError) -> GrammarNode {
        let rest = schema.without(name)
        let path = schema.path(of: name)
        var nodes: [GrammarNode] = []
        for (index, alternative) in schemas.enumerated() {
            var alternative = alternative
            if SchemaReader.isConstraint(rest) {
                guard let members = try resolve(alternative, in: schema) else { continue }
                alternative = .ordered(SchemaMerge.merge(rest, members))
            }
            nodes.append(try node(alternative, at: "\(path)/\(index)", depth: depth))
        }
        return .choice(nodes)
    }

    private mutating func node(
        of type: String,
        _ schema: SchemaReader,
        depth: Int
    ) throws(LMStudioError) -> GrammarNode {
        switch type {
        case "object": return try object(schema, depth: depth)
        case "array": return try array(schema, depth: depth)
        case "string": return try string(schema)
        case "integer": return try integer(schema)
        case "number": return try number(schema)
        case "boolean": return .choice([.text("true"), .text("false")])
        case "null": return .text("null")
        default: throw schema.failure("there is no type \(type.quoted)")
        }
    }

    // MARK: References

    private mutating func reference(
        _ reference: String,
        in schema: SchemaReader,
        depth: Int
    ) throws(LMStudioError) -> GrammarNode {
        let target = try self.target(of: reference, in: schema)
        if let rule = json.known(reference) { return rule }
        let rule = json.announce(reference)
        let node = try node(target, at: String(reference.prefix(200)), depth: depth)
        try json.builder.define(rule, node)
        return .rule(rule)
    }

    /// The members of a schema, references followed; `nil` if nothing fits it.
    private func resolve(
        _ schema: JSONValue,
        in place: SchemaReader
    ) throws(LMStudioError) -> [JSONValue.Member]? {
        var schema = schema
        for _ in 0..<32 {
            switch schema {
            case .bool(true): return []
            case .bool(false): return nil
            case .ordered(let members):
                let reader = SchemaReader(members: members, path: place.path)
                guard let reference = try reader.string("$ref") else { return members }
                let rest = reader.without("$ref")
                let target = try target(of: reference, in: place)
                guard case .ordered(let others) = target else {
                    schema = target
                    continue
                }
                schema = .ordered(SchemaMerge.merge(others, rest))
            default:
                throw place.failure("a schema must be an object, true or false, not \(schema.kind)")
            }
        }
        throw place.failure("$ref leads from one $ref to the next without end")
    }

    /// What a reference within the document stands for.
    private func target(
        of reference: String,
        in schema: SchemaReader
    ) throws(LMStudioError) -> JSONValue {
        guard reference == "#" || reference.hasPrefix("#/") else {
            throw schema.failure(
                "$ref \(reference.quoted) is not supported; only places in the same schema are: \"#/…\""
            )
        }
        var target = root
        for part in reference.split(separator: "/", omittingEmptySubsequences: false).dropFirst() {
            let name = Self.unescaped(part)
            if let member = target[name] {
                target = member
            } else if let elements = target.elements, let index = Int(name),
                elements.indices.contains(index)
            {
                target = elements[index]
            } else {
                throw schema.failure("$ref \(reference.quoted) leads nowhere")
            }
        }
        return target
    }

    /// A part of a JSON pointer in a URI, without its escapes (RFC 6901, section 6).
    private static func unescaped(_ part: Substring) -> String {
        let byPercent = replacing(UInt8(ascii: "%"), 2, in: Array(part.utf8)) {
            $0.allSatisfy { Character(UnicodeScalar($0)).isHexDigit }
                ? UInt8(String(decoding: $0, as: UTF8.self), radix: 16) : nil
        }
        let name = replacing(UInt8(ascii: "~"), 1, in: byPercent) {
            switch $0.first {
            case UInt8(ascii: "1"): UInt8(ascii: "/")
            case UInt8(ascii: "0"): UInt8(ascii: "~")
            default: nil
            }
        }
        return String(decoding: name, as: UTF8.self)
    }

    /// Bytes with each mark, and so many bytes behind it, as the byte that those stand for, if any.
    private static func replacing(
        _ mark: UInt8,
        _ length: Int,
        in bytes: [UInt8],
        _ meaning: (ArraySlice<UInt8>) -> UInt8?
    ) -> [UInt8] {
        var result: [UInt8] = []
        var rest = bytes[...]
        while let byte = rest.popFirst() {
            if byte == mark, rest.count >= length, let meant = meaning(rest.prefix(length)) {
                result.append(meant)
                rest = rest.dropFirst(length)
            } else {
                result.append(byte)
            }
        }
        return result
    }
}

extension JSONValue {
    /// Whether the value is of a type of JSON Schema's.
    fileprivate func isOfType(_ type: String) -> Bool {
        switch (type, self) {
        case ("object", .object), ("object", .ordered), ("array", .array), ("string", .string),
            ("boolean", .bool), ("null", .null):
            true
        case ("number", _): double != nil
        case ("integer", _): double.map { $0.rounded() == $0 } ?? false
        default: false
        }
    }
}
