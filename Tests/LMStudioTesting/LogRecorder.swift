package import Logging

/// Keeps all that a program logs, of every level.
package struct LogRecorder: LogHandler {
    package var logLevel = Logger.Level.trace
    package var metadata: Logger.Metadata = [:]
    private let recorder = Recorder<String>()

    /// Makes an empty one.
    package init() {}

    /// What writes here.
    package var logger: Logger {
        var logger = Logger(label: "test") { _ in self }
        logger.logLevel = .trace
        return logger
    }

    /// The lines until now, each with its metadata.
    package var lines: [String] { recorder.values }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        let metadata = metadata.merging(event.metadata ?? [:]) { $1 }
        recorder.record("\(event.level) \(event.message) \(metadata)")
    }
}
