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
    /// Why nothing fits some part of the schema: the reason where nothing fits the whole.
    private var contradiction: LMStudioError?
    let root: JSONValue
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
        let grammar = try schema.json.finish(node, reason: schema.contradiction)
        return (grammar, schema.notes, root["type"]?.string)
    }

    private init(root: JSONValue) {
        self.root = root
    }

    mutating func note(_ name: String, in schema: SchemaReader) {
        let note = "the JSON schema at \(schema.path): \(name) is not seen to"
        if notes.count < 5, !notes.contains(note) { notes.append(note) }
    }

    /// What stands for a part of the schema that nothing fits; there may be others that something does.
    mutating func nothing(_ reason: String, in schema: SchemaReader) -> GrammarNode {
        contradiction = contradiction ?? schema.failure(reason)
        return .choice([])
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
        case .bool(false):
            return nothing("no value fits false", in: SchemaReader(members: [], path: path))
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
            return try all(schemas, of: schema, depth: depth)
        }
        if let reference = try schema.string("$ref") {
            let rest = schema.without("$ref")
            guard SchemaReader.isConstraint(rest) else {
                return try self.reference(reference, in: schema, depth: depth)
            }
            guard let members = try resolve(.ordered(schema.members), in: schema) else {
                return nothing("$ref leads to false", in: schema)
            }
            return try node(.ordered(members), at: schema.path, depth: depth)
        }
        for name in SchemaMerge.alternatives {
            guard let schemas = try schema.list(name) else { continue }
            return try alternatives(schemas, name, of: schema, depth: depth)
        }
        for name in ["not", "if", "dependentRequired", "dependentSchemas"] where schema[name] != nil
        {
            note(name, in: schema)
        }
        if let values = try schema.values() { return try self.values(values, in: schema) }
        guard let types = try schema.types() ?? schema.impliedType.map({ [$0] }) else {
            return try json.value()
        }
        guard !types.isEmpty else {
            return nothing(
                "type names none; none was given, or allOf and $ref leave none",
                in: schema
            )
        }
        var nodes: [GrammarNode] = []
        for type in types { nodes.append(try node(of: type, schema, depth: depth)) }
        return .choice(nodes)
    }

    /// What fits several schemas, and what else the schema says.
    private mutating func all(
        _ schemas: [JSONValue],
        of schema: SchemaReader,
        depth: Int
    ) throws(LMStudioError) -> GrammarNode {
        var members = schema.without("allOf")
        // Alternatives of which one must fit beside one of others: each of those is tried with each of these.
        var waiting: [JSONValue] = []
        var name: String?
        for other in schemas {
            guard let others = try resolve(other, in: schema) else {
                return nothing("allOf holds false", in: schema)
            }
            if let common = SchemaMerge.commonAlternatives(members, others) {
                name = common
                waiting.append(.ordered(others))
            } else {
                members = SchemaMerge.merge(members, others)
            }
        }
        guard let name else { return try node(.ordered(members), at: schema.path, depth: depth) }
        members.append(JSONValue.Member(name: "allOf", value: .array(waiting)))
        let merged = SchemaReader(members: members, path: schema.path)
        return try alternatives(try merged.list(name) ?? [], name, of: merged, depth: depth)
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
}
