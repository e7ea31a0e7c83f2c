public import CLMStudio
import LMStudioCore
import LMStudioLlama
import Logging
import Synchronization

/// Keeps what the engine says until somebody takes it.
private struct EngineLog: LogHandler {
    typealias Line = (level: lms_log_level, text: String)

    private static let lines = Mutex<[Line]>([])
    private static let limit = 1000

    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let line = (level: Self.level(event.level), text: "\(event.message)")
        Self.lines.withLock { lines in
            if lines.count == Self.limit { lines.removeFirst() }
            lines.append(line)
        }
    }

    static func keep(from level: lms_log_level) {
        guard let least = least(level) else {
            LlamaLog.send(to: nil)
            return lines.withLock { $0 = [] }
        }
        LlamaLog.send(to: Logger(label: "llama.cpp") { _ in EngineLog(logLevel: least) })
    }

    static func next() -> Line? {
        lines.withLock { $0.isEmpty ? nil : $0.removeFirst() }
    }

    private static func least(_ level: lms_log_level) -> Logger.Level? {
        switch level {
        case LMS_LOG_ERROR: .error
        case LMS_LOG_WARNING: .warning
        case LMS_LOG_DEBUG: .debug
        case LMS_LOG_TRACE: .trace
        default: nil
        }
    }

    private static func level(_ level: Logger.Level) -> lms_log_level {
        switch level {
        case .trace: LMS_LOG_TRACE
        case .debug, .info, .notice: LMS_LOG_DEBUG
        case .warning: LMS_LOG_WARNING
        case .error, .critical: LMS_LOG_ERROR
        }
    }
}

@_cdecl("lms_log_keep")
public func logKeep(
    _ level: Int32,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> lms_status {
    reporting(to: error) { () throws(LMStudioError) in
        try Handles.checkProcess()
        guard let level = UInt32(exactly: level), level <= LMS_LOG_TRACE.rawValue else {
            throw LMStudioError(
                .invalidArgument,
                "level is \(level); give an lms_log_level, \(LMS_LOG_NONE.rawValue) to \(LMS_LOG_TRACE.rawValue)"
            )
        }
        EngineLog.keep(from: lms_log_level(rawValue: level))
        return LMS_OK
    }
}

@_cdecl("lms_log_next")
public func logNext(
    _ level: UnsafeMutablePointer<Int32>?,
    _ line: UnsafeMutablePointer<lms_text>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> lms_status {
    reporting(to: error) { () throws(LMStudioError) in
        let line = try outText(line, "line")
        let level = try out(level, "level")
        level.pointee = 0
        try Handles.checkProcess()
        guard let next = EngineLog.next() else { return LMS_PENDING }
        level.pointee = Int32(next.level.rawValue)
        line.pointee = copyOut(next.text)
        return LMS_OK
    }
}
