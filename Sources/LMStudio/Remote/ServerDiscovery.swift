public import LMStudioCore
import LMStudioWire
import NIOCore
import NIOHTTP1
import NIOPosix

/// Finds servers on this computer, and tells servers of LM Studio's protocol from others.
public enum ServerDiscovery {
    /// The ports that LM Studio's own SDKs look at, and the one people know.
    public static let ports = [41343, 52993, 16141, 39414, 22931, HostAddress.defaultPort]

    /// Looks for a server on this computer, on all ``ports`` at once.
    ///
    /// - Parameter limit: most time for all of it.
    /// - Returns: the first that answers; `nil` if none does.
    public static func find(within limit: Duration = .milliseconds(250)) async -> HostAddress? {
        await withTaskGroup(of: HostAddress?.self) { group in
            for port in ports {
                let address = HostAddress.server(
                    host: "127.0.0.1",
                    port: port,
                    path: "",
                    isSecure: false
                )
                group.addTask { await isServer(at: address, within: limit) ? address : nil }
            }
            defer { group.cancelAll() }
            for await found in group {
                if let found { return found }
            }
            return nil
        }
    }

    /// Asks an address whether a server of LM Studio's protocol is there.
    ///
    /// - Parameters:
    ///   - address: a server's; of one in this process the answer is no. A secure one's
    ///     certificate must be of an authority that the system trusts.
    ///   - limit: most time to wait.
    /// - Returns: whether it greets as one.
    public static func isServer(
        at address: HostAddress,
        within limit: Duration = .seconds(1)
    ) async -> Bool {
        guard case .server(let host, let port, let path, let isSecure) = address else {
            return false
        }
        let tls = isSecure ? (try? RemoteHost.tls(nil)) : nil
        guard !isSecure || tls != nil else { return false }
        let limit = TimeAmount(limit)
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let answer = loop.makePromise(of: Bool.self)
        let timeout = loop.scheduleTask(in: limit) { answer.succeed(false) }
        answer.futureResult.whenComplete { _ in timeout.cancel() }
        ClientBootstrap(group: loop)
            .connectTimeout(limit)
            .channelInitializer { channel in
                answer.futureResult.whenComplete { _ in channel.close(promise: nil) }
                return channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let tls { try pipeline.addHandler(tls.handler(for: host)) }
                    try pipeline.addHTTPClientHandlers()
                    let authority = RemoteTarget.authority(host, port)
                    try pipeline.addHandler(
                        Greeting(uri: path + "/lmstudio-greeting", host: authority, answer)
                    )
                }
            }
            .connect(host: host, port: port)
            .whenFailure { _ in answer.succeed(false) }
        return await withTaskCancellationHandler {
            (try? await answer.futureResult.get()) ?? false
        } onCancel: {
            answer.succeed(false)
        }
    }

    /// What to say where nothing was found and nothing else is possible.
    static var nothingFound: String {
        "LM Studio is not reachable: no server answers on this computer (ports "
            + ports.map { "\($0)" }.joined(separator: ", ") + "). Is LM Studio running?"
    }
}

/// Asks for the greeting, and looks at the answer.
private final class Greeting: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let uri: String
    private let host: String
    private let answer: EventLoopPromise<Bool>
    private var isOK = false
    private var body = ""

    /// The greeting has 18 bytes; whatever is long is something else.
    private static let maximumSize = 4096

    init(uri: String, host: String, _ answer: EventLoopPromise<Bool>) {
        self.uri = uri
        self.host = host
        self.answer = answer
    }

    func channelActive(context: ChannelHandlerContext) {
        let headers: HTTPHeaders = ["Host": host, "Connection": "close"]
        let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: uri, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): isOK = head.status == .ok
        case .body(let bytes):
            body += String(buffer: bytes)
            if body.utf8.count > Self.maximumSize { answer.succeed(false) }
        case .end:
            let json = try? JSONValue(parsing: body, as: "the greeting")
            answer.succeed(isOK && json?.members?["lmstudio"] == .bool(true))
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        answer.succeed(false)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        answer.succeed(false)
    }
}
