import Dispatch
import LMStudioCore
import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Ends the engine's threads before the process's static data is torn down under them.
enum ProcessExit {
    private struct Entry {
        weak var scheduler: (any InstanceScheduler)?
    }

    private static let schedulers = Mutex<[Entry]>([])

    private static let registration: Void = {
        atexit { ProcessExit.stopAll() }
    }()

    /// Stops a scheduler when the process exits, if it is still there.
    static func add(_ scheduler: any InstanceScheduler) {
        _ = registration
        schedulers.withLock { entries in
            entries.removeAll { $0.scheduler == nil }
            entries.append(Entry(scheduler: scheduler))
        }
    }

    /// A decode stops at its next graph node, in milliseconds; a process must not hang for a thread that does not.
    private static let patience = DispatchTimeInterval.seconds(1)

    private static func stopAll() {
        let group = DispatchGroup()
        for scheduler in schedulers.withLock({ $0.compactMap(\.scheduler) }) {
            group.enter()
            scheduler.stop { group.leave() }
        }
        let end = DispatchTime.now() + patience
        _ = group.wait(timeout: end)
        _ = ModelTokenTexts.underWay.wait(timeout: end)
    }
}
