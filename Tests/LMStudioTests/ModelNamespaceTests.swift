import LMStudio
import LMStudioTesting
import Testing

@Suite struct ModelNamespaceTests {
    private let host = ScriptedHost()

    @Test func modelAsksForALoadedOneOrLoadsIt() async throws {
        var config = LoadConfig()
        config.contextLength = 99
        let client = LMStudioClient(host: host)
        let model = try await client.llm.model("key", config: config, ttl: .seconds(5))
        #expect(model.identifier == "sample-1b")
        #expect(
            host.record.loads == [
                LoadRequest(model: "key", config: config, timeToLive: .seconds(5))
            ]
        )
    }

    @Test func modelWithoutANameIsAnyModel() async throws {
        let client = LMStudioClient(host: host)
        _ = try await client.llm.model()
        #expect(host.record.loads == [LoadRequest()])
    }

    @Test func loadAsksForANewInstance() async throws {
        let client = LMStudioClient(host: host)
        _ = try await client.llm.load("key", identifier: "mine")
        let expected = LoadRequest(model: "key", identifier: "mine", reusesLoaded: false)
        #expect(host.record.loads == [expected])
    }

    @Test func loadProgressIsReported() async throws {
        let shares = Recorder<Double>()
        let client = LMStudioClient(host: host)
        _ = try await client.llm.load("key") { shares.record($0) }
        #expect(shares.values == [0, 0.5, 1])
    }

    @Test func hostsErrorIsThrown() async {
        var script = ScriptedHost.Script()
        script.error = LMStudioError(.modelNotFound, "there is no \"key\"")
        let client = LMStudioClient(host: ScriptedHost(script: script))
        let error = await #expect(throws: LMStudioError.self) {
            try await client.llm.model("key")
        }
        #expect(error?.code == .modelNotFound)
    }

    @Test func anotherContextLengthThanAskedForIsAnErrorWhereItIsVerified() async throws {
        var script = ScriptedHost.Script()
        script.loadConfig.contextLength = 4096
        let host = ScriptedHost(script: script)
        let client = LMStudioClient(host: host)
        var config = LoadConfig()
        config.contextLength = 8192
        _ = try await client.llm.model("key", config: config)
        let error = await #expect(throws: LMStudioError.self) {
            try await client.llm.model("key", config: config, verify: true)
        }
        #expect(error?.code == .invalidState)
        #expect(error?.message.contains("contextLength is 4096, not 8192") == true)
        #expect(host.record.unloads == [])
        config.contextLength = 4096
        _ = try await client.llm.model("key", config: config, verify: true)
    }

    @Test func unloadNamesTheInstance() async throws {
        let client = LMStudioClient(host: host)
        try await client.llm.unload("mine")
        #expect(host.record.unloads == [.query(ModelQuery(domain: .llm, identifier: "mine"))])
    }

    @Test func listLoadedLeavesOutEmbeddingModels() async throws {
        var script = ScriptedHost.Script()
        script.loaded = [.embeddingSample, .sample]
        let client = LMStudioClient(host: ScriptedHost(script: script))
        #expect(try await client.llm.listLoaded().map(\.identifier) == ["sample-1b"])
    }

    @Test func listDownloadedLeavesOutEmbeddingModels() async throws {
        var script = ScriptedHost.Script()
        script.downloaded = [.embeddingSample, .sample]
        let client = LMStudioClient(host: ScriptedHost(script: script))
        #expect(try await client.llm.listDownloaded() == [.sample])
    }
}
