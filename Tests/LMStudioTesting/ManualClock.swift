import Synchronization

/// A clock that stands still until a test moves it.
package final class ManualClock: Sendable {
    private struct Timer {
        let due: Duration
        let action: @Sendable () -> Void
    }

    private struct State {
        var now = Duration.zero
        var timers: [Timer] = []
    }

    private let state = Mutex(State())

    /// Makes a clock that shows zero.
    package init() {}

    /// The time it shows.
    package var now: Duration { state.withLock { $0.now } }

    /// How many timers wait.
    package var timerCount: Int { state.withLock { $0.timers.count } }

    /// Calls `action` when the clock has been moved so far.
    package func schedule(_ delay: Duration, _ action: @escaping @Sendable () -> Void) {
        state.withLock { $0.timers.append(Timer(due: $0.now + delay, action: action)) }
    }

    /// Moves the clock, and calls what becomes due, in order and each at its time, before it returns.
    package func advance(by duration: Duration) {
        let end = now + duration
        while true {
            let timer = state.withLock { state -> Timer? in
                let next = state.timers.indices.min { state.timers[$0].due < state.timers[$1].due }
                guard let next, state.timers[next].due <= end else {
                    state.now = end
                    return nil
                }
                let timer = state.timers.remove(at: next)
                state.now = max(state.now, timer.due)
                return timer
            }
            guard let timer else { return }
            timer.action()
        }
    }
}
