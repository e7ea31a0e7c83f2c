import LMStudio
import LMStudioTesting
import Testing

@testable import LMStudioLlama

extension EngineTests {
    @Suite struct EmbeddingTests {
        private static let key = "text-embedding-e"

        private func host(
            _ model: TinyEncoder = TinyEncoder(),
            config: LoadConfig = LoadConfig()
        ) async throws -> LocalHost {
            let store = try TinyStore("a")
            try store.addEncoder("e", model)
            let host = try store.host()
            _ = try await host.load(LoadRequest(model: "e", config: config, domain: .embedding)) {
                _ in
            }
            return host
        }

        /// The model of that host, or that of a server of it.
        private func model(_ host: LocalHost) async throws -> EmbeddingModel {
            EmbeddingModel(client: try await HostTrait.client(of: host), identifier: Self.key)
        }

        private func embed(_ host: LocalHost, _ texts: String...) async throws -> [[Float]] {
            try await model(host).embed(texts)
        }

        @Test(.onBothHosts) func vectorsHaveTheModelsWidthAndLengthOne() async throws {
            let vectors = try await embed(try await host(), "hello world", "other")
            #expect(vectors.map(\.count) == [32, 32])
            for vector in vectors {
                #expect(abs(Similarity.product(vector, vector) - 1) < 1e-6)
            }
            #expect(Similarity.of(vectors[0], vectors[1]) < 0.9999)
        }

        @Test(.onBothHosts) func aTextsVectorDoesNotDependOnItsBatch() async throws {
            let host = try await host()
            let texts = (0..<1000).map { "text number \($0)" }
            let together = try await model(host).embed(texts)
            #expect(together.count == 1000)
            for index in [0, 1, 63, 64, 500, 999] {
                let alone = try await embed(host, texts[index])[0]
                #expect(Similarity.of(alone, together[index]) > 0.99999)
            }
        }

        @Test func callsAtOnceEachGetTheirOwn() async throws {
            let host = try await host()
            let alone = try await embed(host, "one", "two", "three")
            try await withThrowingTaskGroup(of: (Int, [Float]).self) { group in
                for call in 0..<30 {
                    group.addTask {
                        let text = ["one", "two", "three"][call % 3]
                        return (call % 3, try await host.embed([text], with: .any)[0])
                    }
                }
                for try await (index, vector) in group {
                    #expect(Similarity.of(vector, alone[index]) > 0.99999)
                }
            }
            #expect(try await host.processingState(.any) == .init(status: .idle, queued: 0))
        }

        @Test(.onBothHosts) func anEmptyTextHasAVectorAndAnEmptyListHasNone() async throws {
            let host = try await host()
            #expect(try await embed(host, "").map(\.count) == [32])
            #expect(try await model(host).embed([]) == [])
        }

        @Test(.onBothHosts) func tokensIncludeTheModelsOwn() async throws {
            let model = try await model(host())
            #expect(try await model.tokenize("ab").count == 4)
            #expect(try await model.countTokens("") == 2)
        }

        @Test(.onBothHosts) func aTextAsLongAsTheContextFits() async throws {
            let text = String(repeating: "a", count: 62)
            #expect(try await embed(try await host(), "b", text, "c").count == 3)
        }

        @Test(.onBothHosts) func aTextLongerThanTheContextIsRefusedWithBothNumbers() async throws {
            var config = LoadConfig()
            config.contextLength = 16
            let host = try await host(config: config)
            let error = await #expect(throws: LMStudioError.self) {
                try await embed(host, "short", String(repeating: "a", count: 20))
            }
            #expect(error?.code == HostTrait.refusal)
            for part in ["texts[1]", "22 tokens", "context of 16", "contextLength"] {
                #expect(error?.message.contains(part) == true)
            }
            #expect(try await embed(host, "short").count == 1)
        }

