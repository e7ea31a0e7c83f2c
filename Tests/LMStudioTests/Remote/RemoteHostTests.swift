import LMStudio
import LMStudioServer
import LMStudioTesting
import LMStudioWire
import Testing

@Suite struct RemoteHostTests {
    private func client(_ server: FakeServer) throws -> LMStudioClient {
        LMStudioClient(host: try RemoteHost(HostAddress(server.address)))
    }

    @Test func textComesWithProgressStatisticsAndConfiguration() async throws {
        let server = try await FakeServer(FakeServer.completing(["Hello", " world"]))
        let model = LLM(client: try client(server), identifier: "sample-1b")
        let seen = Recorder<String>()
        let stream = try model.completeStream(
            "My name is",
            config: PredictionConfig(maxTokens: 2, temperature: 0),
            preset: "mine",
            callbacks: .init(
                onPromptProgress: { seen.record("\($0)") },
                onFirstToken: { seen.record("first") }
            )
        )
        for try await fragment in stream { seen.record(fragment.content) }
        #expect(seen.values == ["0.0", "0.5", "1.0", "first", "Hello", " world"])
        let result = try await stream.result()
        #expect(result.content == "Hello world")
        #expect(result.stats.stopReason == .eosFound)
        #expect(result.stats.promptTokensCount == 3)
        #expect(result.modelInfo == .sample)
        #expect(result.loadConfig.contextLength == 4096)
        #expect(result.predictionConfig.temperature == 0)
        #expect(result.address == (try HostAddress(server.address)))
        let request = try #require(server.received.last)
        #expect(request.contains(#""endpoint":"predict""#))
        #expect(request.contains(#""fuzzyPresetIdentifier":"mine""#))
        #expect(request.contains("completeModeFormatting"))
        await server.stop()
    }

    /// Documented for all faces, and the published package's.
    @Test func serversAreGrantedAMinuteOfSilence() throws {
        let host = try RemoteHost(HostAddress("127.0.0.1:9"))
        #expect(host.defaultIdleTimeout == .seconds(60))
        #expect(host.keepsPatience)
    }

    @Test func serverIsToldToLoadADraftModel() async throws {
        let server = try await FakeServer(
            FakeServer.script { frame in
                guard case .rpcCall(_, let id, _) = frame else { return [] }
                return [.text(ServerFrame.rpcResult(id: id, result: .null).json.text)]
            }
        )
        let model = LLM(client: try client(server), identifier: "sample-1b")
        try await model.preloadDraftModel("tiny")
        let request = try #require(server.received.last)
        #expect(request.contains(#""endpoint":"preloadDraftModel""#))
        #expect(request.contains(#""draftModelKey":"tiny""#))
        #expect(request.contains("sample-1b"))
        await server.stop()
    }

    @Test func fileGoesToTheServer() async throws {
        let answer = #"{"identifier":"local:1","fileType":"image","sizeBytes":2}"#
        let json = try JSONValue(parsing: answer, as: "answer")
        let server = try await FakeServer(
            FakeServer.script { frame in
                guard case .rpcCall(_, let id, _) = frame else { return [] }
                return [.text(ServerFrame.rpcResult(id: id, result: json).json.text)]
            }
        )
        let host = try RemoteHost(HostAddress(server.address))
        let file = try await host.upload([104, 105], named: "x.png")
        let expected = ChatFile(
            name: "x.png",
            identifier: "local:1",
            sizeBytes: 2,
            fileType: "image"
        )
        #expect(file == expected)
        let request = try #require(server.received.last)
        #expect(request.contains(#""endpoint":"uploadFileBase64""#))
        #expect(request.contains(#""contentBase64":"aGk=""#))
        await server.stop()
    }

