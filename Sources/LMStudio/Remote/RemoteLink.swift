import LMStudioCore
import LMStudioWire
import Logging
import NIOCore

/// One connection to one namespace of a server, while there is one, and what waits for it.
///
/// Everything here happens on one event loop. It asks a ``ClientSession`` what to do, and does it.
final class RemoteLink {
    struct OpenChannel {
        let receiver: any Receiver
        let ticket: Ticket
        let began = NIODeadline.now()
        /// When its end is no longer waited for, once the server was asked for it.
        var deadline: Scheduled<Void>?
    }

    private struct Call {
        let call: RemoteCall
        let began = NIODeadline.now()
        let timeout: Scheduled<Void>?
    }

    let target: RemoteTarget
    let eventLoop: any EventLoop
    var session = ClientSession()
    private(set) var channel: (any Channel)?
    var output: Output
    /// When anything at all came last.
    var lastRead = NIODeadline.now()
    /// Whether the server was asked for a sign of life.
    var isProbing = false
    /// Whether the bytes that came end with a whole message.
    var isBetweenMessages = true
    private(set) var isConnecting = false
    private var isClosed = false
    private var calls: [Int: Call] = [:]
    private var channels: [Int: OpenChannel] = [:]
    private var ids: [ObjectIdentifier: Int] = [:]
    /// Receivers that hold something to hand on.
    private var filled: [Int] = []
    /// Channels whose consumers are so far behind that nothing is read.
    private(set) var paused: Set<Int> = []

    init(_ target: RemoteTarget, on eventLoop: any EventLoop, _ line: DirectLine) {
        self.target = target
        self.eventLoop = eventLoop
        output = Output(line: line)
    }

    // MARK: What is wanted

    func call(_ call: RemoteCall) {
        guard !isClosed else { return call.answer(.failure(Self.closed)) }
        guard !call.ticket.isCancelled else { return call.answer(.failure(Self.cancelled)) }
        let (id, frame) = session.call(call.endpoint, parameter: call.parameter)
        note(call, id)
        send(frame)
    }

    func note(_ call: RemoteCall, _ id: Int) {
        output.isAwaited = call.isAwaited
        calls[id] = Call(call: call, timeout: timer(call.patience, call.ticket, call.endpoint))
        ids[ObjectIdentifier(call.ticket)] = id
    }

    func open(
        _ endpoint: String,
        _ parameter: JSONValue?,
        _ ticket: Ticket,
        _ receiver: any Receiver
    ) {
        guard !isClosed else { return receiver.end(Self.closed) }
        let (id, frame) = session.open(endpoint, parameter: parameter)
        channels[id] = OpenChannel(receiver: receiver, ticket: ticket)
        ids[ObjectIdentifier(ticket)] = id
        send(frame)
        // Cancelled before it began: it begins, so that the server says how it ended.
        if ticket.isCancelled { cancel(ticket) }
    }

    private func timer(
        _ patience: Patience?,
        _ ticket: Ticket,
        _ endpoint: String
    ) -> Scheduled<Void>? {
        guard let patience, let wait = patience.longestWait else { return nil }
        let link = NIOLoopBound(self, eventLoop: eventLoop)
        return eventLoop.scheduleTask(in: TimeAmount(wait)) {
            let what = link.value.stage ?? "the call of \(endpoint)"
            link.value.drop(ticket, because: patience.error(doing: what))
        }
    }

    private func drop(_ ticket: Ticket, because error: LMStudioError) {
        guard let id = ids[ObjectIdentifier(ticket)], let call = calls[id] else { return }
        doubt(since: call.began)
        session.forget(call: id)
        answer(id, .failure(error))
    }

    /// Lets go of a call, or asks the server to stop what it does on a channel.
    func cancel(_ ticket: Ticket) {
        guard let id = ids[ObjectIdentifier(ticket)] else { return }
        if calls[id] != nil {
            drop(ticket, because: Self.cancelled)
        } else if let open = channels[id] {
            waitForEnd(of: id)
            guard let frame = session.send(.object(["type": .string("cancel")]), on: id) else {
                return
            }
            write(frame.json)
            doubt(since: open.began)
        }
    }

    /// Waits for the end of what is to stop, but not for ever.
    func waitForEnd(of id: Int) {
        channels[id]?.deadline = timerOfEnd(id)
    }

    func close() {
        isClosed = true
        lost(because: Self.closed)
        guard let channel else { return }
        var bytes = channel.allocator.buffer(capacity: 8)
        // 1000: a normal closure.
        WebSocketFrameWriter.write([0x03, 0xe8], as: .close, into: &bytes)
        channel.writeAndFlush(bytes).whenComplete { _ in channel.close(promise: nil) }
        // A server that does not read must not hold up the end.
        let deadline = eventLoop.scheduleTask(in: .seconds(2)) { channel.close(promise: nil) }
        channel.closeFuture.whenComplete { _ in deadline.cancel() }
        self.channel = nil
    }

    private static let closed = LMStudioError(.cancelled, "the client was closed")
    private static let cancelled = LMStudioError(.cancelled, "the task was cancelled")

