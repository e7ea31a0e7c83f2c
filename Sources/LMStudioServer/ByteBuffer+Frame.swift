import LMStudioCore
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

    /// Writes a fragment on its way, without a JSON tree in between: a frame for each token.
    mutating func writeFrame(_ fragment: PredictionFragment, channel: Int) {
        writeFrame { payload in
            payload.writeStaticString(#"{"type":"channelSend","channelId":"#)
            payload.writeString("\(channel)")
            payload.writeStaticString(
                #","message":{"type":"fragment","fragment":{"content":""#
            )
            payload.writeEscaped(fragment.content)
            payload.writeStaticString(#"","tokensCount":"#)
            payload.writeString("\(fragment.tokensCount)")
            if fragment.containsDrafted {
                payload.writeStaticString(#","containsDrafted":true,"reasoningType":""#)
            } else {
                payload.writeStaticString(#","containsDrafted":false,"reasoningType":""#)
            }
            payload.writeString(fragment.reasoningType.rawValue)
            switch fragment.reasoningType {
            case .none, .reasoning: payload.writeStaticString(#"","isStructural":false}}}"#)
            case .reasoningStartTag, .reasoningEndTag:
                payload.writeStaticString(#"","isStructural":true}}}"#)
            }
        }
    }

    /// Writes the inside of a JSON string.
    private mutating func writeEscaped(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            var start = 0
            for (index, byte) in bytes.enumerated()
            where byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
                writeBytes(
                    UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[start..<index])
                )
                start = index + 1
                if byte < 0x20 {
                    let digits = Array("0123456789abcdef".utf8)
                    writeStaticString(#"\u00"#)
                    writeBytes([digits[Int(byte >> 4)], digits[Int(byte & 15)]])
                } else {
                    writeBytes([UInt8(ascii: "\\"), byte])
                }
            }
            writeBytes(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[start...]))
        }
    }
}
