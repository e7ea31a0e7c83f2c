import LMStudioCore

/// Base64 as RFC 4648 has it, with padding.
package enum Base64 {
    /// The content of a file.
    ///
    /// - Parameters:
    ///   - text: the content as base64.
    ///   - name: the file's name, for the error.
    /// - Returns: the bytes.
    /// - Throws: `.invalidArgument` if it is no base64.
    static func decode(_ text: String, of name: String) throws(LMStudioError) -> [UInt8] {
        guard let bytes = decode(text) else {
            throw LMStudioError(
                .invalidArgument,
                "the content of \"\(name)\" is not base64; encode the file's bytes with padding"
            )
        }
        return bytes
    }

    /// The bytes that a text stands for; `nil` if it is no base64.
    ///
    /// No character outside the alphabet is taken, and no bits that stand for nothing.
    static func decode(_ text: String) -> [UInt8]? {
        var text = text
        return text.withUTF8 { decode(UnsafeRawBufferPointer($0)) }
    }

    private static func decode(_ text: UnsafeRawBufferPointer) -> [UInt8]? {
        guard text.count % 4 == 0 else { return nil }
        let padding = text.suffix(2).reversed().prefix { $0 == UInt8(ascii: "=") }.count
        let count = text.count - padding
        let table = values
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 4 * 3)
        var isFaulty = false
        for start in stride(from: 0, to: count, by: 4) {
            let end = min(start + 4, count)
            var bits: UInt32 = 0
            for position in start..<end {
                let value = table[Int(text[position])]
                isFaulty = isFaulty || value == invalid
                bits = bits << 6 | UInt32(value & 0x3f)
            }
            let missing = start + 4 - end
            bits <<= UInt32(6 * missing)
            for index in 0..<3 {
                let byte = UInt8(truncatingIfNeeded: bits >> UInt32(16 - 8 * index))
                if index < 3 - missing {
                    bytes.append(byte)
                } else {
                    isFaulty = isFaulty || byte != 0
                }
            }
        }
        return isFaulty ? nil : bytes
    }

    /// The text for bytes.
    package static func encode(_ bytes: [UInt8]) -> String {
        String(unsafeUninitializedCapacity: (bytes.count + 2) / 3 * 4) { text in
            var end = 0
            for start in stride(from: 0, to: bytes.count, by: 3) {
                let count = min(3, bytes.count - start)
                var bits: UInt32 = 0
                for index in 0..<3 {
                    bits = bits << 8 | (index < count ? UInt32(bytes[start + index]) : 0)
                }
                for index in 0..<4 {
                    let value = Int(bits >> UInt32(18 - 6 * index) & 0x3f)
                    text[end] = index <= count ? alphabet[value] : UInt8(ascii: "=")
                    end += 1
                }
            }
            return end
        }
    }

    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8
    )

    private static let invalid: UInt8 = 0xff

    /// The value of each byte as a letter of the alphabet.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: invalid, count: 256)
        for (value, letter) in alphabet.enumerated() { values[Int(letter)] = UInt8(value) }
        return values
    }()
}
