import LMStudioCore
import LMStudioWire
import Testing

@Suite struct ServerSessionTests {
    private static let credentials = Credentials(clientIdentifier: "me", clientPasskey: "secret")

    private func frame(_ text: String) throws -> JSONValue {
        try JSONValue(parsing: text, as: "frame")
    }

    /// A session in which a client is admitted.
    private func session(
        _ namespace: String = "llm",
        limits: ServerSession.Limits = .init()
    ) -> ServerSession {
        var session = ServerSession(namespace: namespace, limits: limits)
        _ = session.received(Self.credentials.json)
        _ = session.admitted()
        return session
    }

    private func errors(_ actions: [ServerSession.Action]) -> [String] {
        actions.compactMap {
            switch $0 {
            case .send(.rpcError(_, let error)), .send(.channelError(_, let error)):
                error.members?["title"]?.string
            default: nil
            }
        }
    }

    @Test(arguments: ["signal", "writableSignal"]) func signalIsRefused(kind: String) throws {
        var session = session()
        let wish = #"{"type":"\#(kind)Subscribe","endpoint":"state","subscribeId":3}"#
        guard case .send(let frame) = session.received(try frame(wish)).first else {
            Issue.record("no answer")
            return
        }
        #expect(frame.json["type"] == .string("\(kind)Error"))
        #expect(frame.json["subscribeId"] == .integer(3))
        let title = "there is no endpoint \"state\" in the namespace \"llm\""
        #expect(frame.json["error"]?["title"] == .string(title))
        #expect(ServerFrame(frame.json) == frame)
    }

    @Test func whatAClientWarnsOfStaysOnOneLine() throws {
        var session = session()
        let warning = #"{"type":"communicationWarning","warning":"a\nb\u001b[2J"}"#
        let actions = session.received(try frame(warning))
        #expect(actions == [.log(#"the client warns: "a\nb\u{1B}[2J""#)])
    }

    // MARK: Authentication

    @Test func firstFrameIsTheAuthentication() {
        var session = ServerSession(namespace: "llm")
        #expect(session.received(Self.credentials.json) == [.authenticate(Self.credentials)])
        #expect(!session.isAuthenticated)
        #expect(session.admitted() == [.reply(.object(["success": .bool(true)]))])
        #expect(session.isAuthenticated)
    }

    @Test(arguments: [
        #"{"type":"rpcCall","endpoint":"listLoaded","callId":1}"#,
        #"{"authVersion":2,"clientIdentifier":"a","clientPasskey":"b"}"#,
        #"{"authVersion":1,"clientIdentifier":"a"}"#, "[]",
    ])
    func otherFirstFramesAreIgnored(text: String) throws {
        var session = ServerSession(namespace: "llm")
        guard case .log = session.received(try frame(text)).first else {
            Issue.record("not ignored")
            return
        }
        #expect(session.received(Self.credentials.json) == [.authenticate(Self.credentials)])
    }

    @Test func refusedClientIsToldWhyAndClosed() {
        var session = ServerSession(namespace: "llm")
        _ = session.received(Self.credentials.json)
        let answer = JSONValue.object(["success": .bool(false), "error": .string("no")])
        #expect(session.refused("no") == [.reply(answer), .close])
        #expect(session.received(Self.credentials.json).isEmpty)
    }

    @Test func silentClientIsRefusedAndAnAdmittedOneIsNot() {
        var silent = ServerSession(namespace: "llm")
        let answer = JSONValue.object([
            "success": .bool(false), "error": .string("Authentication timed out"),
        ])
        #expect(silent.authenticationTimedOut() == [.reply(answer), .close])
        var admitted = session()
        #expect(admitted.authenticationTimedOut().isEmpty)
    }

    // MARK: Calls

