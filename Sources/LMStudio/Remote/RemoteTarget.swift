import LMStudioCore
import LMStudioWire
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import NIOWebSocket

/// Where a link connects to, and as whom.
struct RemoteTarget: Sendable {
    let host: String
    let port: Int
    /// The whole path: the server's prefix and the namespace.
    let path: String
    /// For wss.
    let tls: NIOSSLContext?
    let credentials: Credentials
    let logger: Logger
    /// The server's address, for messages.
    let name: String

    /// Most time for connecting, for the upgrade, for the authentication and for a sign of life each.
    let patience: TimeAmount
    /// How long threads to which the reading is left may not read; a server's ping waits for up to twice
    /// as long.
    let readingPause: TimeAmount

    /// Connects and upgrades to WebSocket.
    ///
    /// - Returns: the channel, with `handler` at its end.
    func connect(
        on eventLoop: any EventLoop,
        handler: NIOLoopBound<RemoteLinkHandler>
    ) -> EventLoopFuture<any Channel> {
        let upgraded = eventLoop.makePromise(of: (any Channel).self)
        let timeout = eventLoop.scheduleTask(in: patience) {
            upgraded.fail(Failure(noAnswer))
        }
        upgraded.futureResult.whenComplete { _ in timeout.cancel() }
        ClientBootstrap(group: eventLoop)
            .connectTimeout(patience)
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .channelOption(.socketOption(.so_keepalive), value: 1)
            .channelOption(.recvAllocator, value: Self.receiveBuffers)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try initialize(channel, handler, upgraded)
                }
            }
            .connect(host: host, port: port)
            .whenFailure { upgraded.fail($0) }
        return upgraded.futureResult
    }

    /// The patience, for messages.
    var seconds: Double { Double(patience.nanoseconds) / 1e9 }

    /// A full-speed stream fills large ones; a quiet connection needs small ones.
    private static let receiveBuffers = AdaptiveRecvByteBufferAllocator(
        minimum: 2048,
        initial: 16_384,
        maximum: 262_144
    )

    private func initialize(
        _ channel: any Channel,
        _ handler: NIOLoopBound<RemoteLinkHandler>,
        _ upgraded: EventLoopPromise<any Channel>
    ) throws {
        upgraded.futureResult.whenFailure { _ in channel.close(promise: nil) }
        let pipeline = channel.pipeline.syncOperations
        if let tls { try pipeline.addHandler(tls.handler(for: host)) }
        let upgrader = RawWebSocketUpgrader { channel in
            try channel.pipeline.syncOperations.addHandler(handler.value)
            upgraded.succeed(channel)
        }
        let authority = Self.authority(host, port)
        let request = UpgradeRequest(
            path: path,
            authority: authority,
            closed: closed,
            failed: upgraded
        )
        try pipeline.addHTTPClientHandlers(
            leftOverBytesStrategy: .forwardBytes,
            withClientUpgrade: (
                upgraders: [upgrader],
                completionHandler: {
                    [request = NIOLoopBound(request, eventLoop: channel.eventLoop)] context in
                    context.pipeline.syncOperations.removeHandler(request.value, promise: nil)
                }
            )
        )
        try pipeline.addHandler(request)
    }

    /// Host and port as a `Host` header has them: an IPv6 address in brackets.
    static func authority(_ host: String, _ port: Int) -> String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}

/// Upgrades as NIO's WebSocket upgrader does, its check of the server's answer included, but leaves
/// the bytes after it to ``WebSocketFrameReader``.
private final class RawWebSocketUpgrader: NIOHTTPClientProtocolUpgrader, Sendable {
    private let handshake = NIOWebSocketClientUpgrader { channel, _ in
        channel.eventLoop.makeSucceededVoidFuture()
    }
    private let finish: @Sendable (any Channel) throws -> Void

    init(_ finish: @escaping @Sendable (any Channel) throws -> Void) {
        self.finish = finish
    }

    var supportedProtocol: String { handshake.supportedProtocol }
    var requiredUpgradeHeaders: [String] { handshake.requiredUpgradeHeaders }

    func addCustom(upgradeRequestHeaders: inout HTTPHeaders) {
        handshake.addCustom(upgradeRequestHeaders: &upgradeRequestHeaders)
    }

    func shouldAllowUpgrade(upgradeResponse: HTTPResponseHead) -> Bool {
        handshake.shouldAllowUpgrade(upgradeResponse: upgradeResponse)
    }

    func upgrade(
        context: ChannelHandlerContext,
        upgradeResponse: HTTPResponseHead
    ) -> EventLoopFuture<Void> {
        let channel = context.channel
        return channel.eventLoop.makeCompletedFuture { try finish(channel) }
    }
}
