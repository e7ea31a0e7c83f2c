import LMStudioCore
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Listens on an address, and sets up each connection that comes.
struct Listener: Sendable {
    let service: Service

    /// Listens on an address.
    ///
    /// - Throws: `.invalidState` if the port is taken; `.invalidArgument` if it cannot be listened on.
    func listen(on bind: String, _ port: Int) async throws(LMStudioError) -> any Channel {
        do {
            let address = try SocketAddress.makeAddressResolvingHost(bind, port: port)
            return try await bootstrap(bind, address).bind(to: address).get()
        } catch let error as IOError where error.errnoCode == EADDRINUSE {
            throw LMStudioError(
                .invalidState,
                "port \(port) of \(bind) is taken by another program; stop it or choose another port"
            )
        } catch {
            let hint =
                (error as? IOError)?.errnoCode == EACCES
                ? "choose a port from 1024 on" : "give an address of this machine"
            throw LMStudioError(
                .invalidArgument,
                "cannot listen on \(bind.quoted), port \(port): \(Self.words(of: error)); \(hint)"
            )
        }
    }

    /// The system's words; NIO's add what it was doing and the number.
    private static func words(of error: any Error) -> String {
        switch error {
        case let error as IOError: SystemError.words(error.errnoCode).lowercased()
        case let error as SocketAddressError.UnknownHost: error.errorDescription.lowercased()
        default: "\(error)"
        }
    }

    /// Listens on the first free port where official clients look; `nil` if all are taken.
    func listenOnSDKPort() async -> (any Channel)? {
        for port in ServerConfiguration.sdkPorts {
            do throws(LMStudioError) {
                return try await listen(on: "127.0.0.1", port)
            } catch {
                service.logger.debug("\(error)")
            }
        }
        service.logger.warning(
            "none of the ports \(ServerConfiguration.sdkPorts) is free: clients that are given no address will not come here"
        )
        return nil
    }

    private func bootstrap(_ bind: String, _ address: SocketAddress) -> ServerBootstrap {
        let service = service
        let configuration = service.configuration
        let requests = RequestGuard(
            allowedOrigins: configuration.allowedOrigins,
            loopbackNames: address.isLoopback ? [bind] + address.spellings : nil
        )
        let upgrader = WebSocketUpgrader(service: service, requests: requests)
        return ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.socketOption(.so_keepalive), value: 1)
            .childChannelOption(
                .writeBufferWaterMark,
                value: .init(
                    low: max(1, configuration.pauseBacklogBytes / 2),
                    high: configuration.pauseBacklogBytes
                )
            )
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard service.enter(channel) else {
                        let refuser = ConnectionRefuser(limit: configuration.maxConnections)
                        return try channel.pipeline.syncOperations.addHandler(refuser)
                    }
                    try Self.addHTTP(to: channel, service, requests, upgrader)
                }
            }
    }

    private static func addHTTP(
        to channel: any Channel,
        _ service: Service,
        _ requests: RequestGuard,
        _ upgrader: WebSocketUpgrader
    ) throws {
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(
            HeaderLimiter(limit: service.configuration.maxHeaderBytes),
            name: "limiter"
        )
        try pipeline.configureHTTPServerPipeline(
            withPipeliningAssistance: false,
            withServerUpgrade: (
                upgraders: [upgrader],
                completionHandler: { context in
                    context.pipeline.removeHandler(name: "limiter", promise: nil)
                    context.pipeline.removeHandler(name: "http", promise: nil)
                }
            ),
            withErrorHandling: true
        )
        try pipeline.addHandler(
            HTTPHandler(service: service, requests: requests),
            name: "http"
        )
    }
}