    @Test func answerWithoutAFileIsAnError() async throws {
        let server = try await FakeServer(FakeServer.completing([]))
        let host = try RemoteHost(HostAddress(server.address))
        let error = await #expect(throws: LMStudioError.self) {
            _ = try await host.upload([], named: "x.png")
        }
        #expect(error?.code == .server)
        await server.stop()
    }

    @Test func aChatGoesToTheServerAsItIs() async throws {
        let server = try await FakeServer(FakeServer.completing(["Hello", " world"]))
        let model = LLM(client: try client(server), identifier: "sample-1b")
        let result = try await model.respond(Chat("Hi", system: "Be brief"))
        #expect(result.content == "Hello world")
        #expect(result.nonReasoningContent == "Hello world")
        let request = try #require(server.received.last)
        #expect(
            request.contains(
                #""history":{"messages":[{"content":[{"text":"Be brief","type":"text"}],"#
                    + #""role":"system"},{"content":[{"text":"Hi","type":"text"}],"role":"user"}]}"#
            )
        )
        #expect(!request.contains("completeModeFormatting"))
        await server.stop()
    }

    @Test func silentServerTimesOutAndIsToldToStop() async throws {
        let server = try await FakeServer(FakeServer.script { _ in [] })
        let model = LLM(client: try client(server), identifier: "sample-1b")
        let patience = Timeouts(idle: .milliseconds(50))
        let error = await #expect(throws: LMStudioError.self) {
            _ = try await model.complete("My name is", timeouts: patience)
        }
        #expect(error?.code == .timedOut)
        await server.wait { $0.last?.contains("cancel") == true }
        let other = await #expect(throws: LMStudioError.self) {
            _ = try await model.countTokens("text", timeouts: Timeouts(total: .milliseconds(20)))
        }
        #expect(other?.code == .timedOut)
        await server.stop()
    }

    /// A prediction or a load that waits its turn at a server is not silent.
    @Test func repeatedProgressIsASignOfLife() async throws {
        var script = ScriptedHost.Script()
        script.events = [.promptProgress(0)]
        script.ending = .stopped
        script.loadProgress = [0.5]
        script.loadWaits = true
        try await LMStudioServer.with(
            ScriptedHost(script: script),
            { $0.progressInterval = .milliseconds(20) }
        ) { server async throws in
            let client = try await LMStudioClient(server.addresses[0])
            let model = LLM(client: client, identifier: "sample-1b")
            let limits = Timeouts(total: .seconds(3), idle: .seconds(1))
            let one = await #expect(throws: LMStudioError.self) {
                _ = try await model.complete("text", timeouts: limits)
            }
            #expect(one?.message.contains("timeout of 3.0 s") == true, "\(one?.message ?? "")")
            let many = await #expect(throws: LMStudioError.self) {
                _ = try await model.completeMany(["text", "text"], timeouts: limits)
            }
            #expect(many?.message.contains("timeout of 3.0 s") == true, "\(many?.message ?? "")")
            let shares = Recorder<Double>()
            let load = await #expect(throws: LMStudioError.self) {
                _ = try await client.llm.load("sample-1b", timeouts: limits) { shares.record($0) }
            }
            #expect(load?.message.contains("timeout of 3.0 s") == true, "\(load?.message ?? "")")
            #expect(shares.values == [0.5])
            client.close()
        }
    }

    @Test func lossFailsAtOnceAndTheNextCallReconnects() async throws {
        let server = try await FakeServer(FakeServer.endless)
        let model = LLM(client: try client(server), identifier: "sample-1b")
        for round in 1...3 {
            let stream = try model.completeStream("My name is")
            var iterator = stream.makeAsyncIterator()
            #expect(try await iterator.next()?.content == "a")
            await server.dropAll()
            let error = await #expect(throws: LMStudioError.self) { _ = try await iterator.next() }
            #expect(error?.code == .connection)
            #expect(try await model.countTokens("text") == 3)
            #expect(server.connectionCount == round + 1)
        }
        await server.stop()
    }

    @Test func wrongTokenIsToldWithoutTheToken() async throws {
        let server = try await FakeServer { _, _ in
            [.text(#"{"success":false,"error":"no such token"}"#), .close]
        }
        let token = "sk-lm-abcdefgh:01234567890123456789"
        let host = try RemoteHost(HostAddress(server.address), apiToken: token)
        let error = await #expect(throws: LMStudioError.self) {
            _ = try await host.listLoaded(.llm)
        }
        #expect(error?.message.contains("no such token") == true)
        #expect(error?.message.contains("01234567890123456789") == false)
        #expect(server.received.first?.contains(#""clientIdentifier":"abcdefgh""#) == true)
        await server.stop()
    }

    @Test func noTokenIsLogged() async throws {
        let log = LogRecorder()
        let server = try await FakeServer { text, _ in
            // Whatever is said to it, it says too, which is no JSON.
            [.text(text + "}"), .text(#"{"success":false,"error":"no such token"}"#), .close]
        }
        let passkey = "01234567890123456789"
        let host = try RemoteHost(
            HostAddress(server.address),
            apiToken: "sk-lm-abcdefgh:\(passkey)",
            logger: log.logger
        )
        let error = await #expect(throws: LMStudioError.self) {
            _ = try await host.listLoaded(.llm)
        }
        #expect(error?.message.contains("no such token") == true)
        #expect(!log.lines.isEmpty)
        #expect(!log.lines.contains { $0.contains(passkey) }, "\(log.lines)")
        await server.stop()
    }

    @Test func nobodyThereIsSaidAtOnce() async throws {
        // A port that no other test's server can be given.
        let address = "ws://127.0.0.1:9"
        let host = try RemoteHost(HostAddress(address))
        let error = await #expect(throws: LMStudioError.self) {
            _ = try await host.listLoaded(.llm)
        }
        #expect(error?.code == .connection)
        #expect(
            error?.message
                == "LM Studio is not reachable at \(address): connection refused. "
                + "Is LM Studio running?"
        )
    }

    @Test func serverErrorsKeepTheirDetails() async throws {
        let server = try await FakeServer(
            FakeServer.script { frame in
                guard case .rpcCall(_, let id, _) = frame else { return [] }
                return [
                    .text(
                        #"""
                        {"type":"rpcError","callId":\#(id),"error":{"title":"No model found","cause":"none",
                        "displayData":{"code":"generic.noModelMatchingQuery","query":{"identifier":"x"},
                        "loadedModelsSample":["y"],"totalLoadedModels":1}}}
                        """#
                    )
                ]
            }
        )
        let model = LLM(client: try client(server), identifier: "x")
        let error = await #expect(throws: LMStudioError.self) { _ = try await model.info() }
        #expect(error?.code == .modelNotFound)
        #expect(error?.details?.title == "No model found")
        await server.stop()
    }

    @Test func textsAreEmbeddedByCallsAtOnceAndComeInOrder() async throws {
        // The first call is answered with the second: one after the other would wait for ever.
        let calls = Recorder<(id: Int, length: Int)>()
        let server = try await FakeServer(
            FakeServer.script { frame in
                guard case .rpcCall("embedString", let id, let parameter) = frame else { return [] }
                calls.record((id, parameter?.members?["inputString"]?.string?.count ?? 0))
                let all = calls.values
                return (all.count == 1 ? [] : all.count == 2 ? all[...] : all.suffix(1)).map {
                    let vector = JSONValue.array([.number(Double($0.length))])
                    let result = JSONValue.object(["embedding": vector])
                    return .text(ServerFrame.rpcResult(id: $0.id, result: result).json.text)
                }
            }
        )
        let model = EmbeddingModel(client: try client(server), identifier: "e")
        let texts = (1...200).map { String(repeating: "a", count: $0) }
        #expect(try await model.embed(texts) == (1...200).map { [Float($0)] })
        #expect(server.connectionCount == 1)
        let call = try #require(server.received.last)
        #expect(
            call.contains(#""modelSpecifier":{"query":{"domain":"embedding","identifier":"e"}"#)
        )
        await server.stop()
    }

    @Test(arguments: [("[1, 2]", "[1]"), ("[1]", "[1, 2]"), ("[]", "[]")])
    func vectorsOfDifferentWidthsAreRefused(first: String, others: String) async throws {
        let server = try await FakeServer(
            FakeServer.script { frame in
                guard case .rpcCall("embedString", let id, let parameter) = frame else { return [] }
                let vector = parameter?["inputString"] == .string("a") ? first : others
                let result = #"{"embedding":\#(vector)}"#
                return [.text(#"{"type":"rpcResult","callId":\#(id),"result":\#(result)}"#)]
            }
        )
        let model = EmbeddingModel(client: try client(server), identifier: "e")
        let error = await #expect(throws: LMStudioError.self) {
            _ = try await model.embed(["a", "b", "c"])
        }
        #expect(error?.code == .server)
        await server.stop()
    }

    @Test func timeoutOfManyTextsIsThatOfAll() async throws {
        let server = try await FakeServer(FakeServer.script { _ in [] })
        let model = EmbeddingModel(client: try client(server), identifier: "e")
        let error = await #expect(throws: LMStudioError.self) {
            _ = try await model.embed(["a", "b"], timeouts: Timeouts(total: .milliseconds(20)))
        }
        #expect(error?.code == .timedOut)
        #expect(error?.message.contains("0.02 s") == true)
        await server.stop()
    }

    @Test func hundredPredictionsShareAConnection() async throws {
        let server = try await FakeServer(FakeServer.completing(["a", "b"]))
        let model = LLM(client: try client(server), identifier: "sample-1b")
        let texts = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<100 { group.addTask { try await model.complete("text").content } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(texts == Array(repeating: "ab", count: 100))
        #expect(server.connectionCount == 1)
        await server.stop()
    }
}
