import LMStudioCore
import NIOCore

/// Joins a link to its socket: bytes to messages, pings to pongs.
final class RemoteLinkHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let link: RemoteLink
    private var reader = WebSocketFrameReader()
    private var isReading = false
    /// What is still to be read.
    private var arrived: [ByteBuffer] = []
    /// What answers control frames.
    private var replies: [ByteBuffer] = []
    /// Why the server closes the connection, once it does.
    private var goodbye: String?

    init(link: RemoteLink) {
        self.link = link
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        link.lastRead = .now()
        arrived.append(unwrapInboundIn(data))
        // What a message leads to may bring more: a write that fails has NIO read all there is, and so does
        // who takes the reading back.
        guard !isReading else { return }
        isReading = true
        defer { isReading = false }
        do throws(LMStudioError) {
            while !arrived.isEmpty {
                try reader.read(arrived.removeFirst()) { take($0, $1, context) }
            }
        } catch {
            arrived.removeAll()
            link.lost(context.channel, because: error)
            context.close(promise: nil)
        }
        link.isBetweenMessages = reader.isBetweenMessages
        while !replies.isEmpty { link.write(replies.removeFirst(), to: context.channel) }
        if let goodbye { lost(context, goodbye) }
    }

    private func take(
        _ message: WebSocketFrameReader.Message,
        _ bytes: UnsafeRawBufferPointer,
        _ context: ChannelHandlerContext
    ) {
        guard goodbye == nil else { return }
        switch message {
        case .data: link.received(bytes)
        case .ping: reply(bytes, as: .pong, context)
        case .pong: break
        case .close:
            reply(bytes.prefix(2), as: .close, context)
            goodbye = "the server closed the connection\(Self.reason(bytes))"
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        link.flush()
        link.lendReading()
        context.fireChannelReadComplete()
    }

    func channelInactive(context: ChannelHandlerContext) {
        lost(context, "the connection to the server was lost")
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        let reason = (error as? IOError).map { ": \($0.words)" } ?? ""
        lost(context, "the connection to the server broke\(reason)")
    }

    /// What a server says with its goodbye, behind the two bytes of the code.
    private static func reason(_ bytes: UnsafeRawBufferPointer) -> String {
        let text = String(decoding: bytes.dropFirst(2), as: UTF8.self)
        return text.isEmpty ? "" : ", saying \(text.quoted(upTo: 123))"
    }

    private func lost(_ context: ChannelHandlerContext, _ what: String) {
        link.lost(
            context.channel,
            because: LMStudioError(.connection, "\(what); the next call makes a new one")
        )
        context.close(promise: nil)
    }

    private func reply(
        _ payload: some Collection<UInt8>,
        as opcode: WebSocketFrameWriter.Opcode,
        _ context: ChannelHandlerContext
    ) {
        var bytes = context.channel.allocator.buffer(capacity: payload.count + 14)
        WebSocketFrameWriter.write(payload, as: opcode, into: &bytes)
        replies.append(bytes)
    }
}
