import LMStudioCore
import LMStudioWire

extension SchemaGrammar {
    // MARK: Objects and arrays

    mutating func object(
        _ schema: SchemaReader,
        depth: Int
    ) throws(LMStudioError) -> GrammarNode {
        for name in ["minProperties", "maxProperties", "propertyNames"] where schema[name] != nil {
            note(name, in: schema)
        }
        let properties = try schema.object("properties")
        let required = try schema.strings("required")
        let path = schema.path(of: "properties")
        var members: [JSONGrammar.Member] = []
        var places: [String: Int] = [:]
        for property in properties ?? [] {
            places[property.name.exact] = members.count
            members.append(
                JSONGrammar.Member(
                    name: property.name,
                    value: try node(
                        property.value,
                        at: "\(path)/\(property.name.prefix(40))",
                        depth: depth
                    ),
                    isRequired: false
                )
            )
        }
        let others = try others(schema, besides: properties, depth: depth)
        for name in required {
            if let place = places[name.exact] {
                members[place].isRequired = true
                continue
            }
            guard let others else {
                throw schema.failure("required names \(name.quoted), which properties do not have")
            }
            places[name.exact] = members.count
            members.append(JSONGrammar.Member(name: name, value: others.value, isRequired: true))
        }
        guard let others else { return try json.object(members, others: nil) }
        var name = others.name
        if name == nil { name = try json.string(except: members.map(\.name)) }
        return try json.object(members, others: name.map { ($0, others.value) })
    }

    /// What members there may be that `properties` do not name; `name` `nil`: any name but theirs.
    private mutating func others(
        _ schema: SchemaReader,
        besides properties: [JSONValue.Member]?,
        depth: Int
    ) throws(LMStudioError) -> (name: GrammarNode?, value: GrammarNode)? {
        switch schema["additionalProperties"] {
        case .bool(true)?: return (nil, try json.value())
        case nil, .bool(false)?: break
        case let value?:
            let path = schema.path(of: "additionalProperties")
            return (nil, try node(value, at: path, depth: depth))
        }
        if let pattern = try schema.object("patternProperties")?.first {
            let path = schema.path(of: "patternProperties")
            let value = try node(pattern.value, at: path, depth: depth)
            return (try string(of: pattern.name, in: schema), value)
        }
        let isOpen = properties == nil && schema["additionalProperties"] == nil
        return isOpen ? (nil, try json.value()) : nil
    }

    mutating func array(_ schema: SchemaReader, depth: Int) throws(LMStudioError) -> GrammarNode {
        for name in ["uniqueItems", "contains"] where ![nil, .bool(false)].contains(schema[name]) {
            note(name, in: schema)
        }
        let (min, max) = (try schema.count("minItems") ?? 0, try schema.count("maxItems"))
        if let max, max < min {
            return nothing("minItems \(min) is more than maxItems \(max)", in: schema)
        }
        let isOld = schema["items"]?.elements != nil
        let name = isOld ? "items" : "prefixItems"
        var first: [GrammarNode] = []
        for (index, item) in (schema[name]?.elements ?? []).enumerated() {
            first.append(try node(item, at: "\(schema.path(of: name))/\(index)", depth: depth))
        }
        let rest = isOld ? "additionalItems" : "items"
        var others: GrammarNode?
        if let value = schema[rest] {
            if value != .bool(false) {
                others = try node(value, at: schema.path(of: rest), depth: depth)
            }
        } else if first.isEmpty || min > first.count {
            others = try json.value()
        }
        guard others != nil || min <= first.count else {
            return nothing(
                "minItems \(min) is more than the \(first.count) that \(rest) false leaves",
                in: schema
            )
        }
        if first.isEmpty, let item = others { return try json.array(of: item, min: min, max: max) }
        return try json.array(first, others: others, min: min, max: max)
    }

    // MARK: Strings

