import Dispatch
import LMStudioCore
import Synchronization

/// Waits of threads that are not Swift's.
///
/// Never call these from a Swift task: they would hold a thread of the pool that the awaited work
/// may need.
enum Blocking {
    /// Runs asynchronous work and waits for it.
    static func run<Value: Sendable>(
        _ work: @escaping @Sendable () async throws(LMStudioError) -> Value
    ) throws(LMStudioError) -> Value {
        let done = DispatchSemaphore(value: 0)
        let outcome = Outcome<Value>()
        Task.detached {
            let result: Result<Value, LMStudioError>
            do throws(LMStudioError) {
                result = .success(try await work())
            } catch {
                result = .failure(error)
            }
            outcome.result.withLock { $0 = result }
            done.signal()
        }
        done.wait()
        guard let result = outcome.result.withLock({ $0 }) else {
            throw LMStudioError(.internal, "a finished call has no result")
        }
        return try result.get()
    }

    private final class Outcome<Value: Sendable>: Sendable {
        let result = Mutex<Result<Value, LMStudioError>?>(nil)
    }

    /// Calls `poll` until it has something, waiting in between for `arm`'s closure to be called.
    ///
    /// - Parameters:
    ///   - milliseconds: most time to wait; negative: for ever.
    ///   - poll: what is there, or `nil`.
    ///   - arm: keeps a closure to call when polling again is worth it.
    /// - Returns: what `poll` returned.
    /// - Throws: `.timedOut`, and what `poll` throws.
    static func next<Value>(
        within milliseconds: Int64,
        poll: () throws(LMStudioError) -> Value?,
        arm: (@escaping @Sendable () -> Void) -> Void
    ) throws(LMStudioError) -> Value {
        if let value = try poll() { return value }
        let deadline: DispatchTime =
            milliseconds < 0
            ? .distantFuture : .now() + .milliseconds(Int(clamping: min(milliseconds, 1 << 40)))
        while milliseconds != 0 {
            let ready = DispatchSemaphore(value: 0)
            arm { ready.signal() }
            let isLate = ready.wait(timeout: deadline) == .timedOut
            if let value = try poll() { return value }
            if isLate { break }
        }
        throw LMStudioError(
            .timedOut,
            "nothing came within \(milliseconds) ms; call again to go on waiting"
        )
    }
}
