import LMStudio
import LMStudioCore
import LMStudioServer
import LMStudioTesting
import Testing

@Suite(.timeLimit(.minutes(10))) struct HTTPTests {
    private let host = ScriptedHost()

    /// Status line's number and the body.
    private func ask(
        _ server: LMStudioServer,
        _ path: String,
        _ headers: [String] = [],
        method: String = "GET",
        host: String = "127.0.0.1",
        at address: String = "127.0.0.1"
    ) async throws -> (status: String, head: String, body: String) {
        let peer = try await Peer.connect(server, host: address)
        let head = try await peer.request(path, headers, method: method, host: host)
        return (String(head.split(separator: " ")[1]), head.lowercased(), await peer.rest())
    }

    @Test func serverOfAnIPv6AddressIsFound() async throws {
        try await LMStudioServer.with(host, { $0.bind = "::1" }) { server async throws in
            let address = try HostAddress("[::1]:\(server.port)")
            #expect(await ServerDiscovery.isServer(at: address, within: .seconds(60)))
        }
    }

    @Test func greetingTellsThatLMStudioIsHere() async throws {
        try await LMStudioServer.with(host) { server async throws in
            let answer = try await ask(server, "/lmstudio-greeting")
            #expect(answer.status == "200")
            #expect(answer.body == #"{"lmstudio":true}"#)
            #expect(answer.head.contains("content-type: application/json"))
            #expect(!answer.head.contains("access-control"))
        }
    }

    @Test func statusTellsTheVersion() async throws {
        try await LMStudioServer.with(host) { server async throws in
            let answer = try await ask(server, "/lms-status")
            #expect(answer.body == #"{"package":"lmstudio-swift","version":"1.2.3"}"#)
        }
    }

    @Test(arguments: ["/nope", "/llm/", "/", "/llmx", "//llm"])
    func unknownPathIsNotFoundAlsoForUpgrades(path: String) async throws {
        try await LMStudioServer.with(host) { server async throws in
            #expect(try await ask(server, path).status == "404")
            #expect(try await ask(server, path, Peer.upgrade).status == "404")
        }
    }

    @Test(arguments: ["POST", "PUT", "DELETE", "OPTIONS", "HEAD"])
    func otherMethodsAreNotAllowed(method: String) async throws {
        try await LMStudioServer.with(host) { server async throws in
            #expect(try await ask(server, "/lmstudio-greeting", method: method).status == "405")
        }
    }

    @Test(arguments: [
        "/llm", "/embedding", "/system", "/files", "/repository", "/diagnostics", "/plugins",
        "/runtime", "/llm?x=1",
    ])
    func namespaceIsUpgradedWithoutCompression(path: String) async throws {
        try await LMStudioServer.with(host) { server async throws in
            let peer = try await Peer.connect(server)
            let head = try await peer.request(path, Peer.upgrade).lowercased()
            #expect(head.hasPrefix("http/1.1 101 "))
            #expect(head.contains("sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo="))
            #expect(!head.contains("extensions"))
        }
    }

    @Test func namespaceWithoutUpgradeAndAWrongHandshakeAreRefused() async throws {
        try await LMStudioServer.with(host) { server async throws in
            #expect(try await ask(server, "/llm").status == "426")
            let wrong = ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 8"]
            #expect(try await ask(server, "/llm", wrong).status == "400")
        }
    }

    @Test func longHeadIsRefused() async throws {
        try await LMStudioServer.with(host, { $0.maxHeaderBytes = 1000 }) { server async throws in
            let long = "X: " + String(repeating: "x", count: 1000)
            #expect(try await ask(server, "/lmstudio-greeting", [long]).status == "431")
            #expect(try await ask(server, "/lmstudio-greeting", ["X: x"]).status == "200")
            let peer = try await Peer.connect(server)
            try await peer.send(bytes: "\r\n\r\n".utf8)
            let head = try await peer.request("/lmstudio-greeting", [long])
            #expect(head.hasPrefix("HTTP/1.1 431 "))
            let reason = #"{"error":"the head of the request has more than 1000 bytes"}"#
            #expect(await peer.rest() == reason)
        }
    }

    @Test(arguments: ["http://evil.example", "null", "http://localhost:1234"])
    func originIsRefused(origin: String) async throws {
        try await LMStudioServer.with(host) { server async throws in
            let header = "Origin: \(origin)"
            #expect(try await ask(server, "/lmstudio-greeting", [header]).status == "403")
            #expect(try await ask(server, "/llm", Peer.upgrade + [header]).status == "403")
        }
    }

    @Test func allowedOriginMayReadTheAnswer() async throws {
        let origin = "https://good.example"
        try await LMStudioServer.with(host, { $0.allowedOrigins = [origin] }) {
            server async throws in
            let answer = try await ask(server, "/lmstudio-greeting", ["Origin: \(origin)"])
            #expect(answer.status == "200")
            #expect(answer.head.contains("access-control-allow-origin: \(origin)"))
            let upgrade = Peer.upgrade + ["Origin: \(origin)"]
            #expect(try await ask101(server, upgrade))
            #expect(try await ask(server, "/llm", ["Origin: https://bad.example"]).status == "403")
        }
    }

    @Test(arguments: ["nonsense", "https://", "https://a.example/", "https://*.example", "a b://c"])
    func whatIsNoOriginIsRefused(origin: String) async throws {
        let error = await #expect(throws: LMStudioError.self) {
            _ = try await LMStudioServer.test(host) { $0.allowedOrigins = ["*", origin] }
        }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.hasPrefix("\"\(origin)\" is no origin of web pages") == true)
    }

    private func ask101(_ server: LMStudioServer, _ headers: [String]) async throws -> Bool {
        let peer = try await Peer.connect(server)
        return try await peer.request("/llm", headers).hasPrefix("HTTP/1.1 101 ")
    }

    @Test(arguments: [
        ("localhost", "200"), ("127.0.0.1:1234", "200"), ("[::1]:7", "200"), ("LOCALHOST:1", "200"),
        ("evil.example", "403"), ("127.0.0.1.evil.example", "403"), ("localhost:1@evil", "403"),
        ("", "403"), ("[::1", "403"),
    ])
    func hostMustBeThisMachine(name: String, status: String) async throws {
        try await LMStudioServer.with(host) { server async throws in
            #expect(try await ask(server, "/lmstudio-greeting", host: name).status == status)
        }
    }

    /// Other spellings of addresses that only this machine reaches, and where they are reached.
    private static let spellings: [(String, String)] = {
        var spellings = [
            ("0:0:0:0:0:0:0:1", "::1"), ("::ffff:127.0.0.1", "127.0.0.1"),
            ("0x7f000001", "127.0.0.1"), ("2130706433", "127.0.0.1"), ("127.1", "127.0.0.1"),
            ("LocalHost", "localhost"),
        ]
        #if os(Linux)
        // Elsewhere this machine has no second address for itself.
        spellings += [("127.5", "127.0.0.5"), ("::ffff:127.0.0.5", "127.0.0.5")]
        #endif
        return spellings
    }()

    @Test(arguments: spellings)
    func hostMustBeThisMachineHoweverItsAddressIsSpelt(
        bind: String,
        address: String
    ) async throws {
        try await LMStudioServer.with(host, { $0.bind = bind }) { server async throws in
            func status(_ name: String) async throws -> String {
                try await ask(server, "/lmstudio-greeting", host: name, at: address).status
            }
            #expect(try await status("evil.example") == "403")
            #expect(try await status(server.addresses[0]) == "200")
            #expect(try await status(address.contains(":") ? "[\(address)]" : address) == "200")
            #expect(try await status(bind.contains(":") ? "[\(bind)]" : bind) == "200")
        }
    }

    @Test func openAddressTakesAnyHost() async throws {
        try await LMStudioServer.with(host, { $0.bind = "0.0.0.0" }) { server async throws in
            let answer = try await ask(server, "/lmstudio-greeting", host: "lab.example")
            #expect(answer.status == "200")
        }
    }

    @Test func connectionsAreLimited() async throws {
        try await LMStudioServer.with(host, { $0.maxConnections = 1 }) { server async throws in
            let first = try await Peer.admitted(server)
            let second = try await Peer.connect(server)
            #expect(try await second.head().hasPrefix("HTTP/1.1 503 "))
            let reason = "the server takes 1 connections at most; close some, or try again later"
            #expect(await second.rest() == #"{"error":"\#(reason)"}"#)
            try await first.close()
        }
    }

    @Test func silentConnectionIsClosed() async throws {
        try await LMStudioServer.with(
            host,
            { $0.authenticationTimeout = .milliseconds(20) }
        ) { server async throws in
            let peer = try await Peer.connect(server)
            #expect(await peer.rest().isEmpty)
        }
    }

    @Test func portThatIsTakenIsNamed() async throws {
        try await LMStudioServer.with(host) { server async throws in
            let error = await #expect(throws: LMStudioError.self) {
                _ = try await LMStudioServer.test(host) { $0.port = server.port }
            }
            #expect(error?.code == .invalidState)
            #expect(error?.message.contains("\(server.port)") == true)
        }
    }

    @Test func addressesNameThePort() async throws {
        try await LMStudioServer.with(host) { server async throws in
            #expect(server.addresses == ["127.0.0.1:\(server.port)"])
        }
    }
}
