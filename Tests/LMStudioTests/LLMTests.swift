import LMStudio
import LMStudioTesting
import Testing

@Suite struct LLMTests {
    private let host = ScriptedHost()
    private let client: LMStudioClient

    init() {
        client = LMStudioClient(host: host)
    }

    @Test func completeGivesTheWholeText() async throws {
        let result = try await client.llm.model().complete("Hi")
        #expect(result.content == "Hello world")
        #expect(result.description == "Hello world")
        #expect(result.stats.stopReason == .eosFound)
    }

    @Test func promptAndConfigurationReachTheHost() async throws {
        let config = PredictionConfig(maxTokens: 3, temperature: 0)
        _ = try await client.llm.model().complete("Hi", config: config)
        #expect(
            host.record.predictions == [
                PredictionRequest(
                    model: .identifier("sample-1b"),
                    input: .text("Hi"),
                    config: config
                )
            ]
        )
    }

    @Test func streamedTextIsTheCompletedText() async throws {
        let model = try await client.llm.model()
        var text = ""
        for try await fragment in try model.completeStream("Hi") { text += fragment.content }
        #expect(try await model.complete("Hi").content == text)
    }

    @Test func callbacksAreToldOfTheWay() async throws {
        let calls = Recorder<String>()
        let callbacks = PredictionStream.Callbacks(
            onPromptProgress: { calls.record("\($0)") },
            onFirstToken: { calls.record("first") }
        )
        _ = try await client.llm.model().complete("Hi", callbacks: callbacks)
        #expect(calls.values == ["0.0", "1.0", "first"])
    }

    @Test func emptyPromptIsRefusedBeforeTheHostIsAsked() async throws {
        let model = try await client.llm.model()
        let error = await #expect(throws: LMStudioError.self) { try await model.complete("") }
        #expect(error?.code == .invalidArgument)
        #expect(host.record.predictions == [])
    }

    @Test func optionOutsideItsRangeIsRefusedBeforeTheHostIsAsked() async throws {
        let model = try await client.llm.model()
        let error = #expect(throws: LMStudioError.self) {
            try model.completeStream("Hi", config: PredictionConfig(temperature: -1))
        }
        #expect(error?.code == .invalidArgument)
        #expect(host.record.predictions == [])
    }

    @Test func hostsFailureIsThrown() async throws {
        var script = ScriptedHost.Script()
        script.ending = .failed(LMStudioError(.engine, "out of memory"))
        let failing = LMStudioClient(host: ScriptedHost(script: script))
        let model = try await failing.llm.model()
        let error = await #expect(throws: LMStudioError.self) { try await model.complete("Hi") }
        #expect(error?.code == .engine)
    }

    @Test func cancellingTheTaskStopsTheWork() async throws {
        var script = ScriptedHost.Script()
        script.ending = .stopped
        let endless = ScriptedHost(script: script)
        let model = try await LMStudioClient(host: endless).llm.model()
        let (started, start) = AsyncStream.makeStream(of: Void.self)
        let task = Task {
            try await model.complete("Hi", callbacks: .init(onFirstToken: { start.finish() }))
        }
        for await _ in started {}
        task.cancel()
        let error = await #expect(throws: LMStudioError.self) { try await task.value }
        #expect(error?.code == .cancelled)
        #expect(endless.record.stops == 1)
    }

    @Test func leavingTheLoopStopsTheWork() async throws {
        var script = ScriptedHost.Script()
        script.ending = .stopped
        let endless = ScriptedHost(script: script)
        let model = try await LMStudioClient(host: endless).llm.model()
        for try await _ in try model.completeStream("Hi") { break }
        #expect(endless.record.stops == 1)
    }

    // MARK: What it says of itself

    @Test func tokensAreTheHosts() async throws {
        let model = try await client.llm.model()
        #expect(try await model.tokenize("Hi") == [1, 22, 333])
        #expect(try await model.countTokens("Hi") == 3)
        #expect(host.record.texts == ["Hi", "Hi"])
    }

    @Test func informationIsTheHosts() async throws {
        let model = try await client.llm.model()
        #expect(try await model.info() == .sample)
        #expect(try await model.contextLength() == 4096)
        #expect(try await model.loadConfig() == LoadConfig())
        #expect(host.record.models.allSatisfy { $0 == .identifier("sample-1b") })
    }

    @Test func unloadNamesTheInstance() async throws {
        try await client.llm.model().unload()
        #expect(host.record.unloads == [.query(ModelQuery(domain: .llm, identifier: "sample-1b"))])
    }

    // MARK: Equality

    @Test func handlesOfOneInstanceAreEqual() async throws {
        let (a, b) = (try await client.llm.model(), try await client.llm.model())
        #expect(a == b)
        #expect(Set([a, b]).count == 1)
    }

    @Test func handlesOfTwoClientsDiffer() async throws {
        let other = LMStudioClient(host: host)
        #expect(try await client.llm.model() != other.llm.model())
    }

    @Test func handlesOfTwoInstancesDiffer() async throws {
        var script = ScriptedHost.Script()
        var second = ModelInstanceInfo.sample
        second.identifier = "sample-1b:2"
        script.loaded = [.sample, second]
        let handles = try await LMStudioClient(host: ScriptedHost(script: script)).llm.listLoaded()
        #expect(Set(handles).count == 2)
    }
}
