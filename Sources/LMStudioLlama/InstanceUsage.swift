import LMStudioCore
import Synchronization

/// Who uses an instance, and since when nobody does.
///
/// An instance is taken from the host's list, and its use begun, under the host's lock: what is idle
/// there can be taken out of memory without taking it away from anybody.
final class InstanceUsage: Sendable {
    private struct State: ~Copyable {
        var users = 0
        var idleSince: Duration
        var lastUsedMilliseconds: Int64?
        var hasTimer = false
    }

    private let state: Mutex<State>
    private let clock: HostClock
    /// Idle time after which the instance goes; `nil`: it stays.
    let timeToLive: Duration?

    init(clock: HostClock, timeToLive: Duration?) {
        self.clock = clock
        self.timeToLive = timeToLive
        state = Mutex(State(idleSince: clock.now()))
    }

    /// Somebody begins to use it.
    func begin() {
        state.withLock { $0.users += 1 }
    }

    /// Somebody who began has finished.
    func end() {
        state.withLock { state in
            state.users -= 1
            state.idleSince = clock.now()
            state.lastUsedMilliseconds = clock.milliseconds()
        }
    }

    /// Somebody was given its name, and is about to use it.
    func touch() {
        state.withLock { $0.idleSince = clock.now() }
    }

    /// Since when nobody uses it; `nil` while somebody does.
    var idleSince: Duration? { state.withLock { $0.users == 0 ? $0.idleSince : nil } }

    /// Whether it is idle for its time to live.
    var isExpired: Bool { remainingTime.map { $0 <= .zero } ?? false }

    private var remainingTime: Duration? {
        guard let timeToLive, let idleSince else { return nil }
        return timeToLive - (clock.now() - idleSince)
    }

    /// What is known of an instance, with the times of now.
    func stamped(_ info: ModelInstanceInfo) -> ModelInstanceInfo {
        var info = info
        info.timeToLive = timeToLive
        info.lastUsedMilliseconds = state.withLock { state in
            state.users > 0 ? clock.milliseconds() : state.lastUsedMilliseconds
        }
        return info
    }

    // MARK: The timer

    /// Sees to it that `onExpiry` is called when the time to live is over, unless a timer runs already.
    ///
    /// A use does not stop the timer: when it fires too early it is set again, and when the instance
    /// is in use then, the end of the use does that.
    func setTimer(_ onExpiry: @escaping @Sendable () -> Void) {
        guard let rest = remainingTime else { return }
        let isNew = state.withLock { state in
            defer { state.hasTimer = true }
            return !state.hasTimer
        }
        guard isNew else { return }
        clock.schedule(rest) { [weak self] in
            guard let self else { return }
            state.withLock { $0.hasTimer = false }
            if isExpired { onExpiry() } else { setTimer(onExpiry) }
        }
    }
}
