import LMStudio
import LMStudioTesting
import Testing

@Suite struct LMStudioClientTests {
    /// Hands out one host, and keeps the directories it was made for.
    private struct Engine {
        let host = ScriptedHost()
        let directories = Recorder<String?>()

        var local: InProcessHost {
            InProcessHost { [host, directories] directory in
                directories.record(directory)
                return host
            }
        }
    }

    private let engine = Engine()

    @Test(arguments: [("local:", nil), ("LOCAL:/srv/Models", "/srv/Models")])
    func localAddressMakesAHostForItsDirectory(address: String, directory: String?) async throws {
        let client = try await LMStudioClient(address, local: engine.local)
        #expect(client.address == engine.host.address)
        #expect(engine.directories.values == [directory])
    }

    @Test func withoutAnAddressAServerIsTakenIfOneAnswers() async throws {
        let found = HostAddress.server(host: "127.0.0.1", port: 1, path: "", isSecure: false)
        let client = try await LMStudioClient(choosing: "", local: engine.local) { found }
        #expect(client.address == found)
        #expect(engine.directories.values == [])
    }

    @Test func withoutAServerTheAutomaticChoiceIsThisProcess() async throws {
        let client = try await LMStudioClient(choosing: "", local: engine.local) { nil }
        #expect(client.address == engine.host.address)
        #expect(engine.directories.values == [nil])
    }