    @Test(arguments: ["0", "0.0"])
    func callIsPassedOnWithItsIdAndParameter(id: String) throws {
        var session = session()
        let text =
            #"{"type":"rpcCall","endpoint":"tokenize","callId":\#(id),"parameter":{"a":1}}"#
        #expect(
            session.received(try frame(text)) == [
                .call(endpoint: "tokenize", id: 0, parameter: .object(["a": .integer(1)]))
            ]
        )
        #expect(!session.isIdle)
        session.answered()
        #expect(session.isIdle)
    }

    @Test func tooManyCallsAreRefused() throws {
        var session = session(limits: .init(calls: 1))
        let call = try frame(#"{"type":"rpcCall","endpoint":"listLoaded","callId":1}"#)
        _ = session.received(call)
        #expect(errors(session.received(call)).count == 1)
        session.answered()
        #expect(errors(session.received(call)).isEmpty)
    }

    @Test(arguments: [
        #"{"type":"signalSubscribe","subscribeId":1}"#, "{}", "[]", "7",
        #"{"type":"rpcCall","endpoint":"listLoaded","callId":"1"}"#,
        #"{"type":"rpcCall","endpoint":"listLoaded","callId":1.5}"#,
    ])
    func garbageIsLogged(text: String) throws {
        var session = session()
        let actions = session.received(try frame(text))
        guard case .log = actions.first, actions.count == 1 else {
            Issue.record("\(actions)")
            return
        }
    }

    @Test func messageThatIsNoJSONIsLogged() {
        var session = session()
        #expect(session.received(nil) == [.log("ignored a message that is no JSON")])
    }

    @Test func keepAliveIsAnswered() throws {
        var session = session()
        #expect(session.received(try frame(#"{"type":"keepAlive"}"#)) == [.send(.keepAliveAck)])
    }

    // MARK: Channels

    private func create(_ id: Int, _ endpoint: String = "predict") -> JSONValue {
        ClientFrame.channelCreate(endpoint: endpoint, id: id, parameter: nil).json
    }

    private let cancel = JSONValue.object(["type": .string("cancel")])

    private func send(_ id: Int, _ message: JSONValue) -> JSONValue {
        ClientFrame.channelSend(id: id, message: message).json
    }

    @Test(arguments: [
        ("llm", "predict", ServerEndpoint.Channel.predict),
        ("llm", "completeRawText", .completeRawText), ("llm", "getOrLoad", .getOrLoad),
        ("embedding", "loadModel", .loadModel),
    ])
    func workIsOpened(namespace: String, endpoint: String, kind: ServerEndpoint.Channel) {
        var session = session(namespace)
        let actions = session.received(create(0, endpoint))
        #expect(actions == [.open(kind, id: 0, parameter: nil)])
        #expect(session.isOpen(channel: 0))
    }

    @Test(arguments: [("embedding", "predict"), ("llm", "nope"), ("files", "retrieve")])
    func unknownEndpointIsAnErrorThatNamesIt(namespace: String, endpoint: String) {
        var session = session(namespace)
        let errors = errors(session.received(create(3, endpoint)))
        #expect(errors.count == 1 && errors[0].contains("\"\(endpoint)\""))
        #expect(!session.isOpen(channel: 3))
    }

    @Test func openChannelCannotBeOpenedAgain() {
        var session = session()
        _ = session.received(create(1))
        let text = "Received channelCreate for already open channel, channelId = 1"
        #expect(
            session.received(create(1)).first
                == .send(.communicationWarning(text, kind: "channelAlreadyOpen"))
        )
        _ = session.ended(channel: 1)
        #expect(session.received(create(1)) == [.open(.predict, id: 1, parameter: nil)])
    }

    @Test func tooManyChannelsAreRefused() {
        var session = session(limits: .init(channels: 1))
        _ = session.received(create(1))
        #expect(errors(session.received(create(2))).count == 1)
    }

    @Test func cancelReachesTheChannelsWork() {
        var session = session()
        _ = session.received(create(1))
        #expect(session.received(send(1, cancel)) == [.cancel(channel: 1)])
        #expect(session.isOpen(channel: 1))
    }

    @Test func channelEndsOnce() {
        var session = session()
        _ = session.received(create(1))
        #expect(session.ended(channel: 1) == [.send(.channelClose(id: 1))])
        #expect(session.ended(channel: 1, error: LMStudioError(.engine, "late")).isEmpty)
    }

    @Test func lateCancelIsNoMistake() {
        var session = session()
        _ = session.received(create(1))
        _ = session.ended(channel: 1)
        #expect(session.received(send(1, cancel)).isEmpty)
    }

    @Test func clientIsWarnedFiveTimes() {
        var session = session()
        let warnings = (1...8).flatMap { session.received(send($0, cancel)) }.filter {
            if case .send(.communicationWarning) = $0 { true } else { false }
        }
        #expect(warnings.count == 5)
        #expect(
            warnings.first
                == .send(
                    .communicationWarning(
                        "Received channelSend for unknown channel, channelId = 1",
                        kind: "channelUnknown"
                    )
                )
        )
    }

    @Test(arguments: ["channelUnknown", nil])
    func clientThatDoesNotListenCancels(kind: String?) {
        var session = session()
        _ = session.received(create(4))
        let warning = ClientFrame.communicationWarning(
            "Received channelSend for unknown channel, channelId = 4",
            kind: kind
        )
        #expect(session.received(warning.json).contains(.cancel(channel: 4)))
    }

    @Test func otherWarningsCancelNothing() {
        var session = session()
        _ = session.received(create(4))
        let warning = ClientFrame.communicationWarning("channelId = 4 is odd", kind: "unknown")
        #expect(!session.received(warning.json).contains(.cancel(channel: 4)))
    }

    @Test func logChannelEndsWhenTheClientSaysStop() {
        var session = session("diagnostics")
        #expect(
            session.received(create(0, "streamLogs")) == [.open(.streamLogs, id: 0, parameter: nil)]
        )
        let stop = JSONValue.object(["type": .string("stop")])
        #expect(session.received(send(0, stop)) == [.send(.channelClose(id: 0))])
    }

    // MARK: The end

    @Test func stoppingAsksWorkToEndAndRefusesNewWork() {
        var session = session()
        _ = session.received(create(1))
        _ = session.received(create(2))
        #expect(session.stop() == [.cancel(channel: 1), .cancel(channel: 2)])
        #expect(errors(session.received(create(3))).count == 1)
        #expect(session.ended(channel: 1) == [.send(.channelClose(id: 1))])
        #expect(!session.isIdle)
        let actions = session.stopNow()
        #expect(errors(actions).count == 1)
        #expect(actions.last == .close)
    }

    @Test func stoppingClosesChannelsWithoutWork() {
        var session = session("system")
        _ = session.received(create(1, "alive"))
        #expect(session.stop() == [.send(.channelClose(id: 1))])
        #expect(session.isIdle)
    }

    @Test func lostConnectionNamesTheWorkNobodyWaitsFor() {
        var session = session()
        _ = session.received(create(2))
        _ = session.received(create(1))
        #expect(session.disconnected() == [1, 2])
        #expect(session.ended(channel: 1).isEmpty)
    }
}