    private func send(_ frame: ClientFrame?) {
        if let frame { return write(frame.json) }
        guard channel == nil, !isConnecting else { return }
        isConnecting = true
        let handler = NIOLoopBound(RemoteLinkHandler(link: self), eventLoop: eventLoop)
        let link = NIOLoopBound(self, eventLoop: eventLoop)
        target.connect(on: eventLoop, handler: handler).whenComplete { result in
            link.value.connected(result)
        }
    }

    // MARK: What happens

    private func connected(_ result: Result<any Channel, any Error>) {
        isConnecting = false
        switch result {
        case .failure(let error):
            lost(because: target.unreachable(error))
        case .success(let channel):
            guard !isClosed else { return channel.close(promise: nil) }
            self.channel = channel
            // TLS has a state that only the channel knows.
            output.socket = target.tls == nil ? LineSocket(channel) : nil
            write(session.connected(as: target.credentials))
            let link = NIOLoopBound(self, eventLoop: eventLoop)
            eventLoop.scheduleTask(in: target.patience) {
                link.value.checkAuthentication(on: channel)
            }
        }
    }

    /// The connection is gone: everything under way fails, and the next call makes a new one.
    func lost(_ gone: (any Channel)?, because error: LMStudioError) {
        guard gone == nil || gone === channel else { return }
        channel = nil
        lost(because: error)
    }

    private func lost(because error: LMStudioError) {
        endLending()
        let (calls, channels) = (self.calls, self.channels)
        (self.calls, self.channels, ids, filled, paused) = ([:], [:], [:], [], [])
        isProbing = false
        session.disconnected()
        for open in calls.values {
            open.timeout?.cancel()
            open.call.answer(.failure(error))
        }
        for open in channels.values {
            open.deadline?.cancel()
            _ = open.receiver.flush()
            open.receiver.end(error)
        }
    }

    /// A whole message came.
    func received(_ bytes: UnsafeRawBufferPointer) {
        if session.isReady, let (id, fragment) = FragmentScanner.scan(bytes) {
            guard let open = channels[id] else { return }
            open.receiver.receive(fragment)
            return noteFilled(id)
        }
        let json: JSONValue
        do throws(LMStudioError) {
            json = try JSONValue(parsing: bytes, as: "a message of the server")
        } catch {
            return target.logger.warning("\(error)")
        }
        withLine { perform(session.received(json)) }
    }

    private func perform(_ action: ClientSession.Action) {
        switch action {
        case .ready(let frames):
            for frame in frames { write(frame.json) }
        case .refused(let reason):
            let channel = channel.take()
            lost(because: target.refused(reason))
            channel?.close(promise: nil)
        case .result(let id, let result): answer(id, .success(result))
        case .failed(let id, let error):
            answer(id, .failure(LMStudioError(serverError: error)))
        case .message(let id, let message):
            guard let open = channels[id] else { return }
            switch open.receiver.receive(message) {
            case .oneOfMany(let unknown):
                noteFilled(id)
                warn(of: unknown)
            case .last(let unknown):
                forget(id)
                warn(of: unknown)
            case .unknown(let type): warn(of: [.messageType(type)])
            }
        case .ended(let id, let error):
            guard let open = forget(id) else { return }
            _ = open.receiver.flush()
            open.receiver.end(
                error.map { LMStudioError(serverError: $0) }
                    ?? LMStudioError(
                        .server,
                        "the server closed the channel before the result came"
                    )
            )
        case .warn(let text): target.logger.warning("\(text)")
        case .nothing: break
        }
    }

    private func warn(of unknown: [UnknownWord]) {
        for word in unknown { perform(session.note(word)) }
    }

    private func answer(_ id: Int, _ result: Result<JSONValue?, LMStudioError>) {
        guard let open = calls.removeValue(forKey: id) else { return }
        ids[ObjectIdentifier(open.call.ticket)] = nil
        open.timeout?.cancel()
        open.call.answer(result)
    }

    @discardableResult
    func forget(_ id: Int) -> OpenChannel? {
        guard let open = channels.removeValue(forKey: id) else { return nil }
        ids[ObjectIdentifier(open.ticket)] = nil
        open.deadline?.cancel()
        return open
    }

    /// Whether nothing is under way, so that the answer to a call is the next thing to come.
    var isIdle: Bool {
        calls.isEmpty && channels.isEmpty && paused.isEmpty && isBetweenMessages && !isProbing
    }

    // MARK: Handing on

    private func noteFilled(_ id: Int) {
        if filled.last != id { filled.append(id) }
    }

    /// The bytes that came at once are read: what they brought goes on to those who wait.
    func flush() {
        for id in filled { flush(id) }
        filled.removeAll(keepingCapacity: true)
    }

    private func flush(_ id: Int) {
        guard let slow = channels[id]?.receiver.flush(), paused.insert(id).inserted else { return }
        try? channel?.syncOptions?.setOption(.autoRead, value: false)
        let link = NIOLoopBound(self, eventLoop: eventLoop)
        slow.onDrain(below: RemotePrediction.bound / 2) { [eventLoop] in
            eventLoop.execute { link.value.resume(id) }
        }
    }

    /// Reads on when nobody is behind; a number is never used again, not even on another connection.
    private func resume(_ id: Int) {
        guard paused.remove(id) != nil, paused.isEmpty else { return }
        lastRead = .now()
        try? channel?.syncOptions?.setOption(.autoRead, value: true)
    }
}
