import LMStudioWire
import NIOCore

extension ByteBuffer {
    /// Writes an unmasked WebSocket frame around what `body` writes.
    ///
    /// Room is left for the commonest length, so that the payload is written where it stays.
    mutating func writeFrame(opcode: UInt8 = 0x1, _ body: (inout ByteBuffer) -> Void) {
        let start = writerIndex
        writeInteger(UInt32(0))
        body(&self)
        let length = writerIndex - start - 4
        let first = 0x80 | opcode
        switch length {
        case 126...0xFFFF:
            setInteger(UInt32(first) << 24 | 126 << 16 | UInt32(length), at: start)
        default:
            let payload = getSlice(at: start + 4, length: length)
            moveWriterIndex(to: start)
            writeInteger(first)
            if length < 126 {
                writeInteger(UInt8(length))
            } else {
                writeInteger(UInt8(127))
                writeInteger(UInt64(length))
            }
            if let payload { writeImmutableBuffer(payload) }
        }
    }

    /// Writes a message of JSON.
    mutating func writeFrame(_ json: JSONValue) {
        var bytes: [UInt8] = []
        json.append(to: &bytes)
        writeFrame { $0.writeBytes(bytes) }
    }

    /// Writes a close frame; without a code if there is none.
    mutating func writeClose(_ code: UInt16?, reason: String = "") {
        writeFrame(opcode: 0x8) { payload in
            guard let code else { return }
            payload.writeInteger(code)
            payload.writeString(String(reason.prefix(100)))
        }
    }
}
