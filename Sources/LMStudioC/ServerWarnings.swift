import Logging
import Synchronization

/// Keeps what a server sends that this version cannot read, for `lms_client_warning()`.
struct ServerWarnings: LogHandler {
    /// The texts, in the order they came.
    final class Texts: Sendable {
        private let all = Mutex<[LentText]>([])
        /// A server that sends nothing but rubbish has said enough by then.
        private static let limit = 100

        func add(_ text: String) {
            all.withLock { if $0.count < Self.limit { $0.append(LentText(text)) } }
        }

        /// The text of an index; `nil` past the last.
        subscript(index: Int) -> LentText? {
            all.withLock { $0.indices.contains(index) ? $0[index] : nil }
        }
    }

    let texts = Texts()
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.warning

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        texts.add("\(event.message)")
    }
}
