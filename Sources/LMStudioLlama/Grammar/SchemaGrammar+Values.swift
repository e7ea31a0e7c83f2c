import LMStudioCore
import LMStudioWire

extension SchemaGrammar {
    /// The values of `const` and `enum`, without those that do not fit what stands beside them.
    mutating func values(
        _ values: [JSONValue],
        in schema: SchemaReader
    ) throws(LMStudioError) -> GrammarNode {
        for name in Self.unseen where schema[name] != nil {
            note("\(name) beside const or enum", in: schema)
        }
        let pattern = try schema.string("pattern").map { pattern throws(LMStudioError) in
            try machine(of: pattern, in: schema)
        }
        var nodes: [GrammarNode] = []
        for value in values where try schema.takes(value) {
            if let pattern, case .string = value {
                let cursor = GrammarCursor(pattern)
                guard try cursor.accept(Array(value.text.utf8)), cursor.mayEnd else { continue }
            }
            nodes.append(.text(value.text))
        }
        guard nodes.isEmpty else { return .choice(nodes) }
        return nothing("no value of const or enum fits what else is said of it", in: schema)
    }

    /// What a value is not held against.
    private static let unseen = [
        "format", "properties", "required", "additionalProperties", "patternProperties", "items",
        "prefixItems", "uniqueItems", "contains",
    ]

    /// Matches the strings of a pattern.
    private func machine(
        of pattern: String,
        in schema: SchemaReader
    ) throws(LMStudioError) -> GrammarMachine {
        var other = self
        other.json = JSONGrammar()
        let node = try other.string(of: pattern, in: schema)
        return try GrammarMachine(other.json.finish(node))
    }
}

extension SchemaReader {
    /// The values that `const` and `enum` leave; `nil`: there is neither.
    func values() throws(LMStudioError) -> [JSONValue]? {
        let listed = try list("enum", mayBeEmpty: true)
        guard let value = self["const"] else { return listed }
        guard let listed else { return [value] }
        return SchemaMerge.common([value], listed)
    }

    /// Whether a value is of a type, and within the bounds, that the schema names.
    fileprivate func takes(_ value: JSONValue) throws(LMStudioError) -> Bool {
        if let types = try types(), !types.contains(where: { value.isOfType($0) }) { return false }
        if let number = value.double {
            let low = try bound("minimum", exclusive: "exclusiveMinimum")
            let high = try bound("maximum", exclusive: "exclusiveMaximum")
            if let low, number < low.value || low.isExclusive && number == low.value {
                return false
            }
            if let high, number > high.value || high.isExclusive && number == high.value {
                return false
            }
            guard let factor = self["multipleOf"]?.double, factor > 0 else { return true }
            let quotient = number / factor
            // 0.3 is three times 0.1.
            return (quotient - quotient.rounded()).magnitude <= 1e-9 * max(1, quotient.magnitude)
        }
        if let text = value.string {
            return try holds(text.unicodeScalars.count, "minLength", "maxLength")
        }
        return try value.elements.map { elements throws(LMStudioError) in
            try holds(elements.count, "minItems", "maxItems")
        } ?? true
    }

    private func holds(_ size: Int, _ least: String, _ most: String) throws(LMStudioError) -> Bool {
        let (least, most) = (try count(least) ?? 0, try count(most) ?? .max)
        return least <= size && size <= most
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
