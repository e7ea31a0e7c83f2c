import LMStudioCore
import NIOCore

/// Takes a server's WebSocket messages out of the bytes as they come.
///
/// NIO's own decoder hands over a value and a buffer for each frame, which is most of what a
/// fragment of text costs; this one lends the bytes where they lie (Tests/Benchmarks/RESULTS.md).
/// RFC 6455, section 5.
struct WebSocketFrameReader {
    /// A whole message or a control frame.
    enum Message {
        /// Text, or binary taken for text, as official clients do.
        case data
        case ping
        case pong
        case close
    }

    /// Longest message that is put together, in bytes; LM Studio's own are far below.
    static let maximumSize = 256 << 20

    private var buffer: ByteBuffer?
    /// The frames of a message that came in parts, until the last.
    private var parts: ByteBuffer?

    /// Whether nothing of a message that is not whole was read.
    var isBetweenMessages: Bool { buffer == nil && parts == nil }

    /// The text of a whole message, if that is all there is.
    static func soleText(_ bytes: ByteBuffer) -> ByteBuffer? {
        guard let frame = try? header(of: bytes), frame.opcode == 1, frame.isLast,
            frame.headerSize + frame.size == bytes.readableBytes
        else { return nil }
        return bytes.getSlice(at: bytes.readerIndex + frame.headerSize, length: frame.size)
    }

    /// Reads all messages that are whole.
    ///
    /// - Parameters:
    ///   - bytes: what came.
    ///   - body: gets each message, with bytes that are lent for the call.
    /// - Throws: `.connection` if the bytes are no WebSocket frames, or a message is too long.
    mutating func read(
        _ bytes: ByteBuffer,
        _ body: (Message, UnsafeRawBufferPointer) throws(LMStudioError) -> Void
    ) throws(LMStudioError) {
        var bytes = bytes
        var input: ByteBuffer
        if var rest = buffer.take() {
            rest.writeBuffer(&bytes)
            input = rest
        } else {
            input = bytes
        }
        while let frame = try Self.header(of: input) {
            let missing = frame.headerSize + frame.size - input.readableBytes
            guard missing <= 0 else {
                input.reserveCapacity(minimumWritableBytes: missing)
                break
            }
            input.moveReaderIndex(forwardBy: frame.headerSize)
            try handle(frame, input, body)
            input.moveReaderIndex(forwardBy: frame.size)
        }
        if input.readableBytes > 0 {
            input.discardReadBytes()
            buffer = input
        }
    }

    private struct Header {
        let isLast: Bool
        let opcode: UInt8
        let headerSize: Int
        let size: Int
    }

    private static func header(of input: ByteBuffer) throws(LMStudioError) -> Header? {
        guard input.readableBytes >= 2,
            let first = input.getInteger(at: input.readerIndex, as: UInt8.self),
            let second = input.getInteger(at: input.readerIndex + 1, as: UInt8.self)
        else { return nil }
        guard second & 0x80 == 0, first & 0x70 == 0 else {
            throw broken("a frame is masked or has reserved bits set")
        }
        var size = UInt64(second)
        var headerSize = 2
        if second >= 126 {
            let at = input.readerIndex + 2
            if second == 126 {
                guard let long = input.getInteger(at: at, as: UInt16.self) else { return nil }
                (size, headerSize) = (UInt64(long), 4)
            } else {
                guard let long = input.getInteger(at: at, as: UInt64.self) else { return nil }
                (size, headerSize) = (long, 10)
            }
        }
        guard size <= UInt64(maximumSize) else {
            throw broken("a frame has \(size) bytes; at most \(maximumSize) are taken")
        }
        let opcode = first & 0x0f
        guard opcode < 8 || (first & 0x80 != 0 && size < 126) else {
            throw broken("a control frame is in parts, or too long")
        }
        return Header(
            isLast: first & 0x80 != 0,
            opcode: opcode,
            headerSize: headerSize,
            size: Int(size)
        )
    }

    private mutating func handle(
        _ frame: Header,
        _ input: ByteBuffer,
        _ body: (Message, UnsafeRawBufferPointer) throws(LMStudioError) -> Void
    ) throws(LMStudioError) {
        switch (frame.opcode, parts == nil) {
        case (1, true), (2, true):
            if frame.isLast { return try Self.lend(input, frame.size, .data, body) }
            parts = input.getSlice(at: input.readerIndex, length: frame.size)
        case (0, false):
            guard var whole = parts.take() else { return }
            guard whole.readableBytes + frame.size <= Self.maximumSize else {
                throw Self.broken("a message has more than \(Self.maximumSize) bytes")
            }
            whole.writeImmutableBuffer(
                input.getSlice(at: input.readerIndex, length: frame.size) ?? ByteBuffer()
            )
            if frame.isLast {
                try Self.lend(whole, whole.readableBytes, .data, body)
            } else {
                parts = whole
            }
        case (8, _): try Self.lend(input, frame.size, .close, body)
        case (9, _): try Self.lend(input, frame.size, .ping, body)
        case (10, _): try Self.lend(input, frame.size, .pong, body)
        default: throw Self.broken("a frame of kind \(frame.opcode) comes out of order")
        }
    }

    private static func lend(
        _ buffer: ByteBuffer,
        _ size: Int,
        _ message: Message,
        _ body: (Message, UnsafeRawBufferPointer) throws(LMStudioError) -> Void
    ) throws(LMStudioError) {
        // `withUnsafeReadableBytes` rethrows any error; this carries ours through with its type.
        let result = buffer.withUnsafeReadableBytes { bytes -> Result<Void, LMStudioError> in
            do throws(LMStudioError) {
                return .success(try body(message, UnsafeRawBufferPointer(rebasing: bytes[..<size])))
            } catch {
                return .failure(error)
            }
        }
        try result.get()
    }

    private static func broken(_ reason: String) -> LMStudioError {
        LMStudioError(
            .connection,
            "the server does not speak WebSocket as it should: \(reason); the connection was closed"
        )
    }
}