    mutating func string(_ schema: SchemaReader) throws(LMStudioError) -> GrammarNode {
        let (min, max) = (try schema.count("minLength"), try schema.count("maxLength"))
        if let pattern = try schema.string("pattern") {
            if min != nil || max != nil {
                note("minLength or maxLength beside pattern", in: schema)
            }
            return try string(of: pattern, in: schema)
        }
        if let format = try schema.string("format") {
            if let node = StringFormat.node(format) {
                return .sequence([.text("\""), node, .text("\"")])
            }
            note("format \(format.quoted)", in: schema)
        }
        if let max, max < min ?? 0 {
            return nothing("minLength \(min ?? 0) is more than maxLength \(max)", in: schema)
        }
        return try json.string(min: min ?? 0, max: max)
    }

    /// A string that a pattern describes.
    mutating func string(
        of pattern: String,
        in schema: SchemaReader
    ) throws(LMStudioError) -> GrammarNode {
        do throws(LMStudioError) {
            let node = try PatternParser.parse(pattern, any: try json.character())
            return .sequence([.text("\""), node, .text("\"")])
        } catch {
            throw schema.failure(error.message)
        }
    }

    // MARK: Numbers

    mutating func integer(_ schema: SchemaReader) throws(LMStudioError) -> GrammarNode {
        if schema["multipleOf"] != nil, schema["multipleOf"]?.double != 1 {
            note("multipleOf", in: schema)
        }
        guard let bounds = try bounds(schema) else { return JSONGrammar.integer }
        let least = bounds.low.map { low in
            let bound = low.value.rounded(.up)
            return Int(bound) + (low.isExclusive && bound == low.value ? 1 : 0)
        }
        let most = bounds.high.map { high in
            let bound = high.value.rounded(.down)
            return Int(bound) - (high.isExclusive && bound == high.value ? 1 : 0)
        }
        if let least, let most, least > most { return nothing(between: schema, "whole number") }
        return NumberGrammar.integers(from: least, to: most)
    }

    mutating func number(_ schema: SchemaReader) throws(LMStudioError) -> GrammarNode {
        if let factor = schema["multipleOf"]?.double {
            if factor == 1 { return try integer(schema) }
            note("multipleOf", in: schema)
        }
        guard let (low, high) = try bounds(schema) else { return JSONGrammar.number }
        if let low, let high,
            low.value > high.value
                || low.value == high.value && (low.isExclusive || high.isExclusive)
        {
            return nothing(between: schema, "number")
        }
        return NumberGrammar.numbers(
            from: low.flatMap { NumberGrammar.Bound($0.value, isExclusive: $0.isExclusive) },
            to: high.flatMap { NumberGrammar.Bound($0.value, isExclusive: $0.isExclusive) }
        )
    }

    /// What stands for a number that no bounds leave.
    private mutating func nothing(between schema: SchemaReader, _ kind: String) -> GrammarNode {
        let bounds = ["minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"].compactMap {
            name in schema[name].map { "\(name) \($0.kind)" }
        }
        return nothing("\(bounds.joined(separator: ", ")) leave no \(kind)", in: schema)
    }

    /// The bounds of numbers, without those that no number comes near; `nil`: there are none.
    private func bounds(
        _ schema: SchemaReader
    ) throws(LMStudioError) -> (
        low: (value: Double, isExclusive: Bool)?, high: (value: Double, isExclusive: Bool)?
    )? {
        let limit = 1e15
        let low = try schema.bound("minimum", exclusive: "exclusiveMinimum")
        let high = try schema.bound("maximum", exclusive: "exclusiveMaximum")
        if low == nil, high == nil { return nil }
        if (low?.value ?? 0) >= limit || (high?.value ?? 0) <= -limit {
            throw schema.failure("numbers beyond ±\(limit) are not supported as bounds")
        }
        return (
            (low?.value ?? -limit) > -limit ? low : nil, (high?.value ?? limit) < limit ? high : nil
        )
    }
}
