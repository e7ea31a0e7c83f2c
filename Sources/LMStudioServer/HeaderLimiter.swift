import LMStudioWire
import NIOCore

/// Passes a request's head on as long as it is short enough; knows where it ends, and no more of HTTP.
final class HeaderLimiter: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum State { case inHead, behindHead, refused }

    private let limit: Int
    private var state = State.inHead
    private var count = 0
    /// How much of `\r\n\r\n` was just seen; a bare `\n` counts as a line's end too.
    private var newlines = 0
    /// Empty lines before the request do not end it.
    private var hasBegun = false

    init(limit: Int) {
        self.limit = limit
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard state == .inHead else {
            if state == .behindHead { context.fireChannelRead(data) }
            return
        }
        for byte in unwrapInboundIn(data).readableBytesView {
            count += 1
            if byte == UInt8(ascii: "\n") {
                newlines += hasBegun ? 1 : 0
            } else if byte != UInt8(ascii: "\r") {
                newlines = 0
                hasBegun = true
            }
            if newlines == 2 { state = .behindHead }
            if state == .behindHead || count > limit { break }
        }
        guard count <= limit else {
            state = .refused
            let channel = context.channel
            let reason = "the head of the request has more than \(limit) bytes"
            context.writeAndFlush(
                wrapOutboundOut(.refusal("431 Request Header Fields Too Large", reason))
            )
            .whenComplete { _ in channel.closeLingering() }
            return
        }
        context.fireChannelRead(data)
    }
}

/// Turns away a connection for which there is no room.
final class ConnectionRefuser: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let limit: Int

    init(limit: Int) {
        self.limit = limit
    }

    func channelActive(context: ChannelHandlerContext) {
        let channel = context.channel
        let reason = "the server takes \(limit) connections at most; close some, or try again later"
        context.writeAndFlush(wrapOutboundOut(.refusal("503 Service Unavailable", reason)))
            .whenComplete { _ in channel.closeLingering() }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {}

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is Service.Stop { context.close(promise: nil) }
    }
}

extension ByteBuffer {
    /// A whole HTTP answer.
    fileprivate static func refusal(_ status: String, _ reason: String) -> ByteBuffer {
        let body = JSONValue.refusal(reason).text
        return ByteBuffer(
            string: "HTTP/1.1 \(status)\r\ncontent-type: application/json\r\n"
                + "content-length: \(body.utf8.count)\r\nconnection: close\r\n\r\n\(body)"
        )
    }
}
