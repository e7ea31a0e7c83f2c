import LMStudioCore
import LMStudioTesting
import LMStudioWire
import Testing

@Suite struct MessageTests {
    private func json(_ text: String) throws -> JSONValue {
        try JSONValue(parsing: text, as: "message")
    }

    // MARK: Loading

    @Test func stepsOfGetOrLoadSurviveARoundTrip() throws {
        let events: [LoadEvent] = [
            .unloadingOther(.embeddingSample), .loading(.sample, identifier: "mine", ambiguous: []),
            .progress(0), .progress(0.25),
        ]
        for event in events {
            let message = try #require(LoadMessage.json(event, reusesLoaded: true))
            #expect(LoadMessage.step(message) == .event(event))
        }
    }

    @Test func stepsOfLoadModelSurviveARoundTrip() throws {
        let events: [LoadEvent] = [
            .loading(.sample, identifier: "sample-1b", ambiguous: ["sample-1b", "sample-1b@q8_0"]),
            .progress(1),
        ]
        for event in events {
            let message = try #require(LoadMessage.json(event, reusesLoaded: false))
            #expect(LoadMessage.step(message) == .event(event))
        }
        #expect(LoadMessage.json(.unloadingOther(.sample), reusesLoaded: false) == nil)
    }

    @Test(arguments: [
        (true, true, "alreadyLoaded"), (true, false, "loadSuccess"), (false, false, "success"),
    ])
    func lastMessageIsNamedByTheChannel(reuses: Bool, wasLoaded: Bool, type: String) {
        let message = LoadMessage.ready(.sample, reusesLoaded: reuses, wasLoaded: wasLoaded)
        #expect(message["type"] == .string(type))
        #expect(LoadMessage.step(message) == .ready(.sample))
    }

