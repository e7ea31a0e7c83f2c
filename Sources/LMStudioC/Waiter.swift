import Dispatch
import LMStudioCore

/// Where a thread waits for something to come, again and again.
final class Waiter: Sendable {
    private let ready = DispatchSemaphore(value: 0)
    /// Ends a wait, or the next one; the closure to arm.
    let wake: @Sendable () -> Void

    init() {
        wake = { [ready] in _ = ready.signal() }
    }

    /// Calls `poll` until it has something, waiting in between for `wake` to be called.
    ///
    /// A call of `wake` that nobody waited for makes the next wait look once in vain.
    ///
    /// - Parameters:
    ///   - milliseconds: most time to wait; negative: for ever.
    ///   - help: called first: this thread may do what it waits for, within so many milliseconds.
    ///   - poll: what is there, or `nil`.
    ///   - arm: sees to it that `wake` is called when polling again is worth it.
    /// - Returns: what `poll` returned; `nil` if the time is over.
    /// - Throws: what `poll` throws.
    func next<Value>(
        within milliseconds: Int64,
        help: ((Int64) -> Void)? = nil,
        poll: () throws(LMStudioError) -> Value?,
        arm: (@escaping @Sendable () -> Void) -> Void
    ) throws(LMStudioError) -> Value? {
        if let value = try poll() { return value }
        if let help {
            help(milliseconds)
            if let value = try poll() { return value }
        }
        guard milliseconds != 0 else { return nil }
        let deadline: DispatchTime =
            milliseconds < 0
            ? .distantFuture : .now() + .milliseconds(Int(clamping: min(milliseconds, 1 << 40)))
        while true {
            arm(wake)
            let isLate = ready.wait(timeout: deadline) == .timedOut
            if let value = try poll() { return value }
            if isLate { return nil }
        }
    }
}
