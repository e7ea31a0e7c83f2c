import LMStudioCore
import LMStudioServer
import LMStudioTesting
import LMStudioWire
import Testing

@Suite(.timeLimit(.minutes(10))) struct StopTests {
    @Test func runningPredictionEndsWithSuccessAndTheConnectionIsClosed() async throws {
        var script = ScriptedHost.Script()
        script.ending = .stopped
        let server = try await LMStudioServer.test(ScriptedHost(script: script))
        let peer = try await Peer.admitted(server)
        try await peer.send(PredictionTests.tree(0))
        _ = try await peer.json()
        await server.stop()
        var last: [Peer.Message] = []
        while let message = try await peer.next() { last.append(message) }
        guard case .text(let success) = last[last.count - 3] else {
            Issue.record("\(last)")
            return
        }
        #expect(success.contains("modelUnloaded"))
        #expect(last.suffix(2) == [.text(#"{"channelId":0,"type":"channelClose"}"#), .close(1001)])
        await #expect(throws: (any Error).self) { try await Peer.connect(server) }
    }

    @Test func workThatDoesNotEndFails() async throws {
        var script = ScriptedHost.Script()
        script.events = []
        script.ending = .never
        let host = ScriptedHost(script: script)
        let server = try await LMStudioServer.test(host)
        let peer = try await Peer.admitted(server)
        try await peer.send(PredictionTests.tree(0))
        await host.wait { $0.predictions.count == 1 }
        await server.stop(within: .milliseconds(20))
        let error = try await peer.json().members
        #expect(error?["type"] == .string("channelError"))
        #expect(try await peer.next() == .close(1001))
        #expect(try await peer.next() == nil)
    }

    @Test func idleConnectionsAreClosedAtOnce() async throws {
        let server = try await LMStudioServer.test(ScriptedHost())
        let admitted = try await Peer.admitted(server, "/system")
        try await admitted.send(
            #"{"type":"channelCreate","endpoint":"alive","channelId":0}"#
        )
        _ = try await admitted.call("version", id: 1)
        let silent = try await Peer.connect(server)
        await server.stop(within: .seconds(1000))
        #expect(try await admitted.text() == #"{"channelId":0,"type":"channelClose"}"#)
        #expect(try await admitted.next() == .close(1001))
        #expect(await silent.rest().isEmpty)
    }

    @Test func patienceMayBeAsLongAsAny() async throws {
        let server = try await LMStudioServer.test(ScriptedHost())
        await server.stop(within: .seconds(Int64.max))
    }

    @Test func stoppingTwiceIsHarmless() async throws {
        let server = try await LMStudioServer.test(ScriptedHost())
        await server.stop()
        await server.stop()
    }
}
