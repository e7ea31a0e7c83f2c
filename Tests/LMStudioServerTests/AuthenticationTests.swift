import LMStudioCore
import LMStudioServer
import LMStudioTesting
import LMStudioWire
import Testing

@Suite(.timeLimit(.minutes(10))) struct AuthenticationTests {
    private let host = ScriptedHost()
    private static let token = "sk-lm-abcdefgh:01234567890123456789"

    private func answer(_ server: LMStudioServer, _ text: String) async throws -> [Peer.Message] {
        let peer = try await Peer.upgraded(server)
        try await peer.send(text)
        var messages: [Peer.Message] = []
        while let message = try await peer.next() { messages.append(message) }
        return messages
    }

    private func auth(_ identifier: String, _ passkey: String) -> String {
        Credentials(clientIdentifier: identifier, clientPasskey: passkey).json.text
    }

    @Test func otherMessagesAreIgnoredUntilTheAuthentication() async throws {
        try await LMStudioServer.with(host) { server async throws in
            let peer = try await Peer.upgraded(server)
            try await peer.send("not JSON")
            try await peer.send(#"{"type":"rpcCall","endpoint":"listLoaded","callId":0}"#)
            try await peer.send(auth("usRJLuWEjCMyB3zrhWBxX+LM", "a/b"))
            #expect(try await peer.text() == #"{"success":true}"#)
        }
    }

    @Test func silenceIsRefused() async throws {
        try await LMStudioServer.with(
            host,
            // Enough for the upgrade on a busy machine.
            { $0.authenticationTimeout = .seconds(10) }
        ) { server async throws in
            let refusal = #"{"error":"Authentication timed out","success":false}"#
            #expect(try await answer(server, "hello") == [.text(refusal), .close(nil)])
        }
    }

    @Test func callBehindTheAuthenticationIsAnswered() async throws {
        try await LMStudioServer.with(host) { server async throws in
            let peer = try await Peer.connect(server)
            let call = #"{"type":"rpcCall","endpoint":"version","callId":0}"#
            let head = ["GET /system HTTP/1.1", "Host: localhost"] + Peer.upgrade + ["", ""]
            // All in one segment.
            try await peer.send(
                bytes: Array(head.joined(separator: "\r\n").utf8)
                    + Peer.frame(0x1, Array(auth("a", "b").utf8))
                    + Peer.frame(0x1, Array(call.utf8))
            )
            #expect(try await peer.head().hasPrefix("HTTP/1.1 101 "))
            #expect(try await peer.text() == #"{"success":true}"#)
            #expect(try await peer.json().members?["callId"] == .integer(0))
        }
    }

    @Test func identityHoldsItsPasskeyWhileItIsConnected() async throws {
        try await LMStudioServer.with(host) { server async throws in
            let me = Credentials(clientIdentifier: "dup", clientPasskey: "one")
            let first = try await Peer.admitted(server, as: me)
            let second = try await Peer.admitted(server, "/system", as: me)
            let refusal =
                #"{"error":"Failed to validate client: Invalid client passkey for client \"dup\"","#
                + #""success":false}"#
            #expect(
                try await answer(server, auth("dup", "two")) == [.text(refusal), .close(nil)]
            )
            for peer in [first, second] {
                try await peer.send(bytes: Peer.frame(0x8, []))
                #expect(try await peer.next() == .close(nil))
                #expect(try await peer.next() == nil)
            }
            let other = Credentials(clientIdentifier: "dup", clientPasskey: "two")
            _ = try await Peer.admitted(server, as: other)
        }
    }

    @Test func onlyTokensOpenAServerThatHasSome() async throws {
        try await LMStudioServer.with(host, { $0.apiTokens = [Self.token] }) {
            server async throws in
            _ = try await Peer.admitted(server, as: try Credentials(token: Self.token))
            for (identifier, passkey) in [
                ("guest:1", "x"), ("abcdefgh", "01234567890123456788"), ("abcdefgh", ""),
            ] {
                let messages = try await answer(server, auth(identifier, passkey))
                #expect(messages.last == .close(nil))
                guard case .text(let text)? = messages.first else {
                    Issue.record("\(messages)")
                    continue
                }
                #expect(text.contains(#""success":false"#) && !text.contains("0123456789"))
            }
        }
    }

    @Test func noTokenIsLogged() async throws {
        let log = LogRecorder()
        let wrong = "sk-lm-ijklmnop:98765432109876543210"
        try await LMStudioServer.with(
            host,
            {
                $0.apiTokens = [Self.token]
                $0.logger = log.logger
            }
        ) { server async throws in
            let peer = try await Peer.admitted(server, as: try Credentials(token: Self.token))
            // Mistakes of clients are logged as well.
            try await peer.send(try Credentials(token: Self.token).json.text)
            _ = try await peer.call("listLoaded")
            for token in [wrong, "sk-lm-abcdefgh:98765432109876543210"] {
                let peer = try await Peer.upgraded(server)
                let credentials = try Credentials(token: token).json.text
                try await peer.send(credentials + "}")
                try await peer.send(credentials)
                #expect(try await peer.text().contains(#""success":false"#))
            }
            let other = try await Peer.connect(server)
            _ = try await other.request("/llm", ["Authorization: Bearer \(wrong)"])
        }
        #expect(log.lines.contains { $0.contains("refused a client") })
        for secret in ["01234567890123456789", "98765432109876543210"] {
            #expect(!log.lines.contains { $0.contains(secret) }, "\(log.lines)")
        }
    }

    @Test func tokenThatIsNoneStopsTheStart() async {
        let error = await #expect(throws: LMStudioError.self) {
            _ = try await LMStudioServer.test(host) { $0.apiTokens = ["secret"] }
        }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains("secret") == false)
    }
}
