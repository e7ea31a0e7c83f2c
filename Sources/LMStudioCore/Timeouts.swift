/// How long a call may take.
public struct Timeouts: Sendable, Hashable {
    /// Longest time from the start of the call to its end; default `nil`: any.
    public var total: Duration?
    /// Longest time in which nothing comes; default `nil`: ``ModelHost/defaultIdleTimeout``.
    public var idle: Duration?

    /// Makes timeouts; `nil` means the default.
    public init(total: Duration? = nil, idle: Duration? = nil) {
        self.total = total
        self.idle = idle
    }
}
