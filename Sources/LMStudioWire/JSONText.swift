/// Where the plain bytes of JSON's strings end: a quote, a backslash or a control character.
enum JSONText {
    /// The first byte from `start` on that cannot stand for itself in a string, else `bytes.count`.
    ///
    /// Eight bytes at a time: a byte is found by the borrow that its subtraction leaves in its top
    /// bit, which is exact for the lowest one found.
    static func endOfPlainRun(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        var position = start
        while position &+ 8 <= bytes.count {
            let word = UInt64(
                littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)
            )
            let found = (zeros(in: word ^ quotes) | zeros(in: word ^ backslashes) | controls(word))
            if found != 0 { return position &+ found.trailingZeroBitCount / 8 }
            position &+= 8
        }
        while position < bytes.count, isPlain(bytes[position]) { position &+= 1 }
        return position
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }

    private static let quotes: UInt64 = 0x2222_2222_2222_2222
    private static let backslashes: UInt64 = 0x5c5c_5c5c_5c5c_5c5c
    private static let tops: UInt64 = 0x8080_8080_8080_8080

    @inline(__always)
    private static func zeros(in word: UInt64) -> UInt64 {
        (word &- 0x0101_0101_0101_0101) & ~word & tops
    }

    @inline(__always)
    private static func controls(_ word: UInt64) -> UInt64 {
        (word &- 0x2020_2020_2020_2020) & ~word & tops
    }
}
