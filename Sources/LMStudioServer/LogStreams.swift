import LMStudioCore
import LMStudioWire
import Logging
import NIOCore
import Synchronization

/// The clients that listen to the server's log.
final class LogStreams: Sendable {
    private struct Stream {
        let client: String
        let eventLoop: any EventLoop
        let send: @Sendable (JSONValue) -> Void
    }

    /// Whose channel it is.
    struct Key: Hashable {
        let connection: ObjectIdentifier
        let channel: Int
    }

    private let streams = Mutex<[Key: Stream]>([:])
    /// Whether clients know each other's texts: where anybody may come in, there is nothing to keep.
    private let isOpen: Bool

    init(isOpen: Bool) {
        self.isOpen = isOpen
    }

    /// Whether anybody listens.
    var areHeard: Bool { streams.withLock { !$0.isEmpty } }

    /// Lets a client listen, on its connection's event loop.
    func add(
        _ key: Key,
        of client: String,
        on eventLoop: any EventLoop,
        _ send: @escaping @Sendable (JSONValue) -> Void
    ) {
        streams.withLock { $0[key] = Stream(client: client, eventLoop: eventLoop, send: send) }
    }

    /// A client listens no longer.
    func remove(_ isGone: (Key) -> Bool) {
        streams.withLock { streams in
            for key in streams.keys where isGone(key) { streams[key] = nil }
        }
    }

    /// Tells a record to those whom it concerns: all, if it is the server's own and no client's.
    func send(_ record: LogRecord, of client: String? = nil) {
        let listeners = streams.withLock { Array($0.values) }
        guard !listeners.isEmpty else { return }
        let message = record.message(at: WallClock.milliseconds)
        for listener in listeners where isOpen || client == nil || listener.client == client {
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
        streams.send(.server("\(event.message)", level))
    }
}
