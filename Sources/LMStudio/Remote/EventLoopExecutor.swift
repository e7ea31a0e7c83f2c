import LMStudioCore
import NIOCore
import NIOPosix
import Synchronization

/// Runs Swift tasks on an event loop.
///
/// What a task that runs there asks of a connection of the same loop, and the answer, change no threads.
final class EventLoopExecutor: WaitableExecutor {
    /// What the thread that waits for the task can do for it, within so many milliseconds.
    typealias Errand = @Sendable (_ milliseconds: Int64) -> Void

    private let eventLoop: any EventLoop
    private let beginsHere: Atomic<Bool>
    private let errands = Mutex<[Errand]>([])

    private static let running = ThreadSpecificVariable<EventLoopExecutor>()

    /// The executor for whose task this thread works, being the one that waits for it.
    static var current: EventLoopExecutor? { running.currentValue }

    /// - Parameters:
    ///   - eventLoop: where the tasks run.
    ///   - beginsHere: whether the first job runs at once, on the thread that starts the task.
    init(_ eventLoop: any EventLoop, beginsHere: Bool = false) {
        self.eventLoop = eventLoop
        self.beginsHere = Atomic(beginsHere)
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if beginsHere.exchange(false, ordering: .relaxed) {
            here { job.runSynchronously(on: asUnownedTaskExecutor()) }
        } else if Self.current === self {
            job.runSynchronously(on: asUnownedTaskExecutor())
        } else {
            eventLoop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
        }
    }

    /// Offers the thread that waits for the task something to do, as the last thing before the task waits.
    func offer(_ errand: @escaping Errand) {
        errands.withLock { $0.append(errand) }
    }

    func help(within milliseconds: Int64) {
        let start = ContinuousClock.now
        var left = milliseconds
        while let errand = errands.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) {
            here { errand(left) }
            // What the task does then may offer another one.
            if milliseconds > 0 {
                left = max(
                    0,
                    milliseconds - Int64((ContinuousClock.now - start) / .milliseconds(1))
                )
            }
        }
    }

    /// Does something on this thread, and with it what the task does next.
    private func here(_ body: () -> Void) {
        let before = Self.current
        Self.running.currentValue = self
        defer { Self.running.currentValue = before }
        body()
    }
}
