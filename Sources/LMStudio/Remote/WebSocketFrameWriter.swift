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
        let key = mask.bigEndian
        buffer.withVeryUnsafeMutableBytes { bytes in
            var index = start
            let end = start + count
            withUnsafeBytes(of: key) { key in
                while index < end {
                    bytes[index] ^= key[(index - start) & 3]
                    index += 1
                }
            }
        }
    }
}
