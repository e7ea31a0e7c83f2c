import LMStudioCore
import LMStudioWire
import Logging
import NIOCore
import Synchronization

/// What all connections of a server share.
final class Service: Sendable {
    /// Told to every connection when the server stops.
    enum Stop: Sendable {
        /// Ask the work to end, and close when it has.
        case whenIdle
        /// Fail what is left, and close.
        case now
    }

    /// A prediction's place among those under way, until it is let go.
    final class Place: Sendable {
        private let service: Service

        fileprivate init(_ service: Service) {
            self.service = service
        }

        deinit {
            service.state.withLock { $0.predictionCount -= 1 }
        }
    }

    private struct State: ~Copyable {
        var channels: [ObjectIdentifier: any Channel] = [:]
        var isStopping = false
        var predictionCount = 0
    }

    let host: any ModelHost
    let configuration: ServerConfiguration
    let clients: ClientRegistry
    /// Goes to those who listen on `streamLogs` too.
    let logger: Logger
    let logStreams: LogStreams
    private let state = Mutex(State())

    /// Makes a service without connections.
    ///
    /// - Throws: `.invalidArgument` for a token that is none.
    init(host: any ModelHost, configuration: ServerConfiguration) throws(LMStudioError) {
        self.host = host
        self.configuration = configuration
        clients = try ClientRegistry(
            tokens: configuration.apiTokens,
            maximumFileBytes: configuration.maxUploadedBytesPerClient
        )
        logStreams = LogStreams()
        let handlers = [configuration.logger?.handler, LogStreamHandler(logStreams)]
        logger = Logger(label: configuration.logger?.label ?? "lmstudio.server") { _ in
            MultiplexLogHandler(handlers.compactMap(\.self))
        }
    }

    /// Counts a connection until it is closed.
    ///
    /// - Returns: whether there is room for it; it counts in any case.
    func enter(_ channel: any Channel) -> Bool {
        let (hasRoom, isStopping) = state.withLock { state in
            state.channels[ObjectIdentifier(channel)] = channel
            return (state.channels.count <= configuration.maxConnections, state.isStopping)
        }
        channel.closeFuture.whenComplete { [weak self] _ in
            self?.state.withLock { $0.channels[ObjectIdentifier(channel)] = nil }
        }
        if isStopping { channel.close(promise: nil) }
        return hasRoom
    }

    /// A place for another prediction.
    ///
    /// - Throws: `.invalidState` if there are as many as may be.
    func place() throws(LMStudioError) -> Place {
        let limit = configuration.maxPredictions
        let hasRoom = state.withLock { state in
            guard state.predictionCount < limit else { return false }
            state.predictionCount += 1
            return true
        }
        guard hasRoom else {
            throw LMStudioError(
                .invalidState,
                "\(limit) predictions run or wait on this server already; try again when some have ended"
            )
        }
        return Place(self)
    }

    /// Tells all connections to stop; those that come later are closed at once.
    ///
    /// - Returns: the connections.
    func stop(_ stop: Stop) -> [any Channel] {
        let channels = state.withLock { state in
            state.isStopping = true
            return Array(state.channels.values)
        }
        for channel in channels { channel.pipeline.fireUserInboundEventTriggered(stop) }
        return channels
    }
}

extension Channel {
    /// Closes this side, and the whole once the peer has closed its own or had a second for it.
    ///
    /// Closing with unread bytes would reset the connection, and the peer might never see the answer.
    func closeLingering() {
        let channel: any Channel = self
        channel.close(mode: .output).whenComplete { _ in
            let deadline = channel.eventLoop.scheduleTask(in: .seconds(1)) {
                channel.close(promise: nil)
            }
            channel.closeFuture.whenComplete { _ in deadline.cancel() }
        }
    }
}
