import LMStudioCore
import LMStudioWire
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import NIOWebSocket

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

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
            upgraded.fail(Failure("no answer within \(seconds) s"))
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
        let request = UpgradeRequest(path: path, authority: authority, failed: upgraded)
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

    /// What went wrong while connecting.
    struct Failure: Error, CustomStringConvertible {
        let description: String
        init(_ description: String) { self.description = description }
    }

    /// The error for a failed connection.
    func unreachable(_ error: any Error) -> LMStudioError {
        let cause = (error as? NIOConnectionError)?.connectionErrors.first?.error ?? error
        // The system's words; NIO's add what it was doing and the number.
        if let cause = cause as? IOError {
            return silent(String(cString: strerror(cause.errnoCode)).lowercased())
        }
        guard cause is NIOSSLError || cause is NIOSSLExtraError || cause is BoringSSLError else {
            return silent("\(cause)")
        }
        // BoringSSL's own text has the places in its sources.
        return silent(
            "\(cause)".hasPart("CERTIFICATE_VERIFY_FAILED")
                ? "its certificate is from an authority that is neither known nor in the CA file"
                : "the TLS handshake failed, or its certificate is for another name than \(host)"
        )
    }

    /// The same for a reason in words.
    func silent(_ reason: String) -> LMStudioError {
        LMStudioError(
            .connection,
            "LM Studio is not reachable at \(name): \(reason). Is LM Studio running?"
        )
    }
}

extension NIOSSLContext {
    /// Speaks TLS with a host, whose certificate must be for it.
    func handler(for host: String) throws -> NIOSSLClientHandler {
        // An address literal is checked against the certificate too, but is no SNI name.
        try NIOSSLClientHandler(
            context: self,
            serverHostname: SocketAddress.isLiteral(host) ? nil : host
        )
    }
}

extension SocketAddress {
    /// Whether a host is an IPv4 or IPv6 address rather than a name.
    fileprivate static func isLiteral(_ host: String) -> Bool {
        (try? SocketAddress(ipAddress: host, port: 0)) != nil
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

/// Sends the request for the upgrade, and sees an answer that is another one.
private final class UpgradeRequest: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let path: String
    private let authority: String
    private let failed: EventLoopPromise<any Channel>

    init(path: String, authority: String, failed: EventLoopPromise<any Channel>) {
        self.path = path
        self.authority = authority
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
        guard case .head(let head) = unwrapInboundIn(data) else { return }
        fail(context, "the answer was HTTP \(head.status.code) \(head.status.reasonPhrase)")
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(context, "the connection was closed at once")
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // What it is that is wrong with the bytes says nothing to somebody with a wrong port.
        guard !(error is HTTPParserError) else { return fail(context, "the answer was not HTTP") }
        failed.fail(error)
        context.close(promise: nil)
    }

    private func fail(_ context: ChannelHandlerContext, _ reason: String) {
        failed.fail(RemoteTarget.Failure(reason))
        context.close(promise: nil)
    }
}
