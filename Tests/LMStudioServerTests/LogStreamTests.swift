import LMStudioCore
import LMStudioServer
import LMStudioTesting
import LMStudioWire
import Testing

/// What clients hear on `diagnostics.streamLogs`.
@Suite(.timeLimit(.minutes(10))) struct LogStreamTests {
    private static let tokens = [
        "sk-lm-abcdefgh:ABCDEFGHIJKLMNOPQRST", "sk-lm-ijklmnop:ABCDEFGHIJKLMNOPQRST",
    ]

    /// A client that listens already.
    private func listener(
        _ server: LMStudioServer,
        as credentials: Credentials = .guest()
    ) async throws -> Peer {
        let peer = try await Peer.admitted(server, "/diagnostics", as: credentials)
        try await peer.send(#"{"type":"channelCreate","endpoint":"streamLogs","channelId":0}"#)
        // Its answer comes when the channel is open.
        try await peer.send(#"{"type":"rpcCall","endpoint":"nothing","callId":1}"#)
        #expect(try await peer.json()["type"] == .string("rpcError"))
        return peer
    }

    /// The next record, and its kind.
    private func record(_ peer: Peer) async throws -> (kind: String?, data: JSONValue) {
        let frame = try await peer.json()
        #expect(frame["channelId"] == .integer(0))
        #expect(frame["message"]?["type"] == .string("log"))
        let log = try #require(frame["message"]?["log"])
        #expect((log["timestamp"]?.int ?? 0) > 1_700_000_000_000)
        let data = try #require(log["data"])
        return (data["type"]?.string, data)
    }

    /// Predicts, and reads all that comes.
    private func predict(_ server: LMStudioServer, as credentials: Credentials) async throws {
        let peer = try await Peer.admitted(server, as: credentials)
        try await peer.send(PredictionTests.tree(0))
        while try await peer.json()["type"] != .string("channelClose") {}
        try await peer.close()
    }

    @Test func tellsWhatModelsReadAndWrite() async throws {
        try await LMStudioServer.with(ScriptedHost()) { server async throws in
            let peer = try await listener(server)
            try await predict(server, as: .guest())
            var records: [String: JSONValue] = [:]
            while records.count < 2 {
                let (kind, data) = try await record(peer)
                if let kind { records[kind] = data }
            }
            let input = try #require(records["llm.prediction.input"])
            #expect(input["input"] == .string("My name is"))
            #expect(input["modelIdentifier"] == .string(ModelInstanceInfo.sample.identifier))
            #expect(input["modelPath"] == .string(ModelInstanceInfo.sample.model.path))
            let output = try #require(records["llm.prediction.output"])
            #expect(output["output"] == .string("Hello world"))
            #expect(output["stats"]?["stopReason"] == .string("eosFound"))
        }
    }

    @Test func tellsTheServersOwnLogUntilTheClientSaysStop() async throws {
        let log = LogRecorder()
        try await LMStudioServer.with(ScriptedHost(), { $0.logger = log.logger }) {
            server async throws in
            let peer = try await listener(server)
            try await peer.send(#"{"type":"channelSend","channelId":0,"message":{"type":"new"}}"#)
            #expect(try await peer.json()["type"] == .string("communicationWarning"))
            let (kind, data) = try await record(peer)
            #expect(kind == "server.log")
            #expect(data["level"] == .string("info"))
            let line = try #require(data["content"]?.string)
            #expect(line.contains("unknown message"))
            #expect(log.lines.contains { $0.contains(line) })
            try await peer.send(#"{"type":"channelSend","channelId":0,"message":{"type":"stop"}}"#)
            #expect(try await peer.json()["type"] == .string("channelClose"))
            try await predict(server, as: .guest())
            try await peer.send(#"{"type":"rpcCall","endpoint":"nothing","callId":2}"#)
            #expect(try await peer.json()["callId"] == .integer(2))
        }
    }

    @Test func withTokensTheTextsAreToldToTheirOwnersOnly() async throws {
        try await LMStudioServer.with(ScriptedHost(), { $0.apiTokens = Self.tokens }) {
            server async throws in
            let clients = try Self.tokens.map { try Credentials(token: $0) }
            let peers = [
                try await listener(server, as: clients[0]),
                try await listener(server, as: clients[1]),
            ]
            // What the server says of a client may have the client's words in it.
            try await peers[1].send(
                #"{"type":"channelSend","channelId":0,"message":{"type":"new"}}"#
            )
            #expect(try await peers[1].json()["type"] == .string("communicationWarning"))
            try await predict(server, as: clients[1])
            for _ in 1...2 { #expect(try await record(peers[1]).kind?.hasPrefix("llm.") == true) }
            try await peers[0].send(#"{"type":"rpcCall","endpoint":"nothing","callId":2}"#)
            #expect(try await peers[0].json()["callId"] == .integer(2))
        }
    }
}
