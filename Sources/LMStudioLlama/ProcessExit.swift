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

    /// The process whose threads they are.
    private static let processIdentifier: pid_t = {
        atexit { ProcessExit.stopAll() }
        return getpid()
    }()

    /// Stops a scheduler when the process exits, if it is still there.
    static func add(_ scheduler: any InstanceScheduler) {
        _ = processIdentifier
        schedulers.withLock { entries in
            entries.removeAll { $0.scheduler == nil }
            entries.append(Entry(scheduler: scheduler))
        }
    }

    /// A decode stops at its next graph node, in milliseconds; a process must not hang for a thread that does not.
    private static let patience = DispatchTimeInterval.seconds(1)

    private static func stopAll() {
        // A forked child has none of the threads, and would wait for them.
        guard getpid() == processIdentifier else { return }
        let group = DispatchGroup()
        for scheduler in schedulers.withLock({ $0.compactMap(\.scheduler) }) {
            group.enter()
            scheduler.stop { group.leave() }
        }
        let end = DispatchTime.now() + patience
        _ = group.wait(timeout: end)
        _ = ModelTokenTexts.underWay.wait(timeout: end)
        Workshop.shared.end()
    }
}
