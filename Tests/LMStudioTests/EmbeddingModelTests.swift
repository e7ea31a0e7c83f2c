import LMStudio
import LMStudioTesting
import Testing

@Suite struct EmbeddingModelTests {
    private let host = ScriptedHost()
    private var client: LMStudioClient { LMStudioClient(host: host) }
    private let name = ModelSpecifier.query(ModelQuery(domain: .embedding, identifier: "e"))

    private func model(_ identifier: String = "e") -> EmbeddingModel {
        EmbeddingModel(client: client, identifier: identifier)
    }

    @Test func oneTextHasAVectorAndSeveralHaveSeveral() async throws {
        let model = model()
        #expect(try await model.embed("a") == [0.6, 0.8])
        #expect(try await model.embed(["b", "c"]) == [[0.6, 0.8], [0.6, 0.8]])
        #expect(host.record.texts == ["a", "b", "c"])
        #expect(host.record.models == [name, name])
    }

    @Test func forNoTextNobodyIsAsked() async throws {
        #expect(try await model().embed([]) == [])
        #expect(host.record.models == [])
    }

    @Test func callsNameTheEmbeddingModel() async throws {
        let model = model()
        #expect(try await model.tokenize("a") == [1, 22, 333])
        #expect(try await model.countTokens("a") == 3)
        _ = try await model.info()
        _ = try await model.loadConfig()
        _ = try await model.contextLength()
        try await model.unload()
        #expect(host.record.models == Array(repeating: name, count: 5))
        #expect(host.record.unloads == [name])
    }

    @Test func loadingAsksForAnEmbeddingModel() async throws {
        let namespace = client.embedding
        let progress = Recorder<Double>()
        let model = try await namespace.model("e", ttl: .seconds(5)) { progress.record($0) }
        #expect(model.identifier == "sample-1b")
        #expect(progress.values == [0, 0.5, 1])
        _ = try await namespace.load("e", identifier: "mine")
        #expect(
            host.record.loads == [
                LoadRequest(model: "e", domain: .embedding, timeToLive: .seconds(5)),
                LoadRequest(
                    model: "e",
                    identifier: "mine",
                    domain: .embedding,
                    reusesLoaded: false
                ),
            ]
        )
    }

    @Test func listsLeaveOutLanguageModels() async throws {
        var script = ScriptedHost.Script()
        script.loaded = [.embeddingSample, .sample]
        script.downloaded = [.embeddingSample, .sample]
        let client = LMStudioClient(host: ScriptedHost(script: script))
        #expect(
            try await client.embedding.listLoaded().map(\.identifier) == ["text-embedding-sample"]
        )
        #expect(try await client.embedding.listDownloaded() == [.embeddingSample])
        #expect(try await client.llm.listLoaded().count == 1)
    }

    @Test func handlesOfOneInstanceAreEqual() {
        let client = client
        let model = EmbeddingModel(client: client, identifier: "e")
        #expect(model == EmbeddingModel(client: client, identifier: "e"))
        #expect(model != EmbeddingModel(client: client, identifier: "f"))
        #expect(model != EmbeddingModel(client: self.client, identifier: "e"))
    }
}