    @Test func withoutAServerAndAnEngineNothingIsReachable() async throws {
        let error = await #expect(throws: LMStudioError.self) {
            try await LMStudioClient(choosing: "", local: nil) { nil }
        }
        #expect(error?.code == .connection)
        #expect(error?.message.contains("Is LM Studio running?") == true)
    }

    @Test(arguments: [" ", "host:70000", "user@host"])
    func whatIsNoAddressIsRefused(address: String) async {
        let error = await #expect(throws: LMStudioError.self) {
            try await LMStudioClient(address, local: engine.local)
        }
        #expect(error?.code == .invalidArgument)
    }

    @Test(arguments: [
        ("localhost", "ws://localhost:1234"), ("HTTP://Host:80/x/", "ws://host:80/x"),
        ("wss://example.com", "wss://example.com:1234"), ("[::1]:80", "ws://[::1]:80"),
    ])
    func serversAddressIsTakenWithoutAskingIt(address: String, name: String) async throws {
        let client = try await LMStudioClient(address, local: engine.local)
        #expect(client.address.description == name)
        #expect(engine.directories.values == [])
    }

    @Test(arguments: ["sk-lm-short:x", "secret", "sk-lm-abcdefgh:0123456789012345678!"])
    func malformedTokenIsRefusedAndNotRepeated(token: String) async throws {
        var options = ClientOptions()
        options.apiToken = token
        let error = await #expect(throws: LMStudioError.self) {
            try await LMStudioClient("localhost", options: options)
        }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains(token) == false)
    }

    @Test(arguments: ["wss://localhost", "ws://localhost", "local:"])
    func unreadableCertificatesAreNamed(address: String) async throws {
        var options = ClientOptions()
        for (file, reason) in [
            ("/nonexistent.pem", "no such file or directory"),
            (#filePath, "it holds no certificate in PEM form"),
        ] {
            options.caFile = file
            let error = await #expect(throws: LMStudioError.self) {
                try await LMStudioClient(address, local: engine.local, options: options)
            }
            #expect(error?.code == .invalidArgument)
            #expect(error?.description.hasPrefix("\"\(file)\" is no CA file: \(reason); ") == true)
        }
    }

    @Test func anEmptyImageIsRefused() async throws {
        let client = try await LMStudioClient("localhost")
        let error = await #expect(throws: LMStudioError.self) {
            try await client.prepareImage([], name: "x.png")
        }
        #expect(error?.message == "the file \"x.png\" is empty; hand over an image")
    }

    @Test func localAddressWithoutAnEngineIsUnsupported() async {
        let error = await #expect(throws: LMStudioError.self) {
            try await LMStudioClient("local:")
        }
        #expect(error?.code == .unsupported)
    }

    @Test func clientOfAHostHasItsAddress() {
        let host = ScriptedHost(
            address: .server(host: "h", port: 1, path: "", isSecure: false)
        )
        #expect(LMStudioClient(host: host).address == host.address)
    }

    // MARK: Closing

    /// What every call of a closed client must do.
    enum Call: CaseIterable {
        case model, load, unload, listLoaded, listDownloaded
        case complete, completeStream, tokenize, countTokens, info, loadConfig, contextLength
        case unloadModel

        func make(_ client: LMStudioClient, _ llm: LLM) async throws {
            switch self {
            case .model: _ = try await client.llm.model()
            case .load: _ = try await client.llm.load("m")
            case .unload: try await client.llm.unload("m")
            case .listLoaded: _ = try await client.llm.listLoaded()
            case .listDownloaded: _ = try await client.llm.listDownloaded()
            case .complete: _ = try await llm.complete("x")
            case .completeStream: _ = try llm.completeStream("x")
            case .tokenize: _ = try await llm.tokenize("x")
            case .countTokens: _ = try await llm.countTokens("x")
            case .info: _ = try await llm.info()
            case .loadConfig: _ = try await llm.loadConfig()
            case .contextLength: _ = try await llm.contextLength()
            case .unloadModel: try await llm.unload()
            }
        }
    }

    @Test(arguments: Call.allCases)
    func closedClientRefusesTheCall(call: Call) async throws {
        let client = LMStudioClient(host: engine.host)
        let llm = try await client.llm.model()
        client.close()
        let error = await #expect(throws: LMStudioError.self) { try await call.make(client, llm) }
        #expect(error?.code == .invalidState)
    }

    @Test func closingTwiceDoesNothing() {
        let client = LMStudioClient(host: engine.host)
        client.close()
        client.close()
    }

    @Test func closingEndsThePredictionsWithCancelled() async throws {
        var script = ScriptedHost.Script()
        script.ending = .stopped
        let host = ScriptedHost(script: script)
        let client = LMStudioClient(host: host)
        let llm = try await client.llm.model()
        let streams = try [llm.completeStream("a"), llm.completeStream("b")]
        client.close()
        for stream in streams {
            let error = await #expect(throws: LMStudioError.self) { try await stream.result() }
            #expect(error?.code == .cancelled)
        }
        #expect(host.record.stops == 2)
    }

    @Test func closingLeavesAFinishedPredictionAlone() async throws {
        let client = LMStudioClient(host: engine.host)
        let stream = try await client.llm.model().completeStream("a")
        client.close()
        #expect(try await stream.result().content == "Hello world")
    }

    @Test func manyPredictionsMayComeAndGo() async throws {
        let client = LMStudioClient(host: engine.host)
        let llm = try await client.llm.model()
        for _ in 0..<100 { _ = try await llm.complete("a") }
        #expect(engine.host.record.predictions.count == 100)
    }

    @Test func closingLetsGoOfTheHost() {
        weak var weakHost: ScriptedHost?
        let client: LMStudioClient
        do {
            let host = ScriptedHost()
            weakHost = host
            client = LMStudioClient(host: host)
        }
        client.close()
        #expect(weakHost == nil)
    }

    // MARK: Scopes

    @Test func connectionGivesAnOpenClientAndClosesIt() async throws {
        let client = try await LMStudioClient.withConnection(to: "local:", local: engine.local) {
            _ = try await $0.llm.listLoaded()
            return $0
        }
        let error = await #expect(throws: LMStudioError.self) {
            try await client.llm.listLoaded()
        }
        #expect(error?.code == .invalidState)
    }

    @Test func connectionIsClosedWhenItsBodyThrows() async {
        let clients = Recorder<LMStudioClient>()
        await #expect(throws: CancellationError.self) {
            try await LMStudioClient.withConnection(to: "local:", local: engine.local) { client in
                clients.record(client)
                throw CancellationError()
            }
        }
        let error = await #expect(throws: LMStudioError.self) {
            try await clients.values.first?.llm.listLoaded()
        }
        #expect(error?.code == .invalidState)
    }
}