        @Test func aContextLongerThanTheModelsPositionsIsRefused() async throws {
            var config = LoadConfig()
            config.contextLength = 65
            let error = await #expect(throws: LMStudioError.self) {
                try await host(config: config)
            }
            #expect(error?.code == .invalidArgument)
            #expect(error?.message.contains("65") == true)
            #expect(error?.message.contains("64") == true)
        }

        @Test func withoutPoolingItIsTheAverage() async throws {
            var model = TinyEncoder()
            let average = try await embed(try await host(model), "hello")[0]
            for pooling: UInt32? in [nil, 0] {
                model.pooling = pooling
                let vector = try await embed(try await host(model), "hello")[0]
                #expect(Similarity.of(vector, average) > 0.99999)
            }
            model.pooling = 2
            let first = try await embed(try await host(model), "hello")[0]
            #expect(Similarity.of(first, average) < 0.9999)
        }

        @Test(arguments: [(UInt32(4), LMStudioError.Code.unsupported), (9, .engine)])
        func modelsThatGiveNoVectorsAreRefused(
            pooling: UInt32,
            code: LMStudioError.Code
        ) async throws {
            var model = TinyEncoder()
            model.pooling = pooling
            let error = await #expect(throws: LMStudioError.self) { try await host(model) }
            #expect(error?.code == code)
        }

        @Test func modelsThatWriteCanEmbedToo() async throws {
            let store = try TinyStore()
            try store.addEmbeddingModel("e")
            let host = try store.host()
            _ = try await host.load(LoadRequest(domain: .embedding)) { _ in }
            let texts = ["hello", "my name is", "the"]
            let together = try await host.embed(texts, with: .any)
            for (text, vector) in zip(texts, together) {
                let alone = try await host.embed([text], with: .any)[0]
                #expect(Similarity.of(alone, vector) > 0.9999)
            }
        }

        @Test func eachKindIsRefusedTheOthersWork() async throws {
            let host = try await host()
            try await host.load("a")
            let embedding = await #expect(throws: LMStudioError.self) {
                try await host.embed(["x"], with: .identifier("a"))
            }
            guard case .domainMismatch(_, .llm, .embedding) = embedding?.details?.display else {
                Issue.record("\(String(describing: embedding))")
                return
            }
            let writing = await #expect(throws: LMStudioError.self) {
                try await host.complete("x", with: Self.key).result()
            }
            guard case .domainMismatch(_, .embedding, .llm) = writing?.details?.display else {
                Issue.record("\(String(describing: writing))")
                return
            }
            let asked = await #expect(throws: LMStudioError.self) {
                try await host.instanceInfo(.query(ModelQuery(domain: .embedding, identifier: "a")))
            }
            guard case .domainMismatch(_, .llm, .embedding) = asked?.details?.display else {
                Issue.record("\(String(describing: asked))")
                return
            }
        }

        @Test func anEmptyQueryFindsItsOwnKind() async throws {
            let host = try await host()
            try await host.load("a")
            let info = try await host.instanceInfo(.query(ModelQuery(domain: .llm)))
            #expect(info.identifier == "a")
            let other = try await host.load(LoadRequest(domain: .embedding)) { _ in }
            #expect(other.identifier == Self.key)
        }

        @Test func cancellingEndsOneCallAndLeavesTheOthers() async throws {
            let host = try await host()
            let texts = Array(repeating: String(repeating: "a", count: 60), count: 20_000)
            let long = Task { try await host.embed(texts, with: .any) }
            while try await host.processingState(.any).queued == 0 { await Task.yield() }
            #expect(try await host.processingState(.any).status == .computingEmbedding)
            let vector = try await embed(host, "hello")
            long.cancel()
            let error = await #expect(throws: LMStudioError.self) { _ = try await long.value }
            #expect(error?.code == .cancelled)
            #expect(try await embed(host, "hello") == vector)
        }

        @Test func unloadingEndsWhatRuns() async throws {
            let host = try await host()
            let texts = Array(repeating: String(repeating: "a", count: 60), count: 20_000)
            let long = Task { try await host.embed(texts, with: .any) }
            while try await host.processingState(.any).queued == 0 { await Task.yield() }
            try await host.unload(
                .query(ModelQuery(domain: .embedding, identifier: Self.key))
            )
            let error = await #expect(throws: LMStudioError.self) { _ = try await long.value }
            #expect(error?.code == .modelNotFound)
            #expect(try await host.loadedIdentifiers == [])
        }

        @Test(.onBothHosts) func isNotUnloadedAsALanguageModel() async throws {
            let client = try await HostTrait.client(of: try await host())
            let error = await #expect(throws: LMStudioError.self) {
                try await client.llm.unload(Self.key)
            }
            #expect(error?.message.contains("is of type embedding, not llm") == true)
            try await client.embedding.unload(Self.key)
        }

        @Test func idleOnesMakeRoomAndComeBack() async throws {
            let store = try TinyStore("a")
            try store.addEncoder("e")
            let host = try store.host(modelCount: 1)
            _ = try await host.load(
                LoadRequest(model: "e", domain: .embedding, timeToLive: .seconds(60))
            ) { _ in }
            let vector = try await embed(host, "hello")
            try await host.load("a", timeToLive: .seconds(60))
            #expect(try await host.loadedIdentifiers == ["a"])
            #expect(try await embed(host, "hello") == vector)
        }

        @Test func itsMemoryIsEstimatedWithoutACache() throws {
            let directory = try TemporaryDirectory()
            var model = TinyEncoder()
            model.contextLength = 4096
            try directory.write(model.bytes(), to: "a/e/e.gguf")
            let stored = try #require(try ModelStore(directory: directory.path).scan().first)
            var config = LoadConfig()
            config.contextLength = 4096
            let batch: Int64 = 4096 * 4 * (4 * 32 + 2 * 64)
            #expect(stored.usage(config).totalBytes == stored.info.sizeBytes + batch)
        }
    }
}

private enum Similarity {
    /// The cosine of the angle between two vectors.
    static func of(_ a: [Float], _ b: [Float]) -> Double {
        product(a, b) / (product(a, a) * product(b, b)).squareRoot()
    }

    static func product(_ a: [Float], _ b: [Float]) -> Double {
        zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
}
