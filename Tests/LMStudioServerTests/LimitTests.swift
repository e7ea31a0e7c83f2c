import LMStudioCore
import LMStudioServer
import LMStudioTesting
import LMStudioWire
import Testing

/// What a client that wants more at once than the configuration allows is told.
@Suite(.timeLimit(.minutes(10))) struct LimitTests {
    /// The next frame of a channel, but for what its prediction says.
    private func frame(_ peer: Peer, of channel: Int64, isEnd: Bool) async throws -> JSONValue {
        while true {
            let frame = try await peer.json()
            let isMessage = frame["type"] == .string("channelSend")
            if frame["channelId"] == .integer(channel), !isEnd || !isMessage { return frame }
        }
    }

    @Test func oneChannelTooManyIsRefused() async throws {
        var script = ScriptedHost.Script()
        script.ending = .stopped
        let host = ScriptedHost(script: script)
        try await LMStudioServer.with(host, { $0.maxChannelsPerConnection = 2 }) {
            server async throws in
            let peer = try await Peer.admitted(server)
            for id in 0...2 { try await peer.send(PredictionTests.tree(id)) }
            let refusal = try await frame(peer, of: 2, isEnd: false)
            try #require(refusal["type"] == .string("channelError"))
            #expect(
                refusal["error"]?["title"]?.string
                    == "2 channels are open on this connection already; "
                    + "wait for some of them, then open \"completeRawText\" again"
            )
            #expect(host.record.predictions.count == 2)
            // Others are not concerned, and neither is this one once there is room.
            let other = try await Peer.admitted(server)
            try await other.send(PredictionTests.tree(0))
            await host.wait { $0.predictions.count == 3 }
            try await peer.send(
                #"{"type":"channelSend","channelId":0,"message":{"type":"cancel"}}"#
            )
            let end = try await frame(peer, of: 0, isEnd: true)
            #expect(end["type"] == .string("channelClose"))
            try await peer.send(PredictionTests.tree(3))
            await host.wait { $0.predictions.count == 4 }
        }
    }

    @Test func oneCallTooManyIsRefused() async throws {
        var script = ScriptedHost.Script()
        script.loadWaits = true
        let host = ScriptedHost(script: script)
        try await LMStudioServer.with(host, { $0.maxCallsPerConnection = 2 }) {
            server async throws in
            let peer = try await Peer.admitted(server)
            for id in 0..<2 {
                try await peer.send(
                    #"{"type":"rpcCall","endpoint":"estimateModelUsage","callId":\#(id),"#
                        + #""parameter":{"modelKey":"tiny"}}"#
                )
            }
            let refusal = try await peer.call("listLoaded", id: 2)
            #expect(refusal["type"] == .string("rpcError"))
            #expect(refusal["callId"] == .integer(2))
            #expect(
                refusal["error"]?["title"]?.string
                    == "2 calls are in hand on this connection already; "
                    + "wait for some of them, then call \"listLoaded\" again"
            )
            let other = try await Peer.admitted(server)
            #expect(try await other.call("listLoaded")["result"] != nil)
        }
    }

    @Test func aCallThatIsAnsweredMakesRoom() async throws {
        try await LMStudioServer.with(ScriptedHost(), { $0.maxCallsPerConnection = 1 }) {
            server async throws in
            let peer = try await Peer.admitted(server)
            for id in 0..<3 { #expect(try await peer.call("listLoaded", id: id)["result"] != nil) }
        }
    }
}
