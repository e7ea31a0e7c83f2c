import NIOCore

/// Cuts what a client sends into WebSocket messages; knows no socket.
struct FrameDecoder {
    /// What a client sent.
    enum Message {
        /// Text, or bytes, which are taken for text.
        case data(ByteBuffer)
        case ping(ByteBuffer)
        case pong
        /// The code, if there was one.
        case close(UInt16?)
    }

    /// What ends the connection, with the close code for it.
    struct Violation: Error {
        let code: UInt16
        let reason: String

        static func protocolError(_ reason: String) -> Violation {
            Violation(code: 1002, reason: reason)
        }
        static func tooLarge(_ bytes: Int) -> Violation {
            Violation(code: 1009, reason: "a message may have \(bytes) bytes at most")
        }
    }

    /// One frame's first bytes.
    private struct Header {
        let opcode: UInt8
        let isFinal: Bool
        let length: Int
        let mask: (UInt8, UInt8, UInt8, UInt8)
        /// Bytes the header itself takes.
        let size: Int
    }

    private var input = ByteBuffer()
    /// The fragments of a message until now.
    private var message: ByteBuffer?

    /// Bytes that were received until now, without those of whole control frames.
    private(set) var messageBytes = 0

    /// Whether part of a message was received.
    var isPartial: Bool { input.readableBytes > 0 || message != nil }

    /// Adds what was received.
    mutating func append(_ bytes: inout ByteBuffer) {
        messageBytes += bytes.readableBytes
        if input.readableBytes == 0 {
            input = bytes
        } else {
            input.discardReadBytes()
            input.writeBuffer(&bytes)
        }
    }

    /// Takes the next message of at most `limit` bytes; `nil` if it is not there yet.
    mutating func next(limit: Int) throws(Violation) -> Message? {
        while let header = try header(limit: limit) {
            guard input.readableBytes >= header.size + header.length else { return nil }
            input.moveReaderIndex(forwardBy: header.size)
            // In place: a copy of an upload would be as large as the upload.
            Self.unmask(&input, length: header.length, header.mask)
            guard let payload = input.readSlice(length: header.length) else { return nil }
            if input.readableBytes == 0 { input = ByteBuffer() }
            if header.opcode >= 0x8 { messageBytes -= header.size + header.length }
            if let message = try complete(header, payload) { return message }
        }
        return nil
    }

    private mutating func complete(
        _ header: Header,
        _ payload: ByteBuffer
    ) throws(Violation) -> Message? {
        switch header.opcode {
        case 0x0:
            guard var whole = message else {
                throw .protocolError("a continuation came without a beginning")
            }
            message = nil
            var payload = payload
            whole.writeBuffer(&payload)
            guard header.isFinal else {
                message = whole
                return nil
            }
            return .data(whole)
        case 0x1, 0x2:
            guard message == nil else {
                throw .protocolError("a message began before the one before it was complete")
            }
            if header.isFinal { return .data(payload) }
            message = payload
            return nil
        case 0x8:
            if payload.readableBytes == 1 { throw .protocolError("a close code has two bytes") }
            return .close(payload.getInteger(at: payload.readerIndex))
        case 0x9: return .ping(payload)
        case 0xA: return .pong
        default: throw .protocolError("there is no opcode \(header.opcode)")
        }
    }

    /// The header of the frame that comes next; `nil` if it is not there yet.
    private func header(limit: Int) throws(Violation) -> Header? {
        let start = input.readerIndex
        guard let first: UInt8 = input.getInteger(at: start),
            let second: UInt8 = input.getInteger(at: start + 1)
        else { return nil }
        let opcode = first & 0x0F
        guard first & 0x70 == 0 else { throw .protocolError("no extension was agreed on") }
        guard second & 0x80 != 0 else { throw .protocolError("a client's frames must be masked") }
        let short = Int(second & 0x7F)
        if opcode >= 0x8, short > 125 || first & 0x80 == 0 {
            throw .protocolError("a control frame has 125 bytes at most, in one piece")
        }
        var (length, size) = (short, 2)
        if short == 126 {
            guard let long: UInt16 = input.getInteger(at: start + 2) else { return nil }
            (length, size) = (Int(long), 4)
        } else if short == 127 {
            guard let long: UInt64 = input.getInteger(at: start + 2) else { return nil }
            guard let known = Int(exactly: long) else { throw .tooLarge(limit) }
            (length, size) = (known, 10)
        }
        let before = opcode < 0x8 ? message?.readableBytes ?? 0 : 0
        guard length <= limit - before else { throw .tooLarge(limit) }
        guard let mask = input.getBytes(at: start + size, length: 4) else { return nil }
        return Header(
            opcode: opcode,
            isFinal: first & 0x80 != 0,
            length: length,
            mask: (mask[0], mask[1], mask[2], mask[3]),
            size: size + 4
        )
    }

    /// Eight bytes at a time: uploads are long.
    private static func unmask(
        _ buffer: inout ByteBuffer,
        length: Int,
        _ mask: (UInt8, UInt8, UInt8, UInt8)
    ) {
        let bytes = [mask.0, mask.1, mask.2, mask.3, mask.0, mask.1, mask.2, mask.3]
        let word = bytes.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }
        buffer.withUnsafeMutableReadableBytes { buffer in
            let payload = UnsafeMutableRawBufferPointer(rebasing: buffer[..<length])
            let words = payload.count / 8
            for index in 0..<words {
                let value = payload.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self)
                payload.storeBytes(of: value ^ word, toByteOffset: index * 8, as: UInt64.self)
            }
            for index in (words * 8)..<payload.count { payload[index] ^= bytes[index % 8] }
        }
    }
}
