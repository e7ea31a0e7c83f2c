import LMStudioCore
import LMStudioWire

extension SchemaGrammar {
    mutating func reference(
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
    func resolve(
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
        var rest = Array(reference.utf8)[...]
        guard rest.popFirst() == UInt8(ascii: "#"), rest.first ?? Self.slash == Self.slash else {
            throw schema.failure(
                "$ref \(reference.quoted) is not supported; only places in the same schema are: \"#/…\""
            )
        }
        var target = root
        while rest.popFirst() != nil {
            let part = rest.prefix { $0 != Self.slash }
            rest = rest.dropFirst(part.count)
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

    private static let slash = UInt8(ascii: "/")

    /// A part of a JSON pointer in a URI, without its escapes (RFC 6901, section 6).
    private static func unescaped(_ part: ArraySlice<UInt8>) -> String {
        let byPercent = replacing(UInt8(ascii: "%"), 2, in: Array(part)) {
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
