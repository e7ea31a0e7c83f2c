import LMStudioCore
import LMStudioServer
import LMStudioWire
import NIOCore
import NIOPosix

/// A client that can do anything a client may do wrong: bytes out, bytes in.
final class Peer {
    /// What a server said.
    enum Message: Equatable {
        case text(String)
        case pong([UInt8])
        /// The code, if there was one.
        case close(UInt16?)
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private let channel: any Channel
    private var stream: AsyncStream<ByteBuffer>.Iterator
    private var input = ByteBuffer()

    private init(channel: any Channel, stream: AsyncStream<ByteBuffer>) {
        self.channel = channel
        self.stream = stream.makeAsyncIterator()
    }

    /// Connects, and says nothing yet.
    static func connect(_ server: LMStudioServer, host: String = "127.0.0.1") async throws -> Peer {
        let (stream, continuation) = AsyncStream<ByteBuffer>.makeStream()
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Collector(continuation))
                }
            }
            .connect(host: host, port: server.port)
            .get()
        return Peer(channel: channel, stream: stream)
    }

    /// Connects to a namespace, as far as the switch of protocols.
    static func upgraded(_ server: LMStudioServer, _ path: String = "/llm") async throws -> Peer {
        let peer = try await connect(server)
        let head = try await peer.request(path, upgrade)
        guard head.hasPrefix("HTTP/1.1 101 ") else { throw Failure(description: head) }
        return peer
    }

    /// Connects to a namespace and is admitted.
    static func admitted(
        _ server: LMStudioServer,
        _ path: String = "/llm",
        as credentials: Credentials = .guest()
    ) async throws -> Peer {
        let peer = try await upgraded(server, path)
        try await peer.send(credentials.json.text)
        let answer = try await peer.text()
        guard answer == #"{"success":true}"# else { throw Failure(description: answer) }
        return peer
    }

    /// The headers of a handshake; the answer's signature is that of the example in RFC 6455.
    static let upgrade = [
        "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits",
    ]

    /// Drops the connection, without a goodbye.
    func close() async throws {
        try await channel.close().get()
    }

    /// Stops reading what the server sends, or goes on.
    func setReading(_ isReading: Bool) async throws {
        try await channel.setOption(.autoRead, value: isReading).get()
    }

    // MARK: Out

    func send(bytes: some Sequence<UInt8>) async throws {
        try await channel.writeAndFlush(ByteBuffer(bytes: bytes)).get()
    }

    /// Sends a whole text message.
    func send(_ text: String) async throws {
        try await send(bytes: Self.frame(0x1, Array(text.utf8)))
    }

    /// Sends a whole text message of more than 65,535 bytes, masked with zeros: there is much of it.
    func sendLong(_ text: String) async throws {
        var header = ByteBuffer(bytes: [0x81, 0xFF])
        header.writeInteger(UInt64(text.utf8.count))
        header.writeInteger(UInt32(0))
        channel.write(header, promise: nil)
        try await channel.writeAndFlush(ByteBuffer(string: text)).get()
    }

    /// A frame as a client sends it.
    static func frame(
        _ opcode: UInt8,
        _ payload: [UInt8],
        isFinal: Bool = true,
        isMasked: Bool = true
    ) -> [UInt8] {
        let mask: [UInt8] = [1, 2, 3, 4]
        let flag: UInt8 = isMasked ? 0x80 : 0
        var bytes = [(isFinal ? 0x80 : 0) | opcode]
        switch payload.count {
        case ..<126: bytes.append(flag | UInt8(payload.count))
        case ...0xFFFF:
            bytes += [flag | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
        default:
            bytes.append(flag | 127)
            bytes += (0..<8).map { UInt8(truncatingIfNeeded: payload.count >> (56 - 8 * $0)) }
        }
        guard isMasked else { return bytes + payload }
        return bytes + mask + payload.enumerated().map { $1 ^ mask[$0 % 4] }
    }

    /// Sends a request, and returns the head of its answer.
    func request(
        _ path: String,
        _ headers: [String] = [],
        method: String = "GET",
        host: String = "127.0.0.1"
    ) async throws -> String {
        let lines = ["\(method) \(path) HTTP/1.1", "Host: \(host)"] + headers + ["", ""]
        try await send(bytes: lines.joined(separator: "\r\n").utf8)
        return try await head()
    }

    // MARK: In

    /// The head of an HTTP answer.
    func head() async throws -> String {
        while true {
            let text = String(buffer: input)
            if let end = text.range(of: "\r\n\r\n") {
                let head = String(text[..<end.upperBound])
                input.moveReaderIndex(forwardBy: head.utf8.count)
                return head
            }
            guard await more() else { throw Failure(description: "closed after \(text)") }
        }
    }

    /// What comes until the server closes.
    func rest() async -> String {
        while await more() {}
        return String(buffer: input)
    }

    /// The next message; `nil` at the end.
    func next() async throws -> Message? {
        while true {
            if let message = try parse() { return message }
            guard await more() else { return nil }
        }
    }

    /// The next message, which must be text.
    func text() async throws -> String {
        switch try await next() {
        case .text(let text)?: return text
        case let other: throw Failure(description: "no text but \(String(describing: other))")
        }
    }

    /// The next message, which must be JSON.
    func json() async throws -> JSONValue {
        try JSONValue(parsing: try await text(), as: "message")
    }

    /// Sends a call, and returns its answer.
    func call(_ endpoint: String, _ parameter: String? = nil, id: Int = 0) async throws -> JSONValue
    {
        let parameter = parameter.map { #","parameter":\#($0)"# } ?? ""
        try await send(
            #"{"type":"rpcCall","endpoint":"\#(endpoint)","callId":\#(id)\#(parameter)}"#
        )
        return try await json()
    }

    private func more() async -> Bool {
        guard var bytes = await stream.next() else { return false }
        input.writeBuffer(&bytes)
        return true
    }

    private func parse() throws -> Message? {
        var bytes = input
        guard let first: UInt8 = bytes.readInteger(), let second: UInt8 = bytes.readInteger() else {
            return nil
        }
        guard first & 0x70 == 0, second & 0x80 == 0 else {
            throw Failure(description: "a server's frame is neither compressed nor masked")
        }
        var length = Int(second)
        if second == 126 {
            guard let long: UInt16 = bytes.readInteger() else { return nil }
            guard long > 125 else { throw Failure(description: "a length in too many bytes") }
            length = Int(long)
        } else if second == 127 {
            guard let long: UInt64 = bytes.readInteger() else { return nil }
            guard long > 0xFFFF else { throw Failure(description: "a length in too many bytes") }
            length = Int(long)
        }
        guard var payload = bytes.readSlice(length: length) else { return nil }
        input = bytes
        switch first & 0xF {
        case 0x1: return .text(String(buffer: payload))
        case 0x8: return .close(payload.readInteger())
        case 0xA: return .pong(Array(payload.readableBytesView))
        default: throw Failure(description: "opcode \(first & 0xF)")
        }
    }

    private final class Collector: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let continuation: AsyncStream<ByteBuffer>.Continuation

        init(_ continuation: AsyncStream<ByteBuffer>.Continuation) {
            self.continuation = continuation
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            continuation.yield(unwrapInboundIn(data))
        }

        func channelInactive(context: ChannelHandlerContext) { continuation.finish() }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            continuation.finish()
            context.close(promise: nil)
        }
    }
}

extension String {
    fileprivate func range(of text: String) -> Range<Index>? {
        firstRange(of: text)
    }
}
