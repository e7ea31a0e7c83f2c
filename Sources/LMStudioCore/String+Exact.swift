#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

// Swift takes texts for one that only look alike, "é" as one character and as a letter with its accent;
// JSON and models tell them apart.
extension String {
    /// Whether another text has the same bytes.
    package func isExactly(_ other: String) -> Bool {
        var (first, second) = (self, other)
        return first.withUTF8 { first in
            second.withUTF8 { second in
                guard first.count == second.count else { return false }
                guard let one = first.baseAddress, let other = second.baseAddress else {
                    return true
                }
                return memcmp(one, other, first.count) == 0
            }
        }
    }

    /// What sets and dictionaries know the text by: that of another text is equal only if its bytes are.
    ///
    /// Text that is not ASCII has an ideograph from U+4E00 on for each byte: these look like nothing else.
    package var exact: String {
        if utf8.allSatisfy({ $0 < 0x80 }) { return self }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(3 * utf8.count)
        for byte in utf8 {
            bytes.append(0xE4)
            bytes.append(0xB8 + byte >> 6)
            bytes.append(0x80 + byte & 0x3F)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
