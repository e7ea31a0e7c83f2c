import LMStudioCore
import NIOCore
import NIOHTTP1

/// Sends the request for the upgrade, and sees an answer that is another one.
final class UpgradeRequest: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    /// How long what an answer says may come after its status.
    private static let bodyPatience = TimeAmount.seconds(1)

    private let path: String
    private let authority: String
    /// What to say where the server hangs up.
    private let closed: String
    private let failed: EventLoopPromise<any Channel>
    /// The answer, if it is another one.
    private var refusal: String?

    init(
        path: String,
        authority: String,
        closed: String,
        failed: EventLoopPromise<any Channel>
    ) {
        self.path = path
        self.authority = authority
        self.closed = closed
        self.failed = failed
    }

    func channelActive(context: ChannelHandlerContext) {
        let head = HTTPRequestHead(
            version: .http1_1,
            method: .GET,
            uri: path,
            headers: ["Host": authority]
        )
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            let text = "the answer was HTTP \(head.status.code) \(head.status.reasonPhrase)"
            refusal = text
            let failed = failed
            context.eventLoop.scheduleTask(in: Self.bodyPatience) {
                failed.fail(RemoteTarget.Failure(text))
            }
        case .body(let bytes): fail(context, (refusal ?? "") + Self.reason(bytes))
        case .end: fail(context, refusal ?? "")
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(context, refusal ?? closed)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        // What it is that is wrong with the bytes says nothing to somebody with a wrong port.
        case is HTTPParserError: fail(context, refusal ?? "the answer was not HTTP")
        case is IOError: fail(context, refusal ?? closed)
        default:
            failed.fail(error)
            context.close(promise: nil)
        }
    }

    private func fail(_ context: ChannelHandlerContext, _ reason: String) {
        failed.fail(RemoteTarget.Failure(reason))
        context.close(promise: nil)
    }

    /// The first line of a body, unless it is a page.
    private static func reason(_ body: ByteBuffer) -> String {
        let line = body.readableBytesView.prefix(800).prefix { $0 >= UInt8(ascii: " ") }
        let isPage = line.first == UInt8(ascii: "<")
        return line.isEmpty || isPage
            ? "" : ": \(String(decoding: line, as: UTF8.self).quoted(upTo: 200))"
    }
}
