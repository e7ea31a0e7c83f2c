import Dispatch
import LMStudioCore
import Synchronization

/// Threads for what computes for long without waiting.
///
/// Swift's own are few, and whoever holds them holds up every call and every timeout.
final class Workshop: Sendable {
    static let shared = Workshop()

    private struct State: ~Copyable {
        var waiting: [@Sendable () -> Void] = []
        var threads = 0
        var hasEnded = false
    }

    /// Others' work goes on beside as much as this.
    private static let mostThreads = 2
    private let state = Mutex(State())
    private let running = DispatchGroup()

    /// Runs `body` when a thread is free; what was cancelled by then does not begin.
    func run<Value: Sendable>(
        _ body: @escaping @Sendable () throws(LMStudioError) -> Value
    ) async throws(LMStudioError) -> Value {
        let ticket = Ticket()
        let result: Result<Value, LMStudioError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                add {
                    guard !ticket.isCancelled else {
                        let error = LMStudioError(.cancelled, "the call was cancelled")
                        return continuation.resume(returning: .failure(error))
                    }
                    do throws(LMStudioError) {
                        continuation.resume(returning: .success(try body()))
                    } catch {
                        continuation.resume(returning: .failure(error))
                    }
                }
            }
        } onCancel: {
            ticket.cancel()
        }
        return try result.get()
    }

    private func add(_ work: @escaping @Sendable () -> Void) {
        let needsThread = state.withLock { state in
            state.waiting.append(work)
            guard state.threads < Self.mostThreads else { return false }
            state.threads += 1
            return true
        }
        guard needsThread else { return }
        do throws(LMStudioError) {
            try EngineThread.start { self.work() }
        } catch {
            // The system has no thread left: this one does it.
            work()
        }
    }

    /// Does what waits until nothing does.
    private func work() {
        while let next = state.withLock({ state -> (@Sendable () -> Void)? in
            if state.waiting.isEmpty || state.hasEnded {
                state.threads -= 1
                return nil
            }
            running.enter()
            return state.waiting.removeFirst()
        }) {
            next()
            running.leave()
        }
    }

    /// Begins nothing more, and waits for what is under way, as the process exits.
    ///
    /// That is half a minute for a text of 60 MB: llama.cpp cannot be stopped there, and crashes without
    /// its static data.
    func end() {
        state.withLock { $0.hasEnded = true }
        running.wait()
    }
}
