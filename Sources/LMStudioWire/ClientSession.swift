import LMStudioCore

/// What a client does on one connection of LM Studio's protocol, as a pure value.
///
/// Each event is a method that says what to do; it knows no socket, no clock and no task. Numbers of
/// calls and channels go on through reconnections, so that a late answer never meets a new question.
package struct ClientSession: Sendable {
    /// What comes of a frame.
    package enum Action: Sendable, Equatable {
        /// The server takes us in: send what waited.
        case ready([ClientFrame])
        /// It does not, for this reason; it is about to close the connection.
        case refused(String)
        /// The answer to a call.
        case result(call: Int, JSONValue?)
        case failed(call: Int, error: JSONValue)
        /// Something on a channel.
        case message(channel: Int, JSONValue)
        /// The end of a channel, with the server's error if it is one.
        case ended(channel: Int, error: JSONValue?)
        /// Something to log, once for each kind.
        case warn(String)
        case nothing
    }

    private enum Phase {
        case disconnected
        case authenticating
        case ready
    }

    private var phase = Phase.disconnected
    /// The number of the next call or channel.
    package private(set) var nextID = 1
    private var queue: [ClientFrame] = []
    private var calls: Set<Int> = []
    private var channels: Set<Int> = []
    private var warnedOf = WarningKinds()

    package init() {}

    /// Whether frames may be exchanged.
    package var isReady: Bool { phase == .ready }
    /// Whether the server has not answered the first frame yet.
    package var isAuthenticating: Bool { phase == .authenticating }

    // MARK: What we want

    /// Asks something.
    ///
    /// - Returns: its number, and the frame to send now, if the connection is ready.
    package mutating func call(
        _ endpoint: String,
        parameter: JSONValue?
    ) -> (id: Int, frame: ClientFrame?) {
        let id = takeID()
        calls.insert(id)
        return (id, send(.rpcCall(endpoint: endpoint, id: id, parameter: parameter)))
    }

    /// Opens a channel; as with a call.
    package mutating func open(
        _ endpoint: String,
        parameter: JSONValue?
    ) -> (id: Int, frame: ClientFrame?) {
        let id = takeID()
        channels.insert(id)
        return (id, send(.channelCreate(endpoint: endpoint, id: id, parameter: parameter)))
    }

    /// Sends a message on a channel; nothing if that has ended.
    package mutating func send(_ message: JSONValue, on channel: Int) -> ClientFrame? {
        guard channels.contains(channel) else { return nil }
        return send(.channelSend(id: channel, message: message))
    }

    /// Forgets a call whose answer nobody wants any more; one that waits is not sent.
    package mutating func forget(call id: Int) {
        calls.remove(id)
        queue.removeAll {
            if case .rpcCall(_, id, _) = $0 { true } else { false }
        }
    }

    /// Forgets a channel whose end nobody waits for any more.
    package mutating func forget(channel id: Int) {
        channels.remove(id)
    }

    /// Calls were sent past the session, while the connection was ready.
    ///
    /// - Parameters:
    ///   - id: the one that waits for its answer.
    ///   - next: the number that comes after those calls.
    package mutating func sent(call id: Int?, next: Int) {
        nextID = next
        if let id { calls.insert(id) }
    }

    private mutating func takeID() -> Int {
        defer { nextID += 1 }
        return nextID
    }

    private mutating func send(_ frame: ClientFrame) -> ClientFrame? {
        guard phase != .ready else { return frame }
        queue.append(frame)
        return nil
    }

    // MARK: What happens

    /// The connection is there.
    ///
    /// - Returns: the frame to send.
    package mutating func connected(as credentials: Credentials) -> JSONValue {
        phase = .authenticating
        return credentials.json
    }

    /// The connection is gone, or did not come about, and with it all calls and channels.
    package mutating func disconnected() {
        phase = .disconnected
        queue = []
        calls = []
        channels = []
    }

    /// A message came.
    package mutating func received(_ json: JSONValue) -> Action {
        switch phase {
        case .disconnected: .nothing
        case .authenticating: authenticated(json)
        case .ready: handle(json)
        }
    }

    /// A word that nobody knows was in a message on a channel.
    package mutating func note(_ unknown: UnknownWord) -> Action {
        warn(unknown.kind, unknown.warning)
    }

    private mutating func authenticated(_ json: JSONValue) -> Action {
        guard json.members?["success"] == .bool(true) else {
            return .refused(json.members?["error"]?.string ?? json.text)
        }
        phase = .ready
        defer { queue = [] }
        return .ready(queue)
    }

    private mutating func handle(_ json: JSONValue) -> Action {
        guard let frame = ServerFrame(json) else {
            let type = json.members?["type"]?.string ?? "none"
            return warn(
                "frame \(type)",
                "The server sent a frame that cannot be read and is ignored: \(json.text.prefix(200))"
            )
        }
        switch frame {
        case .rpcResult(let id, let result):
            return calls.remove(id) == nil ? .nothing : .result(call: id, result)
        case .rpcError(let id, let error):
            return calls.remove(id) == nil ? .nothing : .failed(call: id, error: error)
        case .channelSend(let id, let message):
            return channels.contains(id) ? .message(channel: id, message) : .nothing
        case .channelClose(let id):
            return channels.remove(id) == nil ? .nothing : .ended(channel: id, error: nil)
        case .channelError(let id, let error):
            return channels.remove(id) == nil ? .nothing : .ended(channel: id, error: error)
        case .communicationWarning(let text, let kind):
            return warn("warning \(kind ?? text)", "The server warns: \(text.quoted(upTo: 500))")
        case .signalError, .keepAliveAck: return .nothing
        }
    }

    private mutating func warn(_ kind: String, _ text: String) -> Action {
        warnedOf.isNew(kind) ? .warn(text) : .nothing
    }
}
