import LMStudioCore
import LMStudioServer
import LMStudioTesting
import LMStudioWire
import Testing

@Suite(.timeLimit(.minutes(10))) struct FaultTests {
    private let host = ScriptedHost()

    /// The code with which the server closes, once the messages before it are read.
    private func closeCode(_ peer: Peer) async throws -> UInt16? {
        while let message = try await peer.next() {
            if case .close(let code) = message { return code }
        }
        throw Peer.Failure(description: "closed without a word")
    }

    @Test(arguments: [
        ("not masked", Peer.frame(0x1, [0x7B], isMasked: false)),
        ("compressed", [0xC1, 0x80, 0, 0, 0, 0]),
        ("no such opcode", Peer.frame(0x3, [])),
        ("a continuation of nothing", Peer.frame(0x0, [])),
        ("a message inside another", Peer.frame(0x1, [], isFinal: false) + Peer.frame(0x1, [])),
        ("a ping in parts", Peer.frame(0x9, [], isFinal: false)),
        ("a long ping", Peer.frame(0x9, [UInt8](repeating: 0, count: 126))),
        ("a close code of one byte", Peer.frame(0x8, [3])),
    ])
    func brokenFrameClosesTheConnection(name: String, bytes: [UInt8]) async throws {
        try await LMStudioServer.with(host) { server async throws in
            let peer = try await Peer.admitted(server)
            try await peer.send(bytes: bytes)
            #expect(try await closeCode(peer) == 1002, "\(name)")
        }
    }

    @Test func oversizedMessagesCloseTheConnection() async throws {
        try await LMStudioServer.with(host, { $0.maxFrameBytes = 1024 }) { server async throws in
            let whole = try await Peer.admitted(server)
            try await whole.send(String(repeating: " ", count: 1025))
            #expect(try await closeCode(whole) == 1009)
            let parts = try await Peer.admitted(server)
            let part = [UInt8](repeating: 0x20, count: 600)
            try await parts.send(bytes: Peer.frame(0x1, part, isFinal: false))
            try await parts.send(bytes: Peer.frame(0x0, part))
            #expect(try await closeCode(parts) == 1009)
            let endless = try await Peer.admitted(server)
            try await endless.send(bytes: [0x81, 0xFF] + [UInt8](repeating: 0xFF, count: 8))
            #expect(try await closeCode(endless) == 1009)
        }
    }

    @Test func clientThatIsNotAdmittedHasLittleToSay() async throws {
        try await LMStudioServer.with(host) { server async throws in
            let peer = try await Peer.upgraded(server)
            // The server may have hung up before it has got all of it.
            try? await peer.send(String(repeating: " ", count: 100_000))
            #expect(try await closeCode(peer) == 1009)
        }
    }

    @Test(arguments: [
        Array(Peer.frame(0x1, Array("{}".utf8)).dropLast()), [0x81],
        Peer.frame(0x1, [], isFinal: false),
    ])
    func halfAMessageAndSilenceClosesTheConnection(bytes: [UInt8]) async throws {
        try await LMStudioServer.with(
            host,
            { $0.partialFrameTimeout = .milliseconds(50) }
        ) { server async throws in
            let peer = try await Peer.admitted(server)
            try await peer.send(bytes: bytes)
            #expect(try await closeCode(peer) == 1002)
        }
    }

    @Test func pingsDoNotCompleteAMessage() async throws {
        try await LMStudioServer.with(
            host,
            { $0.partialFrameTimeout = .milliseconds(50) }
        ) { server async throws in
            let peer = try await Peer.admitted(server)
            try await peer.send(bytes: Peer.frame(0x1, [], isFinal: false))
            while true {
                // The server may have hung up meanwhile.
                try? await peer.send(bytes: Peer.frame(0x9, []))
                guard case .close(let code)? = try await peer.next() else { continue }
                #expect(code == 1002)
                break
            }
        }
    }

    @Test func closeIsAnsweredInKind() async throws {
        try await LMStudioServer.with(host) { server async throws in
            let peer = try await Peer.admitted(server)
            try await peer.send(bytes: Peer.frame(0x8, [0x03, 0xE8]))
            #expect(try await closeCode(peer) == 1000)
        }
    }

    @Test func connectionMayBreakAnywhere() async throws {
        let head = ["GET /llm HTTP/1.1", "Host: localhost"] + Peer.upgrade + ["", ""]
        let recorded =
            Array(head.joined(separator: "\r\n").utf8)
            + Peer.frame(0x1, Array(Credentials.guest().json.text.utf8))
            + Peer.frame(0x1, Array(PredictionTests.tree(0).utf8))
            + Peer.frame(0x9, [1, 2, 3])
        try await LMStudioServer.with(host) { server async throws in
            for length in 0...recorded.count {
                let peer = try await Peer.connect(server)
                if length > 0 { try await peer.send(bytes: recorded[..<length]) }
                try await peer.close()
            }
            let peer = try await Peer.admitted(server)
            #expect(try await peer.call("listLoaded").members?["result"] != nil)
        }
    }

    @Test func thousandConnectionsComeAndGo() async throws {
        try await LMStudioServer.with(host) { server async throws in
            for _ in 0..<1000 {
                try await Peer.connect(server).close()
            }
            let peer = try await Peer.admitted(server)
            #expect(try await peer.call("listLoaded").members?["result"] != nil)
        }
    }

    @Test func clientThatNeverReadsItsAnswersIsDropped() async throws {
        var script = ScriptedHost.Script()
        script.tokens = [Int32](repeating: 12345, count: 20000)
        let host = ScriptedHost(script: script)
        try await LMStudioServer.with(host, { $0.maxQueuedBytesPerConnection = 1 << 20 }) {
            server async throws in
            let peer = try await Peer.admitted(server)
            try await peer.setReading(false)
            let text = #"{"specifier":{"type":"query","query":{}},"inputString":"abc"}"#
            // Whoever is dropped cannot even send on.
            await #expect(throws: (any Error).self) {
                for id in 0..<100_000 {
                    try await peer.send(
                        #"{"type":"rpcCall","endpoint":"tokenize","callId":\#(id),"#
                            + #""parameter":\#(text)}"#
                    )
                }
            }
        }
    }
}
