public import CLMStudio
import LMStudioCore
import LMStudioLlama
import Logging

/// The least grave of what is kept, by its `LMS_LOG_` constant; `nil`: nothing is.
private func least(_ level: Int32) throws(LMStudioError) -> Logger.Level? {
    switch level {
    case LMS_LOG_NONE: nil
    case LMS_LOG_ERROR: .error
    case LMS_LOG_WARNING: .warning
    case LMS_LOG_DEBUG: .debug
    case LMS_LOG_TRACE: .trace
    default:
        throw LMStudioError(
            .invalidArgument,
            "level is \(level); give LMS_LOG_NONE to LMS_LOG_TRACE, \(LMS_LOG_NONE) to \(LMS_LOG_TRACE)"
        )
    }
}

private func constant(_ level: Logger.Level) -> Int32 {
    switch level {
    case .trace: LMS_LOG_TRACE
    case .debug, .info, .notice: LMS_LOG_DEBUG
    case .warning: LMS_LOG_WARNING
    case .error, .critical: LMS_LOG_ERROR
    }
}

@_cdecl("lms_log_keep")
public func logKeep(
    _ level: Int32,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> lms_status {
    reporting(to: error) { () throws(LMStudioError) in
        try Handles.checkProcess()
        KeptLog.keep(from: try least(level))
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
        level.pointee = LMS_LOG_NONE
        try Handles.checkProcess()
        guard let next = KeptLog.next() else { return LMS_PENDING }
        level.pointee = constant(next.level)
        line.pointee = copyOut(next.text)
        return LMS_OK
    }
}
