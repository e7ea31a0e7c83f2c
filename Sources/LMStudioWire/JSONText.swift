/// The bytes of JSON's strings.
enum JSONText {
    /// Where the plain bytes of a string end.
    struct Run {
        /// The first byte that cannot stand for itself: a quote, a backslash or a control character.
        var end: Int
        /// Whether all bytes before are ASCII.
        var isASCII: Bool
    }

    /// The plain bytes from `start` on.
    ///
    /// Eight bytes at a time: a byte is found by the borrow that its subtraction leaves in its top
    /// bit, which is exact for the lowest one found.
    @inline(__always)
    static func plainRun(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Run {
        var position = start
        var seen: UInt64 = 0
        while position &+ 8 <= bytes.count {
            let word = UInt64(
                littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)
            )
            let found = zeros(in: word ^ quotes) | zeros(in: word ^ backslashes) | controls(word)
            if found != 0 {
                let count = found.trailingZeroBitCount / 8
                seen |= word & ((1 &<< (UInt64(count) &* 8)) &- 1)
                return Run(end: position &+ count, isASCII: seen & tops == 0)
            }
            seen |= word
            position &+= 8
        }
        while position < bytes.count, isPlain(bytes[position]) {
            seen |= UInt64(bytes[position])
            position &+= 1
        }
        return Run(end: position, isASCII: seen & tops == 0)
    }

    /// The text of some bytes; `nil` if they are not UTF-8.
    @inline(__always)
    static func string(_ bytes: UnsafeRawBufferPointer, isASCII: Bool) -> String? {
        let utf8 = bytes.assumingMemoryBound(to: UInt8.self)
        // Four times as fast as the one that looks for faults.
        return isASCII
            ? String(decoding: utf8, as: UTF8.self) : String(validating: utf8, as: UTF8.self)
    }

    @inline(__always)
    private static func isPlain(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }

    @inline(__always)
    private static var quotes: UInt64 { 0x2222_2222_2222_2222 }
    @inline(__always)
    private static var backslashes: UInt64 { 0x5c5c_5c5c_5c5c_5c5c }
    @inline(__always)
    private static var tops: UInt64 { 0x8080_8080_8080_8080 }

    @inline(__always)
    private static func zeros(in word: UInt64) -> UInt64 {
        (word &- 0x0101_0101_0101_0101) & ~word & tops
    }

    @inline(__always)
    private static func controls(_ word: UInt64) -> UInt64 {
        (word &- 0x2020_2020_2020_2020) & ~word & tops
    }
}

extension UnsafeRawBufferPointer {
    /// The bytes of a range, as a buffer of its own.
    @inline(__always)
    func part(from start: Int, to end: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: baseAddress.map { $0 + start }, count: end &- start)
    }

    /// Whether some text stands at a place.
    @inline(__always)
    func holds(_ text: StaticString, at position: Int) -> Bool {
        let length = text.utf8CodeUnitCount
        guard count &- position >= length else { return false }
        let wanted = UnsafeRawPointer(text.utf8Start)
        var offset = 0
        while offset &+ 8 <= length {
            guard
                loadUnaligned(fromByteOffset: position &+ offset, as: UInt64.self)
                    == wanted.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            else { return false }
            offset &+= 8
        }
        while offset < length {
            guard
                self[position &+ offset] == wanted.load(fromByteOffset: offset, as: UInt8.self)
            else { return false }
            offset &+= 1
        }
        return true
    }
}
