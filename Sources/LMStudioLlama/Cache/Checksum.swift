/// A 64-bit sum over bytes in their order, in which each changed word shows.
///
/// Each step is one to one in the sum and in the word: two rows of bytes that differ in one word have
/// different sums. It is no guard against somebody who sets out to forge one.
struct Checksum: Hashable {
    private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    /// Adds bytes, and their number.
    mutating func add(_ bytes: UnsafeRawBufferPointer) {
        var offset = 0
        while offset + 8 <= bytes.count {
            mix(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
            offset += 8
        }
        var rest: UInt64 = 0
        while offset < bytes.count {
            rest = rest << 8 | UInt64(bytes[offset])
            offset += 1
        }
        mix(rest)
        mix(UInt64(bytes.count))
    }

    /// Adds the bytes of an array.
    mutating func add<Element: BitwiseCopyable>(_ elements: [Element]) {
        elements.withUnsafeBytes { add($0) }
    }

    /// Adds a number.
    mutating func add(_ number: UInt64) {
        mix(number)
    }

    private mutating func mix(_ word: UInt64) {
        value = (value ^ word) &* 0x9E37_79B9_7F4A_7C15
        value ^= value >> 32
    }
}
