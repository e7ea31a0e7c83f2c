import LMStudioCore

/// What the first bytes of an image file say, so that nothing large is decoded unawares.
struct ImageHeader: Hashable {
    /// Pixels from left to right.
    let width: Int
    /// Pixels from top to bottom.
    let height: Int

    /// Most pixels of a side.
    static let maximumSide = 32_768
    /// Most pixels in all; decoded they take three to eight bytes each.
    static let maximumPixels = 100_000_000
    /// Longest file, bytes.
    static let maximumBytes = 64 << 20

    /// Reads a header.
    ///
    /// - Parameters:
    ///   - bytes: the file.
    ///   - name: its name, for the message.
    /// - Throws: `.invalidArgument` if it is no image of a kind that can be read, or too large.
    init(_ bytes: [UInt8], name: String) throws(LMStudioError) {
        func refusal(_ reason: String) -> LMStudioError {
            LMStudioError(.invalidArgument, "the image \(name.quoted) \(reason)")
        }
        guard bytes.count <= Self.maximumBytes else {
            throw refusal(
                "has \(bytes.count) bytes; make it smaller, at most \(Self.maximumBytes)"
            )
        }
        guard
            let size = Self.png(bytes) ?? Self.webp(bytes) ?? Self.gif(bytes) ?? Self.bmp(bytes)
                ?? Self.jpeg(bytes)
        else {
            throw refusal(
                "is damaged, or no PNG, JPEG, WebP, GIF or BMP; convert it to one of these"
            )
        }
        (width, height) = size
        guard width > 0, height > 0 else { throw refusal("has no pixels") }
        guard max(width, height) <= Self.maximumSide, width * height <= Self.maximumPixels else {
            throw refusal(
                "has \(width) × \(height) pixels; make it smaller, at most \(Self.maximumSide) a side "
                    + "and \(Self.maximumPixels) in all"
            )
        }
    }

    /// The size that fits into a square and has the same shape; `nil` if it fits as it is.
    func fitted(into side: Int) -> (width: Int, height: Int)? {
        let longest = max(width, height)
        guard longest > side else { return nil }
        return (max(1, width * side / longest), max(1, height * side / longest))
    }

    // MARK: Formats

    private typealias Size = (Int, Int)

    private static func begins(_ bytes: [UInt8], _ text: String, at offset: Int = 0) -> Bool {
        bytes.dropFirst(offset).starts(with: text.utf8)
    }

    private static func big(_ bytes: [UInt8], _ offset: Int, _ count: Int) -> Int {
        bytes[offset..<(offset + count)].reduce(0) { $0 << 8 | Int($1) }
    }

    private static func little(_ bytes: [UInt8], _ offset: Int, _ count: Int) -> Int {
        bytes[offset..<(offset + count)].reversed().reduce(0) { $0 << 8 | Int($1) }
    }

    private static func png(_ bytes: [UInt8]) -> Size? {
        let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
        guard bytes.count >= 24, bytes.starts(with: signature), begins(bytes, "IHDR", at: 12)
        else { return nil }
        return (big(bytes, 16, 4), big(bytes, 20, 4))
    }

    /// The first part tells, which is a picture, or says what others there are.
    private static func webp(_ bytes: [UInt8]) -> Size? {
        guard bytes.count >= 25, begins(bytes, "RIFF"), begins(bytes, "WEBP", at: 8) else {
            return nil
        }
        // Each side has 14 bits, or 24.
        if begins(bytes, "VP8L", at: 12), bytes[20] == 0x2F {
            let sides = little(bytes, 21, 4)
            return (1 + (sides & 0x3FFF), 1 + (sides >> 14 & 0x3FFF))
        }
        guard bytes.count >= 30 else { return nil }
        if begins(bytes, "VP8X", at: 12) {
            return (1 + little(bytes, 24, 3), 1 + little(bytes, 27, 3))
        }
        guard begins(bytes, "VP8 ", at: 12), bytes[23...].starts(with: [0x9D, 0x01, 0x2A]) else {
            return nil
        }
        return (little(bytes, 26, 2) & 0x3FFF, little(bytes, 28, 2) & 0x3FFF)
    }

    private static func gif(_ bytes: [UInt8]) -> Size? {
        guard bytes.count >= 10, begins(bytes, "GIF87a") || begins(bytes, "GIF89a") else {
            return nil
        }
        return (little(bytes, 6, 2), little(bytes, 8, 2))
    }

    private static func bmp(_ bytes: [UInt8]) -> Size? {
        guard bytes.count >= 26, begins(bytes, "BM") else { return nil }
        guard little(bytes, 14, 4) > 12 else { return (little(bytes, 18, 2), little(bytes, 20, 2)) }
        // A negative height stands for rows from the top.
        let height = Int(Int32(truncatingIfNeeded: little(bytes, 22, 4)))
        return (little(bytes, 18, 4), abs(height))
    }

    /// Looks for the frame among the segments; the first one counts.
    private static func jpeg(_ bytes: [UInt8]) -> Size? {
        guard bytes.starts(with: [0xFF, 0xD8, 0xFF]) else { return nil }
        var offset = 2
        while offset + 9 <= bytes.count {
            guard bytes[offset] == 0xFF else { return nil }
            let marker = bytes[offset + 1]
            switch marker {
            case 0xFF: offset += 1
            case 0x01, 0xD0...0xD8: offset += 2
            case 0xC0...0xC3, 0xC5...0xC7, 0xC9...0xCB, 0xCD...0xCF:
                return (big(bytes, offset + 7, 2), big(bytes, offset + 5, 2))
            default: offset += 2 + big(bytes, offset + 2, 2)
            }
        }
        return nil
    }
}