    @Test(arguments: [
        ("{}", ""), (#"{"type":"new","info":1}"#, "new"),
        (#"{"type":"loadProgress"}"#, "loadProgress"),
        (#"{"type":"startLoading","identifier":"m"}"#, "startLoading"),
        ("[]", ""),
    ])
    func loadMessageThatIsNotKnownIsToldByItsType(text: String, type: String) throws {
        #expect(LoadMessage.step(try json(text)) == .unknown(type: type))
    }

    @Test(arguments: ["success", "loadSuccess", "alreadyLoaded"])
    func theEndOfALoadNamesItsInstance(type: String) throws {
        for info in ["", #","info":{}"#, #","info":{"type":"tts","identifier":"m"}"#] {
            #expect(LoadMessage.step(try json(#"{"type":"\#(type)"\#(info)}"#)) == .unreadable)
        }
    }

    // MARK: Predicting

    @Test func progressHasAllFourCounts() {
        let progress = PromptProgress(
            cachedTokensCount: 2,
            processedTokensCount: 3,
            totalTokensCount: 9
        )
        let message = PredictionMessage.promptProgress(0.5, progress).json
        #expect(
            message["details"]?.text
                == """
                {"cachedTokenCount":2,"processedPromptTokenCount":3,"totalPromptTokenCount":9,\
                "unprocessedPromptTokenCount":4}
                """
        )
        guard case .promptProgress(let share, let counts) = PredictionMessage(message) else {
            Issue.record("not a progress")
            return
        }
        #expect(share == 0.5)
        #expect(counts == progress)
        let members = PredictionMessage.promptProgress(1, nil).json["details"]?.members
        #expect(members?.count == 4)
    }

    @Test func progressWithoutDetailsIsTaken() throws {
        let message = PredictionMessage(
            try json(#"{"type":"promptProcessingProgress","progress":1}"#)
        )
        guard case .promptProgress(1, nil) = message else {
            Issue.record("\(message)")
            return
        }
    }

    @Test func fragmentHasAllFiveMembers() {
        let fragment = PredictionFragment(content: "x", tokensCount: 1, reasoningType: .reasoning)
        #expect(
            fragment.json.text
                == """
                {"containsDrafted":false,"content":"x","isStructural":false,\
                "reasoningType":"reasoning","tokensCount":1}
                """
        )
        #expect(PredictionFragment(json: fragment.json) == fragment)
    }

    @Test func poorFragmentKeepsItsText() throws {
        let fragment = PredictionFragment(
            json: try json(
                #"{"content":"x","tokensCount":2.5,"reasoningType":"new","tokens":null}"#
            )
        )
        #expect(fragment == PredictionFragment(content: "x", tokensCount: 2))
        #expect(PredictionFragment(json: try json(#"{"tokensCount":1}"#)) == nil)
    }

    @Test func successSurvivesARoundTrip() {
        var summary = PredictionSummary.sample(.eosFound, config: PredictionConfig(maxTokens: 3))
        summary.loadConfig.contextLength = 4096
        let message = PredictionMessage.success(summary).json
        guard case .success(let read) = PredictionMessage(message) else {
            Issue.record("not a success")
            return
        }
        #expect(read == summary)
    }

    @Test(arguments: [
        #"{"type":"success"}"#,
        #"{"type":"success","stats":{},"modelInfo":{"type":"new"},"loadModelConfig":{},"predictionConfig":1}"#,
    ])
    func poorSuccessIsStillOne(text: String) throws {
        guard case .success(let summary) = PredictionMessage(try json(text)) else {
            Issue.record("not a success")
            return
        }
        #expect(summary.predictionConfig == PredictionConfig())
        #expect(summary.stats.stopReason == .failed)
        let untold = UnknownWord.inSuccess(try json(text)).map(\.kind)
        #expect(untold.contains("untold stats.stopReason"))
        #expect(untold.contains("untold modelInfo"))
        #expect(untold.contains("untold predictionConfig"))
    }

    @Test(arguments: [
        #"{"title":"t"}"#, #""t""#,
        #"{"title":"t","displayData":{"code":"generic.presetNotFound"}}"#,
    ])
    func errorMessageIsRead(text: String) throws {
        guard
            case .error(let error) = PredictionMessage(
                try json(#"{"type":"error","error":\#(text)}"#)
            )
        else {
            Issue.record("not an error")
            return
        }
        #expect(error.code == .prediction)
        #expect(error.message == "t")
        #expect(PredictionMessage.error(error).json["error"]?["title"] == .string("t"))
    }

    @Test(arguments: [
        ("{}", ""), (#"{"type":"toolCallGenerationOdd"}"#, "toolCallGenerationOdd"),
        (#"{"type":"fragment"}"#, "fragment"), (#"{"type":"fragment","fragment":{}}"#, "fragment"),
    ])
    func messageThatIsNotKnownIsToldByItsType(text: String, type: String) throws {
        guard case .unknown(type) = PredictionMessage(try json(text)) else {
            Issue.record("known")
            return
        }
    }

    // MARK: Specifiers and the rest

    @Test(arguments: [
        (
            #"{"query":{"identifier":"tiny-test"},"type":"query"}"#,
            ModelSpecifier.identifier("tiny-test")
        ),
        (
            #"{"query":{"path":"acme/tiny","vision":false},"type":"query"}"#,
            .query(ModelQuery(path: "acme/tiny", vision: false))
        ),
        (
            #"{"query":{"domain":"embedding"},"type":"query"}"#,
            .query(ModelQuery(domain: .embedding))
        ),
        (#"{"query":{},"type":"query"}"#, .any),
        (#"{"instanceReference":"ref-1","type":"instanceReference"}"#, .instanceReference("ref-1")),
    ])
    func specifierIsReadAndWritten(text: String, specifier: ModelSpecifier) throws {
        #expect(ModelSpecifier(json: try json(text)) == specifier)
        #expect(specifier.json.text == text)
    }

    @Test(arguments: ["domain", "deviceIdentifier"])
    func whatNothingHereFitsIsKept(member: String) throws {
        let text = #"{"query":{"\#(member)":"tts","identifier":"m"},"type":"query"}"#
        let specifier = try #require(ModelSpecifier(json: try json(text)))
        #expect(specifier != .identifier("m"))
        #expect(specifier.description.contains("\"tts\""))
        #expect(try json(text) == specifier.json)
    }

    @Test func withoutADeviceAQueryIsForThisComputer() throws {
        let text = #"{"type":"query","query":{"deviceIdentifier":null,"identifier":"m"}}"#
        #expect(ModelSpecifier(json: try json(text)) == .identifier("m"))
        #expect(ModelSpecifier(json: try json(#"{"type":"query"}"#)) == .any)
    }

    @Test(arguments: [
        "{}", "1", #"{"type":"other"}"#, #"{"type":"instanceReference"}"#,
        #"{"type":"query","query":1}"#, #"{"type":"query","query":{"identifier":1}}"#,
        #"{"type":"query","query":{"domain":1}}"#,
        #"{"type":"query","query":{"deviceIdentifier":1}}"#,
        #"{"type":"query","query":{"vision":"yes"}}"#,
    ])
    func unfitSpecifierIsNotRead(text: String) throws {
        #expect(ModelSpecifier(json: try json(text)) == nil)
    }

    @Test func stateAndDescriptionSurviveARoundTrip() {
        let state = ProcessingState(status: .processingPrompt, queued: 2)
        #expect(ProcessingState(json: state.json) == state)
        let host = HostDescription(version: "1.2.3", build: 4, processIdentifier: 5, isDaemon: true)
        #expect(HostDescription(json: host.json) == host)
    }

    @Test func unknownStatusMeansThatSomethingIsDone() throws {
        let state = ProcessingState(json: try json(#"{"status":"dreaming","queued":1.0}"#))
        #expect(state == ProcessingState(status: .generating, queued: 1))
        #expect(ProcessingState(json: try json("{}")) == nil)
        #expect(HostDescription(json: try json(#"{"build":1}"#)) == nil)
    }
}
