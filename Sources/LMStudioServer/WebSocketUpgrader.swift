import NIOCore
import NIOHTTP1
import NIOWebSocket

/// Makes a WebSocket of a request that may become one.
///
/// NIO's own upgrader checks the handshake and signs it; from there on ``Connection`` reads and writes
/// the bytes itself.
final class WebSocketUpgrader: HTTPServerProtocolUpgrader, Sendable {
    let supportedProtocol = "websocket"
    let requiredUpgradeHeaders: [String] = []

    private let service: Service
    private let requests: RequestGuard
    private let handshake: NIOWebSocketServerUpgrader

    init(service: Service, requests: RequestGuard) {
        self.service = service
        self.requests = requests
        handshake = NIOWebSocketServerUpgrader(
            shouldUpgrade: { channel, head in
                guard case .upgrade = requests.verdict(RequestGuard.Request(head)) else {
                    return channel.eventLoop.makeSucceededFuture(nil)
                }
                // Without extensions: permessage-deflate is declined by silence.
                return channel.eventLoop.makeSucceededFuture([:])
            },
            upgradePipelineHandler: { channel, _ in channel.eventLoop.makeSucceededVoidFuture() }
        )
    }

    func buildUpgradeResponse(
        channel: any Channel,
        upgradeRequest: HTTPRequestHead,
        initialResponseHeaders: HTTPHeaders
    ) -> EventLoopFuture<HTTPHeaders> {
        handshake.buildUpgradeResponse(
            channel: channel,
            upgradeRequest: upgradeRequest,
            initialResponseHeaders: initialResponseHeaders
        )
    }

    func upgrade(
        context: ChannelHandlerContext,
        upgradeRequest: HTTPRequestHead
    ) -> EventLoopFuture<Void> {
        guard
            case .upgrade(let namespace) = requests.verdict(RequestGuard.Request(upgradeRequest))
        else { return context.eventLoop.makeFailedFuture(ChannelError.inputClosed) }
        return context.eventLoop.makeCompletedFuture {
            try context.pipeline.syncOperations.addHandler(
                Connection(service: service, namespace: namespace, channel: context.channel)
            )
        }
    }
}
