import LMStudio
import LMStudioTesting
import Testing

@testable import LMStudioLlama

extension EngineTests {
    @Suite struct ManyThreadsTests {
        /// What one of eight does, again and again, to instances of its own.
        private static func work(_ number: Int, on client: LMStudioClient) async throws {
            for round in 0..<5 {
                let name = "worker \(number).\(round)"
                if number % 2 == 0 {
                    let model = try await client.llm.load(
                        number % 4 == 0 ? "a" : "b",
                        identifier: name
                    )
                    let result = try await model.complete("hello", config: .greedy(4))
                    #expect(result.stats.predictedTokensCount == 4)
                    #expect(result.modelInfo.identifier == name)
                    try await model.unload()
                } else {
                    let model = try await client.embedding.load("e", identifier: name)
                    let vectors = try await model.embed(["one", "two"])
                    #expect(vectors.map(\.count) == [32, 32])
                    try await model.unload()
                }
                _ = try await client.llm.listLoaded()
            }
        }

        @Test func eightLoadPredictEmbedAndUnloadAtOnce() async throws {
            let store = try TinyStore("a", "b")
            try store.addEncoder("e")
            let host = try store.host()
            let client = LMStudioClient(host: host)
            let shared = try await client.llm.model("a")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<8 {
                    group.addTask { try await Self.work(number, on: client) }
                }
                group.addTask {
                    let prompts = [String](repeating: "hello", count: 64)
                    _ = try await shared.completeMany(prompts, config: .greedy(8))
                }
                try await group.waitForAll()
            }
            #expect(try await host.loadedIdentifiers == ["a"])
        }
    }
}
