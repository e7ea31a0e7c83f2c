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

    @Test func wholeTokensMayHaveAPoint() async throws {
        let server = try await answering(#"{"tokens":[1,2.0]}"#)
        let host = try RemoteHost(HostAddress(server.address))
        #expect(try await host.tokenize("x", with: .any) == [1, 2])
        await server.stop()
    }
}
