package import LMStudioCore

/// Any JSON.
package enum JSONValue: Sendable, Equatable {
    case null
    case bool(Bool)
    /// A number without point and exponent that fits.
    case integer(Int64)
    /// Any other number.
    case number(Double)
    /// A whole number beyond `Int64` that keeps its digits: beside members that keep their order.
    case digits(String)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])
    /// An object whose members keep their order: it is the order in which an answer is written.
    case ordered([Member])

    /// A member of an object that keeps its order; no two have one name.
    package struct Member: Sendable {
        package var name: String
        package var value: JSONValue

        package init(name: String, value: JSONValue) {
            self.name = name
            self.value = value
        }
    }

    /// Whether two values have the same text: strings and names are told apart by their bytes.
    package static func == (first: JSONValue, second: JSONValue) -> Bool {
        switch (first, second) {
        case (.null, .null): true
        case (.bool(let first), .bool(let second)): first == second
        case (.integer(let first), .integer(let second)): first == second
        case (.number(let first), .number(let second)): first == second
        case (.digits(let first), .digits(let second)), (.string(let first), .string(let second)):
            first.isExactly(second)
        case (.array, .array), (.object, .object), (.ordered, .ordered):
            first.text.isExactly(second.text)
        default: false
        }
    }

    /// Parses JSON; its depth is bounded (512).
    ///
    /// - Parameters:
    ///   - text: the whole text.
    ///   - what: what it is, for the error message: "config".
    ///   - keepingOrder: whether objects keep the order of their members.
    /// - Throws: `.invalidArgument` naming the place if it is no JSON.
    package init(
        parsing text: String,
        as what: String,
        keepingOrder: Bool = false
    ) throws(LMStudioError) {
        var text = text
        self = try text.withUTF8 { utf8 in
            Result { () throws(LMStudioError) in
                try JSONValue(
                    parsing: UnsafeRawBufferPointer(utf8),
                    as: what,
                    keepingOrder: keepingOrder
                )
            }
        }.get()
    }

    /// Parses JSON in UTF-8; otherwise like `init(parsing:as:)` of a text.
    ///
    /// Objects within a member called `jsonSchema`, `parameters` or `arguments` keep the order of their
    /// members, and whole numbers there their digits; with `keepingOrder`, all do.
    package init(
        parsing bytes: UnsafeRawBufferPointer,
        as what: String,
        keepingOrder: Bool = false
    ) throws(LMStudioError) {
        var parser = JSONParser(bytes, keepsOrder: keepingOrder)
        do throws(JSONParser.Failure) {
            self = try parser.document()
        } catch {
            throw LMStudioError(
                .invalidArgument,
                "\(what) is not JSON: \(error.reason) at byte \(error.position); "
                    + "got \(Self.excerpt(bytes))"
            )
        }
    }

    private static func excerpt(_ bytes: UnsafeRawBufferPointer) -> String {
        let text = String(decoding: bytes.prefix(240), as: UTF8.self)
        return text.count > 60 || bytes.count > 240 ? "\"\(text.prefix(60))…\"" : "\"\(text)\""
    }

    /// The JSON text, without spaces, members in the order of their names where they keep none.
    package var text: String {
        var bytes: [UInt8] = []
        append(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends the JSON text in UTF-8.
    package func append(to bytes: inout [UInt8]) {
        JSONWriter.append(self, to: &bytes)
    }
}
