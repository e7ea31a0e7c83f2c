// Swift takes texts for one that only look alike, "é" as one character and as a letter with its accent;
// JSON and models tell them apart.
extension String {
    /// Whether another text has the same bytes.
    package func isExactly(_ other: String) -> Bool {
        self == other && exact == other.exact
    }

    /// What sets and dictionaries know the text by: that of another text is equal only if its bytes are.
    ///
    /// Text that is not ASCII has an ideograph from U+4E00 on for each byte: these look like nothing else.
    package var exact: String {
        var bytes: [UInt8] = []
        var isASCII = true
        for byte in utf8 {
            bytes += [0xE4, 0xB8 + byte >> 6, 0x80 + byte & 0x3F]
            isASCII = isASCII && byte < 0x80
        }
        return isASCII ? self : String(decoding: bytes, as: UTF8.self)
    }
}
