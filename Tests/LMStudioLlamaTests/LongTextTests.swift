import LMStudio
import LMStudioTesting
import Synchronization
import Testing

@testable import LMStudioLlama

@Suite struct LongTextTests {
    private final class Counter: Sendable {
        private let value = Atomic<Int>(0)
        var count: Int { value.load(ordering: .acquiring) }
        func add() { value.add(1, ordering: .acquiringAndReleasing) }
    }

    /// As many at once as Swift has threads and more: without threads of their own nothing else would run.
    @Test func longTextsHoldUpNobody() async throws {
        let host = try TinyStore("tiny").host()
        try await host.load("tiny")
        let text = String(repeating: "hello world ", count: 400_000)
        let finished = Counter()
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    let count = try await host.tokenize(text, with: .identifier("tiny")).count
                    finished.add()
                    return count
                }
            }
            for _ in 0..<1000 { await Task.yield() }
            let short = try await host.tokenize("hello", with: .identifier("tiny"))
            #expect(finished.count == 0)
            group.cancelAll()
            #expect(!short.isEmpty)
            while let result = await group.nextResult() {
                if case .failure(let error) = result {
                    #expect((error as? LMStudioError)?.code == .cancelled)
                }
            }
        }
    }
}
