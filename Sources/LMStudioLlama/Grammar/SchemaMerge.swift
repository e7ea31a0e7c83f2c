import LMStudioCore
import LMStudioWire

/// Makes one schema of two that a value must both fit.
enum SchemaMerge {
    /// Merges the members of two schemas; where both say the same thing, the narrower one counts.
    static func merge(
        _ first: [JSONValue.Member],
        _ second: [JSONValue.Member]
    ) -> [JSONValue.Member] {
        var result = first
        for member in second {
            guard let place = result.firstIndex(where: { $0.name.isExactly(member.name) }) else {
                result.append(member)
                continue
            }
            let other = result[place].value
            guard other != member.value else { continue }
            if alternatives.contains(member.name) || member.name == "$ref" {
                result = both(result, .ordered([member]))
            } else if member.name == "const" {
                // Nothing is both: there is no value left.
                result = merge(result, [JSONValue.Member(name: "enum", value: .array([]))])
            } else {
                result[place].value = merge(member.name, other, member.value)
            }
        }
        return result
    }

    /// Names of lists of schemas of which one must fit.
    static let alternatives = ["anyOf", "oneOf"]

    /// The name of a list of alternatives of which two schemas have one each, if any.
    static func commonAlternatives(
        _ first: [JSONValue.Member],
        _ second: [JSONValue.Member]
    ) -> String? {
        alternatives.first { name in
            let lists = [first, second].compactMap { $0.first { $0.name == name }?.value }
            return lists.count == 2 && lists[0] != lists[1]
        }
    }

    /// Those of some values that are among others.
    static func common(_ first: [JSONValue], _ second: [JSONValue]) -> [JSONValue] {
        let others = Set(second.map { $0.text.exact })
        return first.filter { others.contains($0.text.exact) }
    }

    /// Adds a schema to those that must all be fitted.
    private static func both(
        _ members: [JSONValue.Member],
        _ schema: JSONValue
    ) -> [JSONValue.Member] {
        var members = members
        if let place = members.firstIndex(where: { $0.name == "allOf" }) {
            members[place].value = .array((members[place].value.elements ?? []) + [schema])
        } else {
            members.append(JSONValue.Member(name: "allOf", value: .array([schema])))
        }
        return members
    }

    private static func all(_ first: JSONValue, _ second: JSONValue) -> JSONValue {
        .ordered([JSONValue.Member(name: "allOf", value: .array([first, second]))])
    }

    private static func merge(
        _ name: String,
        _ first: JSONValue,
        _ second: JSONValue
    ) -> JSONValue {
        switch name {
        case "properties":
            guard case .ordered(var members) = first, case .ordered(let others) = second else {
                return first
            }
            for member in others {
                if let place = members.firstIndex(where: { $0.name.isExactly(member.name) }) {
                    members[place].value = all(members[place].value, member.value)
                } else {
                    members.append(member)
                }
            }
            return .ordered(members)
        case "required", "allOf":
            return .array((first.elements ?? []) + (second.elements ?? []))
        case "enum": return .array(common(first.elements ?? [], second.elements ?? []))
        case "type": return types(first, second)
        case "items", "additionalProperties":
            if first == .bool(false) || second == .bool(false) { return .bool(false) }
            if first == .bool(true) { return second }
            return second == .bool(true) ? first : all(first, second)
        case "minimum", "exclusiveMinimum", "minLength", "minItems":
            return (first.double ?? 0) < (second.double ?? 0) ? second : first
        case "maximum", "exclusiveMaximum", "maxLength", "maxItems":
            return (first.double ?? 0) > (second.double ?? 0) ? second : first
        default: return first
        }
    }

    private static func types(_ first: JSONValue, _ second: JSONValue) -> JSONValue {
        let (firsts, seconds) = (names(first), names(second))
        var common = firsts.filter { seconds.contains($0) }
        // Whole numbers are numbers.
        if common.isEmpty, (firsts + seconds).contains("integer"),
            (firsts + seconds).contains("number")
        {
            common = ["integer"]
        }
        return .array(common.map { .string($0) })
    }

    private static func names(_ types: JSONValue) -> [String] {
        types.string.map { [$0] } ?? types.strings ?? []
    }
}
