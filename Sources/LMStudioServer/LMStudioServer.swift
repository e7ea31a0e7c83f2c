public import LMStudioCore
import Logging
import NIOCore
import NIOPosix

/// Serves a host over LM Studio's protocol, so that its official clients take it for LM Studio.
///
/// ```swift
/// let server = try await LMStudioServer.start(host: host)
/// print("clients find it at", server.addresses)
/// await server.stop()
/// ```
///
/// It runs until ``stop(within:)``. The host stays the caller's: stopping the server does not close it.
public final class LMStudioServer: Sendable {
    /// Where it listens, such as `127.0.0.1:1234`, the address that was asked for first.
    public let addresses: [String]
    /// The port that was asked for, or was found in its place if that was 0.
    public let port: Int

    private let service: Service
    private let listeners: [any Channel]

    private init(service: Service, listeners: [any Channel]) {
        self.service = service
        self.listeners = listeners
        addresses = listeners.compactMap { $0.localAddress?.hostAndPort }
        port = listeners.first?.localAddress?.port ?? 0
    }

    /// Begins to listen.
    ///
    /// - Parameters:
    ///   - host: who answers.
    ///   - configuration: where to listen, whom to let in, and the bounds.
    /// - Returns: the server, which answers already.
    /// - Throws: `.invalidArgument` for a value out of its range, a token that is none or an address
    ///   that is not this machine's; `.invalidState` if the port is taken.
    public static func start(
        host: any ModelHost,
        configuration: ServerConfiguration = ServerConfiguration()
    ) async throws(LMStudioError) -> LMStudioServer {
        try configuration.validate()
        let service = try Service(host: host, configuration: configuration)
        let listener = Listener(service: service)
        var listeners = [try await listener.listen(on: configuration.bind, configuration.port)]
        if configuration.listensOnSDKPort, let channel = await listener.listenOnSDKPort() {
            listeners.append(channel)
        }
        let server = LMStudioServer(service: service, listeners: listeners)
        service.logger.info("listening on \(server.addresses.joined(separator: ", "))")
        return server
    }

    /// Stops listening, ends what runs, and closes all connections; it returns when that is done.
    ///
    /// Predictions are asked to stop and end as if cancelled by their clients, loads are cancelled.
    ///
    /// - Parameter grace: time they have for it; what is left then fails. Default 5 s.
    public func stop(within grace: Duration = .seconds(5)) async {
        for listener in listeners { try? await listener.close().get() }
        let channels = service.stop(.whenIdle)
        let loop = MultiThreadedEventLoopGroup.singleton.any()
        let service = service
        let end = NIODeadline.now() + TimeAmount(grace)
        let deadlines = [
            loop.scheduleTask(deadline: end) { _ = service.stop(.now) },
            // Who does not answer the goodbye is left without one.
            loop.scheduleTask(deadline: end + .seconds(3)) {
                for channel in channels { channel.close(promise: nil) }
            },
        ]
        let closed = EventLoopFuture.andAllComplete(channels.map(\.closeFuture), on: loop)
        try? await closed.get()
        for deadline in deadlines { deadline.cancel() }
        service.logger.info("stopped")
    }
}

extension SocketAddress {
    /// `127.0.0.1:1234` or `[::1]:1234`.
    fileprivate var hostAndPort: String? {
        guard let ipAddress, let port else { return nil }
        return ipAddress.contains(":") ? "[\(ipAddress)]:\(port)" : "\(ipAddress):\(port)"
    }
}

extension ServerConfiguration {
    /// Refuses values outside their ranges.
    fileprivate func validate() throws(LMStudioError) {
        let bounds: [(String, Int, ClosedRange<Int>)] = [
            ("port", port, 0...65535),
            ("maxFrameBytes", maxFrameBytes, 1024...(1 << 40)),
            ("maxHeaderBytes", maxHeaderBytes, 256...(1 << 20)),
            ("maxConnections", maxConnections, 1...(1 << 20)),
            ("maxChannelsPerConnection", maxChannelsPerConnection, 1...(1 << 20)),
            ("maxPredictions", maxPredictions, 1...(1 << 20)),
            ("maxCallsPerConnection", maxCallsPerConnection, 1...(1 << 20)),
            ("pauseBacklogBytes", pauseBacklogBytes, 1...(1 << 40)),
            ("maxQueuedBytesPerConnection", maxQueuedBytesPerConnection, 1...(1 << 40)),
            ("maxUploadedBytesPerClient", maxUploadedBytesPerClient, 0...(1 << 40)),
        ]
        for (name, value, range) in bounds where !range.contains(value) {
            throw LMStudioError(
                .invalidArgument,
                "\(name) must be \(range.lowerBound)…\(range.upperBound), not \(value)"
            )
        }
        for origin in allowedOrigins where !RequestGuard.isOrigin(origin) {
            throw LMStudioError(
                .invalidArgument,
                "\(origin.quoted) is no origin of web pages: give a scheme and a host, such as "
                    + "https://example.com or http://localhost:3000, or * for all"
            )
        }
    }
}
