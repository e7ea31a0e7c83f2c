// Swift takes texts for one that only look alike, "é" as one character and as a letter with its accent;
// JSON and models tell them apart.
extension String {
    /// Whether another text has the same bytes.
    package func isExactly(_ other: String) -> Bool {
        utf8.count == other.utf8.count && utf8.elementsEqual(other.utf8)
    }

    /// What sets and dictionaries know the text by: that of another text is equal only if its bytes are.
    ///
    /// Text that is not ASCII has an ideograph for each byte, which look like nothing else.
    package var exact: String {
        if utf8.allSatisfy({ $0 < 0x80 }) { return self }
        var scalars = UnicodeScalarView()
        for byte in utf8 {
            if let scalar = Unicode.Scalar(0x4E00 + UInt32(byte)) { scalars.append(scalar) }
        }
        return String(scalars)
    }
}
