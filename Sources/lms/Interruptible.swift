import ArgumentParser
import LMStudio

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Work that Ctrl-C cancels.
enum Interruptible {
    /// What a program that Ctrl-C has ended is to end with, as shells have it.
    static let exitCode = ExitCode(128 + SIGINT)

    /// Runs `work`; after a Ctrl-C it is cancelled, and the program is to end with status 130.
    ///
    /// - Throws: what `work` throws; `ExitCode(130)` after a Ctrl-C, whatever `work` made of it.
    static func run<Value: Sendable>(
        _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let (interrupted, continuation) = AsyncStream.makeStream(of: Void.self)
        let signals = Signals([SIGINT]) { continuation.finish() }
        let task = Task { try await work() }
        Task {
            for await _ in interrupted {}
            task.cancel()
        }
        let outcome = await task.result
        continuation.finish()
        if signals.last != nil { throw exitCode }
        return try outcome.get()
    }
}
