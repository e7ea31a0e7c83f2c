import LMStudioCore
import LMStudioServer
import LMStudioTesting
import LMStudioWire
import Testing

@Suite(.timeLimit(.minutes(10))) struct PredictionTests {
    /// The frame of Python 1.5.0.
    static func python(_ id: Int, _ fields: String = "") -> String {
        #"{"type":"channelCreate","endpoint":"predict","channelId":\#(id),"creationParameter":{"#
            + #""modelSpecifier":{"type":"query","query":{"identifier":"tiny-test"}},"history":"#
            + #"{"messages":[{"role":"user","content":[{"type":"text","text":"My name is"}]}]},"#
            + #""predictionConfigStack":{"layers":[{"layerName":"apiOverride","config":{"fields":"#
            + #"[\#(fields)]}},{"layerName":"completeModeFormatting","config":{"fields":[{"key":"#
            + #""llm.prediction.promptTemplate","value":{"type":"jinja","stopStrings":[],"#
            + #""jinjaPromptTemplate":{"bosToken":"","eosToken":"","template":"#
            + #""{% for message in messages %}{{ message['content'] }}{% endfor %}","inputConfig":"#
            + #"{"messagesConfig":{"contentConfig":{"type":"string"}},"useTools":false}}}}]}}]}}}"#
    }

    /// The frame of the TypeScript SDK's release of 2025.
    static func release2025(_ id: Int, _ fields: String = "") -> String {
        #"{"type":"channelCreate","endpoint":"predict","channelId":\#(id),"creationParameter":{"#
            + #""modelSpecifier":{"type":"instanceReference","instanceReference":"ref-1"},"history":"#
            + #"{"messages":[{"role":"user","content":[{"type":"text","text":"My name is"}]}]},"#
            + #""predictionConfigStack":{"layers":[{"layerName":"apiOverride","config":{"fields":"#
            + #"[\#(fields)]}},{"layerName":"completeModeFormatting","config":{"fields":[{"key":"#
            + #""llm.prediction.promptTemplate","value":{"type":"jinja","jinjaPromptTemplate":"#
            + #"{"template":"{% for message in messages %}{{ message['content'] }}{% endfor %}"},"#
            + #""stopStrings":[]}}]}}]}}}"#
    }

    /// The frame of the TypeScript SDK of 2026.
    static func tree(_ id: Int, _ fields: String = "") -> String {
        #"{"type":"channelCreate","endpoint":"completeRawText","channelId":\#(id),"#
            + #""creationParameter":{"modelSpecifier":{"type":"instanceReference","#
            + #""instanceReference":"ref-1"},"rawPrompt":"My name is","predictionConfigStack":"#
            + #"{"layers":[{"layerName":"apiOverride","config":{"fields":[\#(fields)]}}]}}}"#
    }

    private static let options =
        #"{"key":"llm.prediction.maxPredictedTokens","value":{"checked":true,"value":10}},"#
        + #"{"key":"llm.prediction.stopStrings","value":[]}"#

    private func host(_ change: (inout ScriptedHost.Script) -> Void = { _ in }) -> ScriptedHost {
        var script = ScriptedHost.Script()
        change(&script)
        return ScriptedHost(script: script)
    }

    /// The messages of a channel until it is closed or fails, and the frame that ended it.
    private func channel(_ peer: Peer, _ id: Int) async throws -> ([JSONValue], JSONValue) {
        var messages: [JSONValue] = []
        while true {
            let frame = try await peer.json()
            #expect(frame.members?["channelId"] == .integer(Int64(id)))
            guard frame.members?["type"] == .string("channelSend") else { return (messages, frame) }
            messages.append(try #require(frame.members?["message"]))
        }
    }

    @Test func predictionsAreLimited() async throws {
        let host = host {
            $0.events = []
            $0.ending = .stopped
        }
        try await LMStudioServer.with(host, { $0.maxPredictions = 1 }) { server async throws in
            let peer = try await Peer.admitted(server)
            try await peer.send(Self.tree(1))
            try await peer.send(Self.tree(2))
            let refusal = try await channel(peer, 2).1
            #expect(refusal.members?["type"] == .string("channelError"))
            #expect(refusal.text.contains("1 predictions run or wait"))
            // Its place is free again once it has ended.
            for id in [1, 3] {
                if id == 3 { try await peer.send(Self.tree(3)) }
                try await peer.send(
                    #"{"type":"channelSend","channelId":\#(id),"message":{"type":"cancel"}}"#
                )
                let end = try await channel(peer, id).1
                #expect(end.members?["type"] == .string("channelClose"))
            }
        }
    }

    @Test(arguments: [python(4, options), release2025(4, options), tree(4, options)])
    func completionComesInTheWordsOfTheProtocol(create: String) async throws {
        let host = host {
            $0.events = [
                .promptProgress(
                    0.5,
                    PromptProgress(
                        cachedTokensCount: 1,
                        processedTokensCount: 1,
                        totalTokensCount: 4
                    )
                ),
                .promptProgress(1), .firstToken, .text("Hé \"\n\u{1}"), .text(""), .text("b"),
            ]
        }
        try await LMStudioServer.with(host) { server async throws in
            let peer = try await Peer.admitted(server)
            try await peer.send(create)
            let (messages, end) = try await channel(peer, 4)
            #expect(end.text == #"{"channelId":4,"type":"channelClose"}"#)
            #expect(
                messages.map { $0.members?["type"]?.string } == [
                    "promptProcessingProgress", "promptProcessingProgress", "fragment", "fragment",
                    "success",
                ]
            )
            #expect(
                messages[0].members?["details"]?.text
                    == #"{"cachedTokenCount":1,"processedPromptTokenCount":1,"#
                    + #""totalPromptTokenCount":4,"unprocessedPromptTokenCount":2}"#
            )
            #expect(messages[1].members?["details"]?.members?.count == 4)
            let fragment = PredictionFragment(content: "Hé \"\n\u{1}", tokensCount: 1)
            #expect(messages[2].members?["fragment"] == fragment.json)
            let success = try #require(messages.last?.members)
            #expect(success["stats"]?.members?["stopReason"] == .string("eosFound"))
            #expect(success["modelInfo"] == ModelInstanceInfo.sample.json)
            #expect(success["loadModelConfig"]?.members?["fields"] != nil)
            #expect(success["predictionConfig"]?.members?["fields"] != nil)
        }
        let request = try #require(host.record.predictions.first)
        #expect(request.input == .text("My name is"))
        #expect(request.config.maxTokens == 10)
        #expect(request.config.others.isEmpty)
    }

    @Test func chatReachesTheHostWithItsTemplate() async throws {
        let host = host()
        try await LMStudioServer.with(host) { server async throws in
            let peer = try await Peer.admitted(server)
            try await peer.send(
                Self.python(0).replacing("completeModeFormatting", with: "instance")
            )
            _ = try await channel(peer, 0)
        }
        let request = try #require(host.record.predictions.first)
        #expect(request.input == .chat("My name is"))
        let template = "{% for message in messages %}{{ message['content'] }}{% endfor %}"
        #expect(request.config.promptTemplate == PromptTemplate(.jinja(template)))
    }

    @Test func modelIsLookedForAmongLanguageModels() async throws {
        let host = host()
        try await LMStudioServer.with(host) { server async throws in
            let peer = try await Peer.admitted(server)
            try await peer.send(Self.python(1))
            _ = try await channel(peer, 1)
            try await peer.send(Self.tree(2))
            _ = try await channel(peer, 2)
        }
        #expect(
            host.record.predictions.map(\.model) == [
                .query(ModelQuery(domain: .llm, identifier: "tiny-test")),
                .instanceReference("ref-1"),
            ]
        )
    }

    @Test func presetIsPassedOn() async throws {
        let host = host()
        try await LMStudioServer.with(host) { server async throws in
            let peer = try await Peer.admitted(server)
            let create = Self.tree(0).replacing(
                #""rawPrompt""#,
                with: #""fuzzyPresetIdentifier":"P","rawPrompt""#
            )
            try await peer.send(create)
            _ = try await channel(peer, 0)
        }
        #expect(host.record.predictions.map(\.preset) == ["P"])
    }

    @Test(arguments: [
        python(0).replacing(#""role":"user""#, with: #""role":"developer""#),
        python(0).replacing(#""type":"text","text":"My name is""#, with: #""type":"file""#),
        python(0).replacing(#"{"messages":["#, with: #"{"other":["#),
        python(0).replacing(#""type":"query""#, with: #""type":"other""#),
        tree(0).replacing("rawPrompt", with: "prompt"),
        tree(0, #"{"key":"llm.prediction.temperature","value":-1}"#),
    ])
    func whatCannotBePredictedIsAnErrorObject(create: String) async throws {
        let host = host()
        try await LMStudioServer.with(host) { server async throws in
            let peer = try await Peer.admitted(server)
            try await peer.send(create)
            let (messages, end) = try await channel(peer, 0)
            #expect(messages.isEmpty)
            #expect(end.members?["type"] == .string("channelError"))
            #expect(end.members?["error"]?.members?["title"]?.string?.isEmpty == false)
        }
        #expect(host.record.predictions.isEmpty)
    }

    @Test func failureOfTheHostIsAnErrorObject() async throws {
        let host = host {
            $0.events = [.text("a")]
            $0.ending = .failed(LMStudioError(.engine, "out of memory"))
        }
        try await LMStudioServer.with(host) { server async throws in
            let peer = try await Peer.admitted(server)
            try await peer.send(Self.tree(0))
            let (messages, end) = try await channel(peer, 0)
            #expect(messages.count == 1)
            #expect(end.members?["error"]?.members?["title"] == .string("out of memory"))
        }
    }

    @Test(arguments: [
        #"{"type":"channelSend","channelId":3,"message":{"type":"cancel"}}"#,
        #"{"type":"communicationWarning","warning":"#
            + #""Received channelSend for unknown channel, channelId = 3"}"#,
    ])
    func cancelEndsWithSuccess(cancel: String) async throws {
        let host = host { $0.ending = .stopped }
        try await LMStudioServer.with(host) { server async throws in
            let peer = try await Peer.admitted(server)
            try await peer.send(Self.tree(3))
            // Fragments are there, and the prediction goes on.
            for _ in 0..<4 { _ = try await peer.json() }
            try await peer.send(cancel)
            let (messages, end) = try await channel(peer, 3)
            #expect(
                messages.last?.members?["stats"]?.members?["stopReason"] == .string("userStopped")
            )
            #expect(end.members?["type"] == .string("channelClose"))
        }
        #expect(host.record.stops == 1)
    }

    @Test func lostConnectionStopsThePrediction() async throws {
        let host = host { $0.ending = .stopped }
        try await LMStudioServer.with(host) { server async throws in
            let peer = try await Peer.admitted(server)
            try await peer.send(Self.tree(0))
            _ = try await peer.json()
            try await peer.close()
            await host.wait { $0.stops == 1 }
        }
    }

    @Test func manyPredictionsRunAtOnce() async throws {
        try await LMStudioServer.with(host { $0.ending = .stopped }) { server async throws in
            let peer = try await Peer.admitted(server)
            for id in 0..<1000 { try await peer.send(Self.tree(id)) }
            for id in 0..<1000 {
                try await peer.send(
                    #"{"type":"channelSend","channelId":\#(id),"message":{"type":"cancel"}}"#
                )
            }
            var closed: Set<Int> = []
            while closed.count < 1000 {
                let frame = try await peer.json()
                if frame.members?["type"] == .string("channelClose") {
                    closed.insert(try #require(frame["channelId"]?.int))
                }
            }
        }
    }

    @Test func silenceIsBrokenByTheLastProgress() async throws {
        let host = host {
            $0.events = [.promptProgress(0.25)]
            $0.ending = .stopped
        }
        try await LMStudioServer.with(host, { $0.progressInterval = .milliseconds(20) }) {
            server async throws in
            let peer = try await Peer.admitted(server)
            try await peer.send(Self.tree(0))
            for _ in 0..<3 {
                let message = try await peer.json().members?["message"]
                #expect(message?.members?["progress"] == .number(0.25))
            }
        }
    }

    @Test func clientThatStopsReadingLosesNothingAndHoldsUpNobody() async throws {
        let host = host {
            $0.events = (0..<20000).map { .text("piece \($0) of many ") }
        }
        try await LMStudioServer.with(host, { $0.pauseBacklogBytes = 64 << 10 }) {
            server async throws in
            let deaf = try await Peer.admitted(server)
            try await deaf.setReading(false)
            try await deaf.send(Self.tree(0))
            let other = try await Peer.admitted(server)
            try await other.send(Self.tree(5))
            #expect(try await channel(other, 5).0.count == 20001)
            try await deaf.setReading(true)
            let (messages, _) = try await channel(deaf, 0)
            let text = messages.compactMap { $0.members?["fragment"]?.members?["content"]?.string }
            #expect(text == (0..<20000).map { "piece \($0) of many " })
        }
    }
}
