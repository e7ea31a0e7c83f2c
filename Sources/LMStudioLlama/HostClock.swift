import Dispatch
import LMStudioCore

/// The time that idle models are measured with; tests give one that they move by hand.
struct HostClock: Sendable {
    /// Time since some fixed moment, never running backwards.
    let now: @Sendable () -> Duration
    /// Milliseconds since 1970 in UTC.
    let milliseconds: @Sendable () -> Int64
    /// Calls the closure once, so much later.
    let schedule: @Sendable (_ delay: Duration, _ action: @escaping @Sendable () -> Void) -> Void

    /// The machine's.
    static let system = HostClock(
        now: { [start = ContinuousClock.now] in ContinuousClock.now - start },
        milliseconds: { WallClock.milliseconds },
        schedule: { delay, action in
            // A late timer looks at the clock again, so that a day is as good as any longer time.
            let nanoseconds = Int(min(delay, .seconds(86_400)) / .nanoseconds(1))
            DispatchQueue.global(qos: .utility)
                .asyncAfter(deadline: .now() + .nanoseconds(nanoseconds), execute: action)
        }
    )
}
