import CLMStudio
import LMStudioCore

extension Timeouts {
    /// What stands for any time: 34 years, which every clock can still add.
    static let longest: Int64 = 1 << 40

    /// Reads the timeouts of an options struct.
    ///
    /// - Throws: `.invalidArgument` if one is neither a time nor a constant of call.h.
    init(milliseconds total: Int64, idle: Int64) throws(LMStudioError) {
        self.init(
            total: try Self.duration(total, "timeout_ms"),
            idle: try Self.duration(idle, "idle_timeout_ms")
        )
    }

    private static func duration(
        _ milliseconds: Int64,
        _ name: String
    ) throws(LMStudioError) -> Duration? {
        if milliseconds == Int64(LMS_TIMEOUT_DEFAULT) { return nil }
        guard milliseconds >= 1 else {
            throw LMStudioError(
                .invalidArgument,
                "\(name) is \(milliseconds); give milliseconds, 1 or more, LMS_TIMEOUT_DEFAULT or "
                    + "LMS_TIMEOUT_NONE"
            )
        }
        return .milliseconds(min(milliseconds, longest))
    }
}
