import Dispatch
import LMStudio
import LMStudioTesting
import Testing

@testable import LMStudioLlama

/// Threads for what computes for long.
///
/// One after the other: two of them keep both threads of the shared workshop busy.
@Suite(.serialized, .timeLimit(.minutes(10))) struct WorkshopTests {
    /// Work that has begun, and goes on until it is let go.
    private struct Job: Sendable {
        private let begins: AsyncStream<Void>
        private let begun: AsyncStream<Void>.Continuation
        private let gate = DispatchSemaphore(value: 0)

        init() {
            (begins, begun) = AsyncStream.makeStream()
        }

        func run() {
            begun.yield()
            gate.wait()
        }

        func begin() async {
            for await _ in begins.prefix(1) {}
        }

        func letGo() { gate.signal() }
    }

    /// Does something while all threads of a workshop are busy.
    private func busy(_ workshop: Workshop, _ body: () async throws -> Void) async throws {
        let jobs = [Job(), Job()]
        let tasks = jobs.map { job in Task { try await workshop.run { job.run() } } }
        for job in jobs { await job.begin() }
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await body()) } catch { outcome = .failure(error) }
        for job in jobs { job.letGo() }
        for task in tasks { try await task.value }
        try outcome.get()
    }

    @Test func othersGoOnBesideIt() async throws {
        try await busy(Workshop()) {
            await withTaskGroup { group in
                for _ in 0..<100 { group.addTask { await Task.yield() } }
            }
        }
    }

    @Test func whatWaitsIsDoneInTheEnd() async throws {
        let workshop = Workshop()
        let done = Recorder<Int>()
        var waiting: [Task<Void, any Error>] = []
        try await busy(workshop) {
            for number in 0..<3 {
                waiting.append(Task { try await workshop.run { done.record(number) } })
            }
        }
        for task in waiting { try await task.value }
        #expect(done.values.sorted() == [0, 1, 2])
    }

    @Test func whatIsCancelledDoesNotBegin() async throws {
        let workshop = Workshop()
        let done = Recorder<Void>()
        var waiting: [Task<Void, any Error>] = []
        try await busy(workshop) {
            let task = Task { try await workshop.run { done.record() } }
            task.cancel()
            waiting.append(task)
        }
        for task in waiting {
            let error = await #expect(throws: LMStudioError.self) { try await task.value }
            #expect(error?.code == .cancelled)
        }
        #expect(done.count == 0)
    }

    @Test func aLongTextWaitsThereAndAShortOneDoesNot() async throws {
        let host = try TinyStore("a").host()
        try await host.load("a")
        let text = String(repeating: "a", count: 65 << 10)
        let done = Recorder<Void>()
        var waiting: [Task<Void, any Error>] = []
        try await busy(.shared) {
            waiting.append(
                Task {
                    let tokens = try await host.tokenize(text, with: .identifier("a"))
                    #expect(tokens.count > 1000)
                    done.record()
                }
            )
            // Each takes about as long as the other would, which was asked for first.
            let shorter = String(text.prefix(63 << 10))
            for _ in 0..<4 {
                let tokens = try await host.tokenize(shorter, with: .identifier("a"))
                #expect(tokens.count > 1000)
            }
            #expect(done.count == 0)
        }
        for task in waiting { try await task.value }
        #expect(done.count == 1)
    }

    @Test func aLongPromptHoldsNobodyUpAndCanBeStopped() async throws {
        let host = try TinyStore("a").host()
        try await host.load("a")
        let text = String(repeating: "a b ", count: 16 << 10) + "a"
        var streams: [PredictionStream] = []
        try await busy(.shared) {
            streams.append(host.complete(text, with: "a"))
            let stopped = host.complete(text, with: "a")
            // Asked for last; the engine would have looked at the others first.
            let short = try await host.complete("a", with: "a").result()
            #expect(short.stats.stopReason == .maxPredictedTokensReached)
            stopped.cancel()
            let result = try await stopped.result()
            #expect(result.stats.stopReason == .userStopped)
        }
        for stream in streams {
            let error = await #expect(throws: LMStudioError.self) { try await stream.result() }
            #expect(error?.message.contains("tokens, but the model was loaded") == true)
        }
    }
}
