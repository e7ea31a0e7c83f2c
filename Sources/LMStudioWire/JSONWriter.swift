/// Writes JSON as bytes, without spaces.
enum JSONWriter {
    /// Appends a value; members in their order, or in that of their names.
    static func append(_ value: JSONValue, to bytes: inout [UInt8]) {
        switch value {
        case .null: append("null", to: &bytes)
        case .bool(let value): append(value ? "true" : "false", to: &bytes)
        case .integer(let value): append(value, to: &bytes)
        // What is not finite has no JSON; the rest is the shortest text that reads the same.
        case .number(let value):
            if value.isFinite {
                bytes.append(contentsOf: value.description.utf8)
            } else {
                append("null", to: &bytes)
            }
        case .digits(let digits): bytes.append(contentsOf: digits.utf8)
        case .string(let value): append(string: value, to: &bytes)
        case .array(let values):
            var separator = UInt8(ascii: "[")
            for value in values {
                bytes.append(separator)
                append(value, to: &bytes)
                separator = UInt8(ascii: ",")
            }
            if values.isEmpty { bytes.append(separator) }
            bytes.append(UInt8(ascii: "]"))
        case .object(let members):
            append(members.sorted { $0.key < $1.key }.lazy.map { ($0.key, $0.value) }, to: &bytes)
        case .ordered(let members):
            append(members.lazy.map { ($0.name, $0.value) }, to: &bytes)
        }
    }

    private static func append(
        _ members: some Collection<(String, JSONValue)>,
        to bytes: inout [UInt8]
    ) {
        var separator = UInt8(ascii: "{")
        for (name, value) in members {
            bytes.append(separator)
            append(string: name, to: &bytes)
            bytes.append(UInt8(ascii: ":"))
            append(value, to: &bytes)
            separator = UInt8(ascii: ",")
        }
        if members.isEmpty { bytes.append(separator) }
        bytes.append(UInt8(ascii: "}"))
    }

    /// Appends text as it is.
    static func append(_ text: StaticString, to bytes: inout [UInt8]) {
        bytes.append(
            contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        )
    }

    /// Appends a whole number.
    static func append(_ value: Int64, to bytes: inout [UInt8]) {
        guard value < 0 || value > 9 else {
            bytes.append(UInt8(ascii: "0") + UInt8(value))
            return
        }
        bytes.append(contentsOf: value.description.utf8)
    }

    /// Appends a string, with its quotes and as few escapes as possible.
    static func append(string: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        var string = string
        string.withUTF8 { text in
            let text = UnsafeRawBufferPointer(text)
            var position = 0
            while true {
                let end = JSONText.plainRun(text, from: position).end
                bytes.append(contentsOf: text.part(from: position, to: end))
                guard end < text.count else { break }
                append(escaped: text[end], to: &bytes)
                position = end + 1
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func append(escaped byte: UInt8, to bytes: inout [UInt8]) {
        switch byte {
        case UInt8(ascii: "\""): append("\\\"", to: &bytes)
        case UInt8(ascii: "\\"): append("\\\\", to: &bytes)
        case 0x08: append("\\b", to: &bytes)
        case 0x09: append("\\t", to: &bytes)
        case 0x0a: append("\\n", to: &bytes)
        case 0x0c: append("\\f", to: &bytes)
        case 0x0d: append("\\r", to: &bytes)
        default:
            append("\\u00", to: &bytes)
            if byte < 0x10 { bytes.append(UInt8(ascii: "0")) }
            bytes.append(contentsOf: String(byte, radix: 16).utf8)
        }
    }
}
