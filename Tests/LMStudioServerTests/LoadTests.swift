import LMStudioCore
import LMStudioServer
import LMStudioTesting
import LMStudioWire
import Testing

@Suite(.timeLimit(.minutes(10))) struct LoadTests {
    private static let stack =
        #"{"layers":[{"layerName":"apiOverride","config":{"fields":[{"key":"#
        + #""llm.load.contextLength","value":1024}]}}]}"#

    private static func getOrLoad(_ id: Int) -> String {
        #"{"type":"channelCreate","endpoint":"getOrLoad","channelId":\#(id),"creationParameter":"#
            + #"{"identifier":"tiny","loadTtlMs":60000,"loadConfigStack":\#(stack)}}"#
    }

    private static func loadModel(_ id: Int) -> String {
        #"{"type":"channelCreate","endpoint":"loadModel","channelId":\#(id),"creationParameter":"#
            + #"{"modelKey":"tiny","identifier":"mine","ttlMs":5000,"loadConfigStack":\#(stack),"#
            + #""deviceIdentifier":null}}"#
    }

    private func host(_ change: (inout ScriptedHost.Script) -> Void = { _ in }) -> ScriptedHost {
        var script = ScriptedHost.Script()
        script.loadSteps = [
            .unloadingOther(.sample), .loading(.sample, identifier: "tiny", ambiguous: ["a", "b"]),
        ]
        change(&script)
        return ScriptedHost(script: script)
    }

    private func types(_ peer: Peer) async throws -> [String] {
        var types: [String] = []
        while true {
            let frame = try await peer.json().members
            guard let message = frame?["message"]?.members else {
                return types + [frame?["type"]?.string ?? ""]
            }
            types.append(message["type"]?.string ?? "")
        }
    }

    @Test(arguments: ["0", "-1", "1000000000000001", "9223372036854775807", "1e19", "\"1\""])
    func timeToLiveThatIsNoneIsRefused(ttl: String) async throws {
        try await LMStudioServer.with(host()) { server async throws in
            let peer = try await Peer.admitted(server)
            try await peer.send(
                #"{"type":"channelCreate","endpoint":"loadModel","channelId":0,"#
                    + #""creationParameter":{"modelKey":"tiny","ttlMs":\#(ttl)}}"#
            )
            let frame = try await peer.json()
            #expect(frame["type"]?.string == "channelError")
            #expect(frame.text.contains("1…10^15"))
        }
    }

    @Test func getOrLoadTellsTheStepsInOrder() async throws {
        let host = host()
        try await LMStudioServer.with(host) { server async throws in
            let peer = try await Peer.admitted(server)
            try await peer.send(Self.getOrLoad(0))
            #expect(
                try await types(peer) == [
                    "unloadingOtherJITModel", "startLoading", "loadProgress", "loadProgress",
                    "loadProgress", "loadSuccess", "channelClose",
                ]
            )
        }
        let request = try #require(host.record.loads.first)
        #expect(request.model == "tiny" && request.identifier == nil && request.reusesLoaded)
        #expect(request.timeToLive == .seconds(60) && request.domain == .llm)
        #expect(request.config.contextLength == 1024)
    }

    @Test func loadedModelIsSaidToBeThereAlready() async throws {
        let host = host { $0.loadSteps = [] }
        try await LMStudioServer.with(host) { server async throws in
            let peer = try await Peer.admitted(server)
            try await peer.send(Self.getOrLoad(0))
            #expect(try await types(peer) == ["alreadyLoaded", "channelClose"])
        }
    }

    @Test func loadModelTellsTheStepsInItsOwnWords() async throws {
        let host = host()
        try await LMStudioServer.with(host) { server async throws in
            let peer = try await Peer.admitted(server)
            try await peer.send(Self.loadModel(0))
            #expect(
                try await types(peer) == [
                    "resolved", "progress", "progress", "progress", "success", "channelClose",
                ]
            )
        }
        let request = try #require(host.record.loads.first)
        #expect(request.model == "tiny" && request.identifier == "mine" && !request.reusesLoaded)
        #expect(request.timeToLive == .seconds(5))
    }

    @Test func failureIsAnErrorObject() async throws {
        let host = host { $0.error = LMStudioError(.modelNotFound, "there is no tiny") }
        try await LMStudioServer.with(host) { server async throws in
            let peer = try await Peer.admitted(server)
            try await peer.send(Self.getOrLoad(9))
            let frame = try await peer.json().members
            #expect(frame?["type"] == .string("channelError"))
            #expect(frame?["error"]?.members?["title"] == .string("there is no tiny"))
        }
    }

    @Test func modelOfAnotherDomainIsAnError() async throws {
        try await LMStudioServer.with(host { $0.loadSteps = [] }) { server async throws in
            let peer = try await Peer.admitted(server, "/embedding")
            try await peer.send(Self.getOrLoad(0))
            let error = try await peer.json().members?["error"]?.members
            #expect(error?["displayData"]?.members?["code"] == .string("generic.domainMismatch"))
        }
    }

    @Test(arguments: [getOrLoad(2), loadModel(2)])
    func cancelStopsTheLoad(create: String) async throws {
        let host = host { $0.loadWaits = true }
        try await LMStudioServer.with(host) { server async throws in
            let peer = try await Peer.admitted(server)
            try await peer.send(create)
            try await peer.send(
                #"{"type":"channelSend","channelId":2,"message":{"type":"cancel"}}"#
            )
            #expect(try await types(peer).last == "channelError")
        }
        #expect(host.record.cancelledLoads == 1)
    }

    @Test func lostConnectionStopsTheLoad() async throws {
        let host = host { $0.loadWaits = true }
        try await LMStudioServer.with(host) { server async throws in
            let peer = try await Peer.admitted(server)
            try await peer.send(Self.getOrLoad(0))
            _ = try await peer.json()
            try await peer.close()
            await host.wait { $0.cancelledLoads == 1 }
        }
    }

    @Test func silenceIsBrokenByTheLastProgress() async throws {
        let host = host {
            $0.loadProgress = [0.5]
            $0.loadWaits = true
        }
        try await LMStudioServer.with(host, { $0.progressInterval = .milliseconds(20) }) {
            server async throws in
            let peer = try await Peer.admitted(server)
            try await peer.send(Self.loadModel(0))
            // Once more than the host reports it; before that, other steps come.
            var repetitions = 0
            while repetitions < 3 {
                let message = try await peer.json().members?["message"]?.members
                if message?["progress"] == .number(0.5) { repetitions += 1 }
            }
        }
    }
}
