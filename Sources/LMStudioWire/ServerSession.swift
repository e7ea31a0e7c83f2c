package import LMStudioCore

/// The server's side of one connection: authentication, calls in hand, open channels, warnings.
///
/// A pure value: each event is a mutating method that returns what is to be done, in that order.
package struct ServerSession: Sendable {
    /// What the owner of the connection has to do.
    package enum Action: Sendable, Equatable {
        /// Look at the credentials, and say ``admitted()`` or ``refused(_:)``.
        case authenticate(Credentials)
        /// Send the answer to the authentication.
        case reply(JSONValue)
        /// Send a frame.
        case send(ServerFrame)
        /// Answer a call, and say ``answered()``.
        case call(endpoint: String, id: Int, parameter: JSONValue?)
        /// Begin the work of a channel, and say ``ended(channel:)`` with it.
        case open(ServerEndpoint.Channel, id: Int, parameter: JSONValue?)
        /// Ask the work of a channel to stop; its end is still to be told.
        case cancel(channel: Int)
        /// Write this into the log.
        case log(String)
        /// Close the connection.
        case close
    }

    private enum Phase { case awaitingCredentials, authenticating, open, stopping, closed }

    /// Bounds of one connection.
    package struct Limits: Sendable {
        /// Channels that may be open at once.
        package var channels: Int
        /// Calls that may be in hand at once.
        package var calls: Int

        package init(channels: Int = 1024, calls: Int = 1024) {
            self.channels = channels
            self.calls = calls
        }
    }

    /// More mistakes than these are not told to the client.
    package static let maximumWarnings = 5

    private let namespace: String
    private let limits: Limits
    private var phase = Phase.awaitingCredentials
    private var channels: [Int: ServerEndpoint.Channel] = [:]
    private var callsInHand = 0
    /// Clients count upwards, so that a message for a lower one is late, not wrong.
    private var highestChannel = -1
    private var warnings = 0

    package init(namespace: String, limits: Limits = Limits()) {
        self.namespace = namespace
        self.limits = limits
    }

    /// Whether the client was admitted.
    package var isAuthenticated: Bool { phase == .open || phase == .stopping }

    /// Whether no call is in hand and no channel open.
    package var isIdle: Bool { channels.isEmpty && callsInHand == 0 }

    // MARK: Authentication

    /// The credentials are good.
    package mutating func admitted() -> [Action] {
        guard phase == .authenticating else { return [] }
        phase = .open
        return [.reply(.object(["success": .bool(true)]))]
    }

    /// The credentials are not good.
    package mutating func refused(_ reason: String) -> [Action] {
        guard phase == .authenticating else { return [] }
        return refuse(reason)
    }

    /// The client had time enough to say who it is.
    package mutating func authenticationTimedOut() -> [Action] {
        guard phase == .awaitingCredentials else { return [] }
        return refuse("Authentication timed out")
    }

    private mutating func refuse(_ reason: String) -> [Action] {
        phase = .closed
        return [
            .reply(.object(["success": .bool(false), "error": .string(reason)])), .close,
        ]
    }

    // MARK: Frames

    /// A message came; `nil` if it was no JSON.
    package mutating func received(_ json: JSONValue?) -> [Action] {
        switch phase {
        case .closed, .authenticating: return []
        case .awaitingCredentials:
            guard let json, let credentials = Credentials(json) else {
                return [.log("ignored a message before the authentication that is none")]
            }
            phase = .authenticating
            return [.authenticate(credentials)]
        case .open, .stopping:
            guard let json else { return [.log("ignored a message that is no JSON")] }
            guard let frame = ClientFrame(json) else {
                let type = json.members?["type"]?.kind ?? "none"
                return [.log("ignored a frame that cannot be read, of type \(type)")]
            }
            return received(frame)
        }
    }

    private mutating func received(_ frame: ClientFrame) -> [Action] {
        switch frame {
        case .rpcCall(let endpoint, let id, let parameter):
            return called(endpoint, id: id, parameter: parameter)
        case .channelCreate(let endpoint, let id, let parameter):
            return created(endpoint, id: id, parameter: parameter)
        case .channelSend(let id, let message): return sent(message, on: id)
        case .channelAck: return []
        case .signalSubscribe(let endpoint, let id, let isWritable):
            let error = LMStudioError.noEndpoint(endpoint, in: namespace).serverError
            return [.send(.signalError(id: id, error: error, isWritable: isWritable))]
        case .communicationWarning(let text, _): return warned(text)
        case .keepAlive: return [.send(.keepAliveAck)]
        }
    }

    private mutating func called(_ endpoint: String, id: Int, parameter: JSONValue?) -> [Action] {
        func refuse(_ error: LMStudioError) -> [Action] {
            [.send(.rpcError(id: id, error: error.serverError))]
        }
        if phase == .stopping { return refuse(.serverStops) }
        guard callsInHand < limits.calls else {
            return refuse(
                LMStudioError(
                    .invalidState,
                    "\(limits.calls) calls are in hand on this connection already; "
                        + "wait for some of them, then call \"\(endpoint)\" again"
                )
            )
        }
        callsInHand += 1
        return [.call(endpoint: endpoint, id: id, parameter: parameter)]
    }

    private mutating func created(_ endpoint: String, id: Int, parameter: JSONValue?) -> [Action] {
        func refuse(_ error: LMStudioError) -> [Action] {
            [.send(.channelError(id: id, error: error.serverError))]
        }
        guard channels[id] == nil else {
            return warn("Received channelCreate for already open channel", id, "channelAlreadyOpen")
        }
        highestChannel = max(highestChannel, id)
        if phase == .stopping { return refuse(.serverStops) }
        guard let kind = ServerEndpoint.channel(endpoint, in: namespace) else {
            return refuse(.noEndpoint(endpoint, in: namespace))
        }
        guard channels.count < limits.channels else {
            return refuse(
                LMStudioError(
                    .invalidState,
                    "\(limits.channels) channels are open on this connection already; "
                        + "wait for some of them, then open \"\(endpoint)\" again"
                )
            )
        }
        channels[id] = kind
        return kind.isServed ? [.open(kind, id: id, parameter: parameter)] : []
    }

    private mutating func sent(_ message: JSONValue, on id: Int) -> [Action] {
        guard let kind = channels[id] else {
            guard id > highestChannel else { return [] }
            return warn("Received channelSend for unknown channel", id, "channelUnknown")
        }
        guard let type = message.members?["type"]?.string, type == kind.stopMessage else {
            return warn("Received an unknown message on a channel", id, "channelMessageTypeError")
        }
        if kind.isWork { return [.cancel(channel: id)] }
        channels[id] = nil
        return [.send(.channelClose(id: id))]
    }

    /// Nobody listens on a channel any more: its work is for nothing.
    private mutating func warned(_ text: String) -> [Action] {
        let prefix = "Received channelSend for unknown channel, channelId = "
        let log = Action.log("the client warns: \(text.quoted(upTo: 500))")
        guard text.hasPrefix(prefix), let id = Int(text.dropFirst(prefix.count)),
            channels[id]?.isWork == true
        else { return [log] }
        return [log, .cancel(channel: id)]
    }

    private mutating func warn(_ text: String, _ id: Int, _ kind: String) -> [Action] {
        let text = "\(text), channelId = \(id)"
        warnings += 1
        guard warnings <= Self.maximumWarnings else { return [.log(text)] }
        return [.send(.communicationWarning(text, kind: kind)), .log(text)]
    }

    // MARK: Work

    /// A call was answered.
    package mutating func answered() {
        callsInHand -= 1
    }

    /// Whether a channel is open, so that something may be sent on it.
    package func isOpen(channel id: Int) -> Bool { channels[id] != nil }

    /// The work of a channel is at its end: it failed, or its final message was sent.
    ///
    /// Nothing is to be done if the channel was ended before.
    package mutating func ended(channel id: Int, error: LMStudioError? = nil) -> [Action] {
        guard channels.removeValue(forKey: id) != nil else { return [] }
        return [
            .send(
                error.map { .channelError(id: id, error: $0.serverError) } ?? .channelClose(id: id)
            )
        ]
    }

    // MARK: The end

    /// The server stops: work is asked to end, nothing new begins.
    package mutating func stop() -> [Action] {
        guard phase == .open else {
            phase = .closed
            return [.close]
        }
        phase = .stopping
        return channels.sorted { $0.key < $1.key }.map { id, kind in
            guard !kind.isWork else { return .cancel(channel: id) }
            channels[id] = nil
            return .send(.channelClose(id: id))
        }
    }

    /// The server has waited long enough: what is open fails.
    package mutating func stopNow() -> [Action] {
        var actions: [Action] = []
        for id in channels.keys.sorted() { actions += ended(channel: id, error: .serverStops) }
        phase = .closed
        return actions + [.close]
    }

    /// The connection is gone.
    ///
    /// - Returns: the channels whose work nobody waits for.
    package mutating func disconnected() -> [Int] {
        defer { channels = [:] }
        phase = .closed
        return channels.filter(\.value.isWork).keys.sorted()
    }
}

extension LMStudioError {
    /// What calls get that come while the server stops.
    fileprivate static var serverStops: LMStudioError {
        LMStudioError(.invalidState, "the server is stopping; connect again when it is back")
    }

    /// What a call of an endpoint gets that this server has not.
    static func noEndpoint(_ endpoint: String, in namespace: String) -> LMStudioError {
        let name = "\"\(endpoint.prefix(100))\""
        return LMStudioError(
            .unsupported,
            ServerEndpoint.isKnown(endpoint, in: namespace)
                ? "\(name) of the namespace \"\(namespace)\" is not supported by this server"
                : "there is no endpoint \(name) in the namespace \"\(namespace)\""
        )
    }
}
