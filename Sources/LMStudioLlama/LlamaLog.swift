import CLlama
import Logging
import Synchronization

/// Passes llama.cpp's log lines on.
///
/// They are the process's, so there is one logger for all hosts.
enum LlamaLog {
    private static let logger = Mutex<Logger?>(nil)

    /// From now on lines go to `logger`; `nil`, the start, drops them.
    static func send(to newLogger: Logger?) {
        logger.withLock { logger in
            logger = newLogger
            cllama_log_set(newLogger == nil ? nil : sink)
        }
    }

    private static let sink: cllama_log_sink = { level, text in
        guard let text, let logger = LlamaLog.logger.withLock({ $0 }) else { return }
        let line = String(cString: text)
        guard let end = line.lastIndex(where: { !$0.isWhitespace }) else { return }
        logger.log(level: LlamaLog.level(level), "\(line[...end])")
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
