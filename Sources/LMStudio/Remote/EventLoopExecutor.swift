import NIOCore
import Synchronization

/// Runs Swift tasks on an event loop.
///
/// What a task that runs there asks of a connection of the same loop, and the answer, change no threads.
final class EventLoopExecutor: TaskExecutor {
    private let eventLoop: any EventLoop
    private let beginsHere: Atomic<Bool>

    /// - Parameters:
    ///   - eventLoop: where the tasks run.
    ///   - beginsHere: whether the first job runs at once, on the thread that starts the task.
    init(_ eventLoop: any EventLoop, beginsHere: Bool = false) {
        self.eventLoop = eventLoop
        self.beginsHere = Atomic(beginsHere)
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        guard !beginsHere.exchange(false, ordering: .relaxed) else {
            return job.runSynchronously(on: asUnownedTaskExecutor())
        }
        eventLoop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
