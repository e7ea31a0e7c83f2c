import Dispatch
import LMStudioCore
import Synchronization

/// Computes the vectors of one loaded instance, on one thread that owns its context.
///
/// Calls come in through an inbox. The loop fills a batch with texts, one of each call in turn so that
/// a long list holds nobody up, computes it, and goes on until each call has all its vectors.
final class EmbeddingScheduler: InstanceScheduler {
    private struct Inbox {
        var arrived: [EmbeddingJob] = []
        /// Jobs that have not ended.
        var jobCount = 0
        var isStopped = false
        var onEnd: [@Sendable () -> Void] = []
        var hasEnded = false
    }

    /// A job in hand; its vectors come in the order of its texts.
    private struct Running {
        let job: EmbeddingJob
        var vectors: [[Float]] = []

        init(_ job: EmbeddingJob) {
            self.job = job
            vectors.reserveCapacity(job.texts.count)
        }
    }

    private let inbox = Mutex(Inbox())
    private let arrivals = DispatchSemaphore(value: 0)
    /// The context while the loop runs, for `interrupt()`.
    private let running = Mutex<EmbeddingContext?>(nil)

    // MARK: From any thread

    var processingState: ProcessingState {
        let queued = inbox.withLock { $0.jobCount }
        return ProcessingState(status: queued == 0 ? .idle : .computingEmbedding, queued: queued)
    }

    /// Computes the vectors of texts; cancelling the task stops that between two steps of the engine.
    ///
    /// - Parameter texts: the tokens of each, at least one of each and no more than the context holds.
    /// - Returns: the vector of each.
    /// - Throws: `.cancelled`; `.modelNotFound` if the model is unloaded meanwhile; `.engine`.
    func embed(_ texts: [[Int32]]) async throws(LMStudioError) -> [[Float]] {
        if texts.isEmpty { return [] }
        let flag = EmbeddingJob.CancelFlag()
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                submit(
                    EmbeddingJob(texts: texts, flag: flag) { continuation.resume(returning: $0) }
                )
            }
        } onCancel: {
            flag.cancel()
            // A batch without it goes on: it is nobody else's fault.
            if flag.isRunning { wake() } else { arrivals.signal() }
        }
        return try result.get()
    }

    private func submit(_ job: EmbeddingJob) {
        let isLate = inbox.withLock { inbox in
            if inbox.isStopped { return true }
            inbox.arrived.append(job)
            inbox.jobCount += 1
            return false
        }
        if isLate { return job.finish(.failure(Self.unloaded)) }
        arrivals.signal()
    }

    func stop(onEnd: @escaping @Sendable () -> Void = {}) {
        let hasEnded = inbox.withLock { inbox in
            inbox.isStopped = true
            if !inbox.hasEnded { inbox.onEnd.append(onEnd) }
            return inbox.hasEnded
        }
        wake()
        if hasEnded { onEnd() }
    }

    private func wake() {
        running.withLock { $0 }?.interrupt()
        arrivals.signal()
    }

    private static let unloaded = LMStudioError(
        .modelNotFound,
        "the model was unloaded; get it again before the next call"
    )

    private static let cancelled = LMStudioError(.cancelled, "computing the vectors was cancelled")

    // MARK: On the scheduler's own thread

    /// Works until `stop()`.
    func run(_ context: EmbeddingContext) {
        self.running.withLock { $0 = context }
        defer { self.running.withLock { $0 = nil } }
        var running: [Running] = []
        while true {
            // Allow first, look at the flags second: a stop that comes later interrupts the batch.
            context.allow()
            let isStopped = takeArrivals(into: &running)
            running.removeAll { entry in
                guard isStopped || entry.job.flag.isCancelled else { return false }
                finish(entry, .failure(isStopped ? Self.unloaded : Self.cancelled))
                return true
            }
            if isStopped { return }
            if running.isEmpty {
                arrivals.wait()
            } else {
                step(&running, in: context)
            }
        }
    }

    func end() {
        let onEnd = inbox.withLock { inbox in
            inbox.hasEnded = true
            return inbox.onEnd
        }
        for callback in onEnd { callback() }
    }

    private func takeArrivals(into running: inout [Running]) -> Bool {
        let (arrived, isStopped) = inbox.withLock { inbox in
            defer { inbox.arrived = [] }
            return (inbox.arrived, inbox.isStopped)
        }
        running += arrived.map(Running.init)
        return isStopped
    }

    /// Computes one batch.
    private func step(_ running: inout [Running], in context: EmbeddingContext) {
        let owners = fill(context, with: running)
        let flags = owners.map { running[$0].job.flag }
        for flag in flags { flag.isRunning = true }
        defer { for flag in flags { flag.isRunning = false } }
        // The loop ends them, and fills another batch.
        if flags.contains(where: \.isCancelled) { return }
        switch context.compute() {
        case .done:
            var failures: [Int: LMStudioError] = [:]
            for (place, owner) in owners.enumerated() {
                do {
                    running[owner].vectors.append(try context.vector(of: place))
                } catch {
                    failures[owner] = error
                }
            }
            settle(&running, served: Set(owners), failures)
        case .interrupted:
            // The cancelled ones are finished by the loop; the others do this batch again.
            break
        case .full:
            fail(
                owners,
                of: &running,
                LMStudioError(.engine, "the context has no room for the texts")
            )
        case .failed(let error): fail(owners, of: &running, error)
        }
    }

    private func fail(_ owners: [Int], of running: inout [Running], _ error: LMStudioError) {
        let failures = Dictionary(owners.map { ($0, error) }) { first, _ in first }
        settle(&running, served: Set(owners), failures)
    }

    /// Fills the batch; answers whose each text is, in the batch's order.
    private func fill(_ context: EmbeddingContext, with running: [Running]) -> [Int] {
        context.clear()
        var owners: [Int] = []
        var waiting = running.indices.map { (owner: $0, next: running[$0].vectors.count) }
        while !waiting.isEmpty {
            for turn in waiting.indices {
                let (owner, next) = waiting[turn]
                guard context.add(running[owner].job.texts[next]) else { return owners }
                owners.append(owner)
                waiting[turn].next += 1
            }
            waiting.removeAll { $0.next == running[$0.owner].job.texts.count }
        }
        return owners
    }

    /// Ends the jobs that have all their vectors, and those that failed.
    ///
    /// Those for which the batch had no room come first in the next one.
    private func settle(
        _ running: inout [Running],
        served: Set<Int>,
        _ failures: [Int: LMStudioError]
    ) {
        var (next, later): ([Running], [Running]) = ([], [])
        for (index, entry) in running.enumerated() {
            if let error = failures[index] {
                finish(entry, .failure(error))
            } else if entry.vectors.count == entry.job.texts.count {
                finish(entry, .success(entry.vectors))
            } else if served.contains(index) {
                later.append(entry)
            } else {
                next.append(entry)
            }
        }
        running = next + later
    }

    private func finish(_ entry: Running, _ outcome: Result<[[Float]], LMStudioError>) {
        inbox.withLock { $0.jobCount -= 1 }
        entry.job.finish(outcome)
    }
}
