import LMStudioCore
import NIOCore

/// Joins a link to its socket: bytes to messages, pings to pongs.
final class RemoteLinkHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let link: RemoteLink
    private var reader = WebSocketFrameReader()

    init(link: RemoteLink) {
        self.link = link
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        link.lastRead = .now()
        do throws(LMStudioError) {
            try reader.read(unwrapInboundIn(data)) { message, bytes in
                switch message {
                case .data: link.received(bytes)
                case .ping: answer(bytes, as: .pong, context)
                case .pong: break
                case .close:
                    answer(bytes.prefix(2), as: .close, context)
                    lost(context, "the server closed the connection\(Self.reason(bytes))")
                }
            }
        } catch {
            link.lost(context.channel, because: error)
            context.close(promise: nil)
        }
        link.isBetweenMessages = reader.isBetweenMessages
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
        link.lost(
            context.channel,
            because: LMStudioError(
                .connection,
                "the connection to the server broke; the next call makes a new one",
                underlyingError: error
            )
        )
        context.close(promise: nil)
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

    private func answer(
        _ payload: some Collection<UInt8>,
        as opcode: WebSocketFrameWriter.Opcode,
        _ context: ChannelHandlerContext
    ) {
        var bytes = context.channel.allocator.buffer(capacity: payload.count + 14)
        WebSocketFrameWriter.write(payload, as: opcode, into: &bytes)
        link.write(bytes, to: context.channel)
    }
}
