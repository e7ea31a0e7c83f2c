import LMStudioCore

/// Work without steps.
typealias BackgroundCall<Value: Sendable> = BackgroundWork<Never, Value>

extension BackgroundWork where Step == Never {
    /// Begins a call; see ``start(on:beginsHere:_:)``.
    convenience init(
        on executor: (any TaskExecutor)? = nil,
        beginsHere: Bool = false,
        _ work: @escaping @Sendable () async throws(LMStudioError) -> Value
    ) {
        self.init(cancelled: "the call was cancelled")
        start(on: executor, beginsHere: beginsHere, work)
    }

    /// Waits for what comes of the call.
    ///
    /// - Parameter milliseconds: most time to wait; negative: for ever.
    /// - Returns: what the work returned; `nil` if it goes on when the time is over.
    /// - Throws: what the work throws; `.cancelled`.
    func wait(within milliseconds: Int64) throws(LMStudioError) -> Value? {
        guard case .end(let value)? = try next(within: milliseconds) else { return nil }
        return value
    }

    /// Does asynchronous work and waits for it; where it can it runs on this thread.
    static func run(
        on executor: (any TaskExecutor)? = nil,
        _ work: @escaping @Sendable () async throws(LMStudioError) -> Value
    ) throws(LMStudioError) -> Value {
        guard let value = try Self(on: executor, beginsHere: true, work).wait(within: -1) else {
            throw LMStudioError(.internal, "a finished call has no result")
        }
        return value
    }
}
