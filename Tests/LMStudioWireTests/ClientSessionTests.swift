import LMStudioCore
import LMStudioWire
import Testing

@Suite struct ClientSessionTests {
    private let credentials = Credentials(clientIdentifier: "me", clientPasskey: "secret")

    private func parse(_ text: String) throws -> JSONValue {
        try JSONValue(parsing: text, as: "a frame")
    }

    /// A session that may exchange frames.
    private func ready() throws -> ClientSession {
        var session = ClientSession()
        _ = session.connected(as: credentials)
        _ = session.received(try parse(#"{"success":true}"#))
        return session
    }

    @Test func firstFrameSaysWhoItIs() throws {
        var session = ClientSession()
        let frame = session.connected(as: credentials)
        #expect(
            frame.text
                == #"{"authVersion":1,"clientIdentifier":"me","clientPasskey":"secret"}"#
        )
        #expect(session.isAuthenticating)
    }

    @Test func whatIsWantedBeforeTheAnswerWaitsAndGoesInOrder() throws {
        var session = ClientSession()
        #expect(session.call("listLoaded", parameter: nil).frame == nil)
        _ = session.connected(as: credentials)
        let (channel, frame) = session.open("predict", parameter: .null)
        #expect(frame == nil)
        #expect(session.send(.string("cancel"), on: channel) == nil)
        #expect(
            session.received(try parse(#"{"success":true}"#))
                == .ready([
                    .rpcCall(endpoint: "listLoaded", id: 1, parameter: nil),
                    .channelCreate(endpoint: "predict", id: 2, parameter: .null),
                    .channelSend(id: 2, message: .string("cancel")),
                ])
        )
        #expect(session.isReady)
    }

    @Test func refusalTellsTheReason() throws {
        var session = ClientSession()
        _ = session.connected(as: credentials)
        let answer = try parse(#"{"success":false,"error":"wrong token"}"#)
        #expect(session.received(answer) == .refused("wrong token"))
    }

    @Test(arguments: ["", ".0"])
    func answersGoToTheirCallsOnce(end: String) throws {
        var session = try ready()
        let (id, frame) = session.call("version", parameter: nil)
        #expect(frame == .rpcCall(endpoint: "version", id: id, parameter: nil))
        let answer = try parse(#"{"type":"rpcResult","callId":\#(id)\#(end),"result":5}"#)
        #expect(session.received(answer) == .result(call: id, .integer(5)))
        #expect(session.received(answer) == .nothing)
    }

    @Test func errorThatIsATextIsItsTitle() throws {
        var session = try ready()
        let id = session.call("version", parameter: nil).id
        let answer = try parse(#"{"type":"rpcError","callId":\#(id),"error":"text"}"#)
        let error = JSONValue.object(["title": .string("text")])
        #expect(session.received(answer) == .failed(call: id, error: error))
    }

    @Test(arguments: ["null", "[]", "5"])
    func errorThatIsNeitherObjectNorTextIsReadAsAnEmptyOne(error: String) throws {
        var session = try ready()
        let id = session.call("version", parameter: nil).id
        let answer = try parse(#"{"type":"rpcError","callId":\#(id),"error":\#(error)}"#)
        #expect(session.received(answer) == .failed(call: id, error: .object([:])))
    }

    @Test func channelLivesUntilItEnds() throws {
        var session = try ready()
        let id = session.open("predict", parameter: nil).id
        let message = try parse(#"{"type":"channelSend","channelId":\#(id),"message":{"a":1}}"#)
        #expect(session.received(message) == .message(channel: id, .object(["a": .integer(1)])))
        #expect(session.send(.string("x"), on: id) == .channelSend(id: id, message: .string("x")))
        let close = try parse(#"{"type":"channelClose","channelId":\#(id)}"#)
        #expect(session.received(close) == .ended(channel: id, error: nil))
        #expect(session.received(message) == .nothing)
        #expect(session.send(.string("x"), on: id) == nil)
    }

    @Test func numbersGoOnAfterALoss() throws {
        var session = try ready()
        let call = session.call("version", parameter: nil).id
        let channel = session.open("predict", parameter: nil).id
        session.disconnected()
        _ = session.connected(as: credentials)
        #expect(session.received(try parse(#"{"success":true}"#)) == .ready([]))
        let answer = try parse(#"{"type":"rpcResult","callId":\#(call)}"#)
        #expect(session.received(answer) == .nothing)
        #expect(session.send(.string("x"), on: channel) == nil)
        #expect(session.call("version", parameter: nil).id == channel + 1)
    }

    @Test func forgottenCallIsNotSentAndNotAnswered() throws {
        var session = ClientSession()
        let forgotten = session.call("a", parameter: nil).id
        let kept = session.call("b", parameter: nil).id
        session.forget(call: forgotten)
        _ = session.connected(as: credentials)
        #expect(
            session.received(try parse(#"{"success":true}"#))
                == .ready([.rpcCall(endpoint: "b", id: kept, parameter: nil)])
        )
        let answer = try parse(#"{"type":"rpcResult","callId":\#(forgotten)}"#)
        #expect(session.received(answer) == .nothing)
    }

    @Test func whatAServerWarnsOfStaysOnOneLine() throws {
        var session = try ready()
        let warning = try parse(#"{"type":"communicationWarning","warning":"a\nb\u001b[2J"}"#)
        #expect(session.received(warning) == .warn(#"The server warns: "a\nb\u{1B}[2J""#))
        #expect(session.received(warning) == .nothing)
    }

    @Test func callThatWasSentPastItIsAnsweredLikeAnyOther() throws {
        var session = try ready()
        let first = session.nextID
        let answer = try parse(#"{"type":"rpcResult","callId":\#(first + 1),"result":5}"#)
        #expect(session.received(answer) == .nothing)
        session.sent(call: first + 1, next: first + 2)
        #expect(session.received(answer) == .result(call: first + 1, .integer(5)))
        #expect(session.received(answer) == .nothing)
        session.sent(call: nil, next: first + 5)
        #expect(session.call("version", parameter: nil).id == first + 5)
    }

    @Test(arguments: [
        #"{"type":"somethingNew","x":1}"#, "{}", "[]", "5", "null",
        #"{"type":"rpcResult"}"#, #"{"type":"channelSend","channelId":"1"}"#,
    ])
    func unknownFrameIsWarnedOfOnce(frame: String) throws {
        var session = try ready()
        guard case .warn = session.received(try parse(frame)) else {
            Issue.record("no warning")
            return
        }
        #expect(session.received(try parse(frame)) == .nothing)
    }

    @Test(arguments: [
        #"{"type":"rpcResult","callId":99}"#, #"{"type":"channelClose","channelId":99}"#,
        #"{"type":"channelError","channelId":99,"error":{}}"#, #"{"type":"keepAliveAck"}"#,
    ])
    func framesForNobodyAreDropped(frame: String) throws {
        var session = try ready()
        #expect(session.received(try parse(frame)) == .nothing)
    }
}
