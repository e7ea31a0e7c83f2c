import LMStudioCore
import LMStudioWire
import Logging
import NIOCore
import Synchronization

/// The clients that listen to the server's log.
final class LogStreams: Sendable {
    private struct Stream {
        /// The client's identifier.
        let client: String
        /// Whether it hears of others too.
        let hearsAll: Bool
        let eventLoop: any EventLoop
        let send: @Sendable (JSONValue) -> Void
    }

    /// Whose channel it is.
    struct Key: Hashable {
        let connection: ObjectIdentifier
        let channel: Int
    }

    private let streams = Mutex<[Key: Stream]>([:])

    /// Lets a client listen, on its connection's event loop.
    ///
    /// - Parameters:
    ///   - key: its channel.
    ///   - client: its identifier.
    ///   - hearsAll: whether it hears of other clients and of the server itself too.
    ///   - eventLoop: where it is told.
    ///   - send: tells it a message.
    func add(
        _ key: Key,
        of client: String,
        hearsAll: Bool,
        on eventLoop: any EventLoop,
        _ send: @escaping @Sendable (JSONValue) -> Void
    ) {
        let stream = Stream(client: client, hearsAll: hearsAll, eventLoop: eventLoop, send: send)
        streams.withLock { $0[key] = stream }
    }

    /// Whether anybody listens to what concerns a client.
    func areHeard(of client: String?) -> Bool { !listeners(of: client).isEmpty }

    private func listeners(of client: String?) -> [Stream] {
        streams.withLock { streams in
            streams.values.filter { $0.hearsAll || $0.client == client }
        }
    }

    /// A client listens no longer.
    func remove(_ isGone: (Key) -> Bool) {
        streams.withLock { streams in
            for key in streams.keys where isGone(key) { streams[key] = nil }
        }
    }

    /// Tells a record to its client, and to those who hear all; one of the server's own is no client's.
    func send(_ record: LogRecord, of client: String?) {
        let listeners = listeners(of: client)
        guard !listeners.isEmpty else { return }
        let message = record.message(at: WallClock.milliseconds)
        for listener in listeners {
            listener.eventLoop.execute { listener.send(message) }
        }
    }
}

/// Sends the server's own log to the clients that listen, beside where it goes anyway.
struct LogStreamHandler: LogHandler {
    let streams: LogStreams
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    init(_ streams: LogStreams) {
        self.streams = streams
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let level: LogRecord.Level =
            switch event.level {
            case .trace, .debug: .debug
            case .info, .notice: .info
            case .warning: .warn
            case .error, .critical: .error
            }
        // It may repeat what clients said.
        streams.send(.server("\(event.message)", level), of: nil)
    }
}
