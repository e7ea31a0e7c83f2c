import FoundationEssentials
package import LMStudioCore

/// Any JSON.
package enum JSONValue: Sendable, Hashable {
    case null
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    /// Parses JSON; its depth is bounded by the parser (512).
    ///
    /// - Parameters:
    ///   - text: the whole text.
    ///   - what: what it is, for the error message: "config".
    /// - Throws: `.invalidArgument` naming the place if it is no JSON.
    package init(parsing text: String, as what: String) throws(LMStudioError) {
        do {
            self = try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
        } catch {
            throw LMStudioError(
                .invalidArgument,
                "\(what) is not JSON: \(Self.reason(error)); got \(Self.excerpt(text))"
            )
        }
    }

    /// The JSON text, without spaces, members in the order of their names.
    package var text: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Only a number that is not finite has no JSON, and none of ours is.
        guard let data = try? encoder.encode(self) else { return "null" }
        return String(decoding: data, as: UTF8.self)
    }

    /// What kind of value it is, for error messages.
    package var kind: String {
        switch self {
        case .null: "null"
        case .bool(let value): "\(value)"
        case .integer(let value): "\(value)"
        case .number(let value): "\(value)"
        case .string(let value): "\"\(value.prefix(60))\""
        case .array: "an array"
        case .object: "an object"
        }
    }

    /// The members, without those that are null; `nil` for anything but an object.
    package var members: [String: JSONValue]? {
        guard case .object(let members) = self else { return nil }
        return members.filter { $0.value != .null }
    }

    /// The string, or `nil`.
    package var string: String? {
        guard case .string(let value) = self else { return nil }
        return value
    }

    private static func excerpt(_ text: String) -> String {
        text.count > 60 ? "\"\(text.prefix(60))…\"" : "\"\(text)\""
    }

    private static func reason(_ error: any Error) -> String {
        guard case DecodingError.dataCorrupted(let context) = error else { return "\(error)" }
        if let cause = context.underlyingError { return "\(cause)" }
        return context.debugDescription
    }
}

extension JSONValue: Codable {
    package init(from decoder: any Decoder) throws {
        if let object = try? decoder.container(keyedBy: Key.self) {
            var members: [String: JSONValue] = [:]
            for key in object.allKeys {
                members[key.stringValue] = try object.decode(JSONValue.self, forKey: key)
            }
            self = .object(members)
            return
        }
        if var elements = try? decoder.unkeyedContainer() {
            var values: [JSONValue] = []
            while !elements.isAtEnd { values.append(try elements.decode(JSONValue.self)) }
            self = .array(values)
            return
        }
        let value = try decoder.singleValueContainer()
        if value.decodeNil() {
            self = .null
        } else if let bool = try? value.decode(Bool.self) {
            self = .bool(bool)
        } else if let integer = try? value.decode(Int64.self) {
            self = .integer(integer)
        } else if let number = try? value.decode(Double.self) {
            self = .number(number)
        } else {
            self = .string(try value.decode(String.self))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var value = encoder.singleValueContainer()
        switch self {
        case .null: try value.encodeNil()
        case .bool(let bool): try value.encode(bool)
        case .integer(let integer): try value.encode(integer)
        case .number(let number): try value.encode(number)
        case .string(let string): try value.encode(string)
        case .array(let values): try value.encode(values)
        case .object(let members): try value.encode(members)
        }
    }

    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}
