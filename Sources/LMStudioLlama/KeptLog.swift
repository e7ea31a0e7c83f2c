package import Logging
import Synchronization

/// Keeps llama.cpp's log lines until somebody takes them.
package struct KeptLog: LogHandler {
    /// A line.
    package typealias Line = (level: Logger.Level, text: String)

    private struct State: ~Copyable {
        var lines: [Line] = []
        /// The least grave that is kept; `nil`: none is.
        var least: Logger.Level?
    }

    private static let state = Mutex(State())
    /// When there are more, the oldest go.
    private static let limit = 1000

    package var metadata: Logger.Metadata = [:]
    package var logLevel: Logger.Level

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        let line = (level: event.level, text: "\(event.message)")
        Self.state.withLock { state in
            // Another thread may have asked for others meanwhile.
            guard let least = state.least, line.level >= least else { return }
            if state.lines.count == Self.limit { state.lines.removeFirst() }
            state.lines.append(line)
        }
    }

    /// Keeps lines from now on, in place of sending them to a logger.
    ///
    /// - Parameter level: the least grave to keep; `nil`: none, and those that are kept are dropped.
    package static func keep(from level: Logger.Level?) {
        state.withLock { state in
            state.least = level
            if level == nil { state.lines = [] }
            LlamaLog.send(
                to: level.map { level in
                    Logger(label: "llama.cpp") { _ in Self(logLevel: level) }
                }
            )
        }
    }

    /// Takes the oldest line; `nil`: there is none now.
    package static func next() -> Line? {
        state.withLock { $0.lines.isEmpty ? nil : $0.lines.removeFirst() }
    }
}
