import LMStudio
import LMStudioCore
import LMStudioTesting
import LMStudioWire
import Testing

/// Answers to calls that hold what this version cannot read.
@Suite struct RemoteAnswerTests {
    /// A server that answers every call with `result`.
    private func answering(_ result: String) async throws -> FakeServer {
        try await FakeServer(
            FakeServer.script { frame in
                guard case .rpcCall(_, let id, _) = frame else { return [] }
                return [.text(#"{"type":"rpcResult","callId":\#(id),"result":\#(result)}"#)]
            }
        )
    }

    @Test func modelsOfUnknownTypesAreLeftOutAndWarnedOfOnceAType() async throws {
        let known = ModelInstanceInfo.sample.json.text
        let server = try await answering(
            #"[{"type":"tts"},\#(known),{"type":"tts"},{"type":"llm"},7]"#
        )
        let log = LogRecorder()
        let host = try RemoteHost(HostAddress(server.address), logger: log.logger)
        for _ in 1...2 { #expect(try await host.listLoaded(.llm) == [.sample]) }
        let warnings = log.lines.filter { $0.hasPrefix("warning ") }
        #expect(warnings.count == 3, "\(warnings)")
        #expect(warnings.first?.contains(#"of type "tts", which is left out"#) == true)
        await server.stop()
    }

    @Test(arguments: ["[1,\"x\"]", "[1,2.5]", "[1,null]", "[4294967296]"])
    func tokensThatCannotBeReadAreAFailure(tokens: String) async throws {
        let server = try await answering(#"{"tokens":\#(tokens)}"#)
        let host = try RemoteHost(HostAddress(server.address))
        let error = await #expect(throws: LMStudioError.self) {
            _ = try await host.tokenize("x", with: .any)
        }
        #expect(error?.code == .server)
        #expect(error?.message.contains("answer to tokenize makes no sense") == true)
        await server.stop()
    }

    @Test(arguments: ["5", "[]", #""x""#])
    func configurationsThatCannotBeReadAreAFailure(answer: String) async throws {
        let server = try await answering(answer)
        let host = try RemoteHost(HostAddress(server.address))
        let load = await #expect(throws: LMStudioError.self) { _ = try await host.loadConfig(.any) }
        #expect(load?.message.contains("answer to getLoadConfig makes no sense") == true)
        let base = await #expect(throws: LMStudioError.self) {
            _ = try await host.basePredictionConfig(.any)
        }
        #expect(base?.message.contains("answer to getBasePredictionConfig makes no sense") == true)
        await server.stop()
    }

    @Test func aLoadThatDoesNotSayWhatItLoadedIsAFailure() async throws {
        let server = try await FakeServer(
            FakeServer.script { frame in
                guard case .channelCreate(_, let id, _) = frame else { return [] }
                let message: JSONValue = .object(["type": .string("loadSuccess")])
                return [.text(ServerFrame.channelSend(id: id, message: message).json.text)]
            }
        )
        let host = try RemoteHost(HostAddress(server.address))
        let error = await #expect(throws: LMStudioError.self) {
            _ = try await host.load(LoadRequest(model: "sample-1b")) { _ in }
        }
        #expect(error?.code == .server)
        #expect(error?.message.contains("makes no sense") == true)
        await server.stop()
    }

    @Test func wholeTokensMayHaveAPoint() async throws {
        let server = try await answering(#"{"tokens":[1,2.0]}"#)
        let host = try RemoteHost(HostAddress(server.address))
        #expect(try await host.tokenize("x", with: .any) == [1, 2])
        await server.stop()
    }

    @Test func valuesOfOptionsThatAreUnknownAreLeftOutAndWarnedOfOnce() async throws {
        let keys = [
            "llm.prediction.contextOverflowPolicy", "llm.load.llama.kCacheQuantizationType",
            "llm.load.llama.vCacheQuantizationType",
        ]
        let words = ["forget", "q9_9", "q8_8"]
        let fields = [
            #"{"key":"\#(keys[0])","value":"\#(words[0])"}"#,
            #"{"key":"\#(keys[1])","value":{"checked":true,"value":"\#(words[1])"}}"#,
            #"{"key":"\#(keys[2])","value":{"checked":true,"value":"\#(words[2])"}}"#,
            #"{"key":"llm.prediction.temperature","value":0.5}"#,
            #"{"key":"llm.load.contextLength","value":512}"#,
        ]
        let server = try await answering(#"{"fields":[\#(fields.joined(separator: ","))]}"#)
        let log = LogRecorder()
        let host = try RemoteHost(HostAddress(server.address), logger: log.logger)
        for _ in 1...2 {
            let prediction = try await host.basePredictionConfig(.any)
            #expect(prediction.temperature == 0.5)
            #expect(prediction.contextOverflowPolicy == nil)
            let load = try await host.loadConfig(.any)
            #expect(load.contextLength == 512)
            #expect(load.keyCacheType == nil)
        }
        let warnings = log.lines.filter { $0.hasPrefix("warning ") }
        #expect(warnings.count == 3, "\(warnings)")
        for (key, value) in zip(keys, words) {
            #expect(warnings.contains { $0.contains(key) && $0.contains("\"\(value)\"") })
        }
        await server.stop()
    }
}
