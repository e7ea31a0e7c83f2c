import CLlama
package import Logging
import Synchronization

/// Passes llama.cpp's log lines on.
///
/// They are the process's, so there is one logger for all hosts.
package enum LlamaLog {
    private static let logger = Mutex<Logger?>(nil)

    /// From now on lines go to `logger`; `nil`, the start, drops them.
    package static func send(to newLogger: Logger?) {
        logger.withLock { $0 = newLogger }
        guard newLogger != nil else { return cllama_log_set(nil) }
        cllama_log_set { level, text in
            guard let text, let logger = LlamaLog.logger.withLock({ $0 }) else { return }
            let line = String(cString: text)
            guard let end = line.lastIndex(where: { !$0.isWhitespace }) else { return }
            logger.log(level: LlamaLog.level(level), "\(line[...end])")
        }
    }

    private static func level(_ level: Int32) -> Logger.Level {
        switch level {
        case 4: .error
        case 3: .warning
        case 2: .debug  // llama.cpp's "info" tells each tensor of a load
        default: .trace
        }
    }
}
