import LMStudioWire
import NIOCore

/// Writes a client's WebSocket frames: whole messages, masked.
///
/// RFC 6455, section 5.
enum WebSocketFrameWriter {
    enum Opcode: UInt8 {
        case text = 1
        case close = 8
        case ping = 9
        case pong = 10
    }

    /// The frame of a JSON text.
    static func text(_ json: JSONValue, _ allocator: ByteBufferAllocator) -> ByteBuffer {
        var text: [UInt8] = []
        json.append(to: &text)
        var bytes = allocator.buffer(capacity: text.count + 14)
        write(text, as: .text, into: &bytes)
        return bytes
    }

    /// Appends one frame.
    ///
    /// The mask keeps proxies from taking what a web page made us send for HTTP; it is no secret.
    static func write(
        _ payload: some Collection<UInt8>,
        as opcode: Opcode,
        mask: UInt32 = .random(in: 0 ... .max),
        into buffer: inout ByteBuffer
    ) {
        let count = payload.count
        buffer.reserveCapacity(minimumWritableBytes: count + 14)
        buffer.writeInteger(0x80 | opcode.rawValue)
        switch count {
        case ..<126: buffer.writeInteger(0x80 | UInt8(count))
        case ...0xffff:
            buffer.writeInteger(UInt8(0x80 | 126))
            buffer.writeInteger(UInt16(count))
        default:
            buffer.writeInteger(UInt8(0x80 | 127))
            buffer.writeInteger(UInt64(count))
        }
        buffer.writeInteger(mask)
        let start = buffer.writerIndex
        buffer.writeBytes(payload)
        buffer.withVeryUnsafeMutableBytes { bytes in
            Self.mask(UnsafeMutableRawBufferPointer(rebasing: bytes[start..<start + count]), mask)
        }
    }

    /// Eight bytes at a time: uploads are long, and the event loop is everybody's.
    private static func mask(_ payload: UnsafeMutableRawBufferPointer, _ mask: UInt32) {
        let key = UInt64(mask.bigEndian)
        let word = key << 32 | key
        let words = payload.count / 8
        for index in 0..<words {
            let value = payload.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self)
            payload.storeBytes(of: value ^ word, toByteOffset: index * 8, as: UInt64.self)
        }
        withUnsafeBytes(of: word) { word in
            for index in (words * 8)..<payload.count { payload[index] ^= word[index % 8] }
        }
    }
}
