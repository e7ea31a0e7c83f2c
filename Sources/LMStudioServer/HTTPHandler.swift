import LMStudioCore
import LMStudioWire
import Logging
import NIOCore
import NIOHTTP1

/// Answers the one plain HTTP request of a connection, and closes it.
final class HTTPHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let service: Service
    private let requests: RequestGuard
    private var deadline: Scheduled<Void>?
    private var isAnswered = false

    init(service: Service, requests: RequestGuard) {
        self.service = service
        self.requests = requests
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let channel = context.channel
        deadline = context.eventLoop.scheduleTask(
            in: TimeAmount(service.configuration.authenticationTimeout)
        ) {
            channel.close(promise: nil)
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        deadline?.cancel()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(let head) = unwrapInboundIn(data), !isAnswered else { return }
        let origin = requests.allowedOrigin(head.headers["origin"])
        switch requests.verdict(RequestGuard.Request(head)) {
        case .greeting: answer(.ok, Self.greeting, origin, context)
        case .status: answerStatus(origin, context)
        case .upgrade:
            answer(.badRequest, .refusal("the WebSocket handshake is wrong"), origin, context)
        case .refuse(let status, let reason):
            service.logger.info("\(head.method) \(head.uri.prefix(200)) refused: \(reason)")
            answer(HTTPResponseStatus(statusCode: status), .refusal(reason), origin, context)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is Service.Stop { return context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A refused upgrade comes here too; its request follows, and is answered as such.
        service.logger.debug("HTTP: \(error)")
        if !(error is HTTPParserError || error is HTTPServerUpgradeErrors) { return }
        context.close(promise: nil)
    }

    private static let greeting = JSONValue.object(["lmstudio": .bool(true)])

    private func answerStatus(_ origin: String?, _ context: ChannelHandlerContext) {
        isAnswered = true
        let handler = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        let (host, loop) = (service.host, context.eventLoop)
        Task {
            var version = ""
            do throws(LMStudioError) { version = try await host.describe().version } catch {
                version = "unknown"
            }
            let status = JSONValue.object([
                "package": .string("lmstudio-swift"), "version": .string(version),
            ])
            loop.execute {
                let (this, context) = handler.value
                this.answer(.ok, status, origin, context)
            }
        }
    }

    private func answer(
        _ status: HTTPResponseStatus,
        _ json: JSONValue,
        _ origin: String?,
        _ context: ChannelHandlerContext
    ) {
        isAnswered = true
        let body = ByteBuffer(string: json.text)
        var headers: HTTPHeaders = [
            "content-type": "application/json", "content-length": "\(body.readableBytes)",
            "connection": "close",
        ]
        if status == .methodNotAllowed { headers.add(name: "allow", value: "GET") }
        if status.code == 426 { headers.add(name: "upgrade", value: "websocket") }
        if let origin {
            headers.add(name: "access-control-allow-origin", value: origin)
            headers.add(name: "vary", value: "origin")
        }
        let head = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        let channel = context.channel
        context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in
            channel.closeLingering()
        }
    }
}

extension JSONValue {
    /// The body of a refusal.
    static func refusal(_ reason: String) -> JSONValue {
        .object(["error": .string(reason)])
    }
}

extension RequestGuard.Request {
    /// What of a head matters.
    init(_ head: HTTPRequestHead) {
        self.init(
            method: head.method.rawValue,
            target: head.uri,
            hosts: head.headers["host"],
            origins: head.headers["origin"],
            isUpgrade: head.headers[canonicalForm: "upgrade"]
                .contains { $0.lowercased() == "websocket" }
        )
    }
}
