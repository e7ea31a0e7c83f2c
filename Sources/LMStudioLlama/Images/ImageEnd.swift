/// Looks whether an image file goes to its end.
///
/// llama.cpp's decoder of JPEG, GIF and BMP makes up what is missing, and the model would answer as if
/// it had seen that; those of PNG and WebP refuse.
struct ImageEnd {
    private let bytes: [UInt8]
    private var offset = 0

    private init(_ bytes: [UInt8], at offset: Int) {
        self.bytes = bytes
        self.offset = offset
    }

    /// Whether an image that has a header is whole.
    static func isReached(by bytes: [UInt8]) -> Bool {
        if bytes.starts(with: [0xFF, 0xD8]) {
            var jpeg = ImageEnd(bytes, at: 2)
            return jpeg.passJPEG()
        } else if bytes.starts(with: "GIF".utf8) {
            var gif = ImageEnd(bytes, at: 10)
            return gif.passGIF()
        } else if bytes.starts(with: "BM".utf8) {
            return ImageEnd(bytes, at: 0).hasRows
        }
        return true
    }

    private mutating func next() -> Int? {
        guard offset < bytes.count else { return nil }
        defer { offset += 1 }
        return Int(bytes[offset])
    }

    private func little(_ offset: Int, _ count: Int) -> Int {
        guard offset + count <= bytes.count else { return 0 }
        return bytes[offset..<(offset + count)].reversed().reduce(0) { $0 << 8 | Int($1) }
    }

    /// Markers, segments and compressed data up to the mark of the end; ITU-T T.81, annex B.
    private mutating func passJPEG() -> Bool {
        var isData = false
        while let byte = next() {
            guard byte == 0xFF else {
                if isData { continue }
                return false
            }
            guard let marker = next() else { return false }
            switch marker {
            case 0x00, 0xD0...0xD7:
                // A byte of the data, and marks in it.
                guard isData else { return false }
            case 0x01: break
            case 0xFF: offset -= 1
            case 0xD9: return true
            case 0xC0...0xFE:
                guard let high = next(), let low = next(), high << 8 | low >= 2 else {
                    return false
                }
                offset += high << 8 | low - 2
                isData = marker == 0xDA
            default: return false
            }
        }
        return false
    }

    /// Blocks up to the end of the first picture, which is the one that is shown; GIF89a, section 15 on.
    private mutating func passGIF() -> Bool {
        func colors(_ flags: Int) -> Int { flags & 0x80 == 0 ? 0 : 3 << (flags & 7 + 1) }
        guard let flags = next() else { return false }
        offset += 2 + colors(flags)
        while let kind = next() {
            switch kind {
            case 0x21:
                offset += 1
                guard passBlocks() else { return false }
            case 0x2C:
                offset += 8
                guard let flags = next() else { return false }
                offset += colors(flags) + 1
                return passBlocks()
            default: return false
            }
        }
        return false
    }

    /// Blocks with their length before them, up to the empty one.
    private mutating func passBlocks() -> Bool {
        while let length = next() {
            guard length > 0 else { return true }
            offset += length
        }
        return false
    }

    /// Whether there are as many bytes as a BMP's rows take, each a multiple of four.
    private var hasRows: Bool {
        let isOld = little(14, 4) == 12
        let (width, height, bits) =
            isOld
            ? (little(18, 2), little(20, 2), little(24, 2))
            : (
                little(18, 4), abs(Int(Int32(truncatingIfNeeded: little(22, 4)))),
                little(28, 2)
            )
        return bytes.count >= little(10, 4) + (width * bits + 31) / 32 * 4 * height
    }
}
