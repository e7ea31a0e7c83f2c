import LMStudioCore
import LMStudioWire
import Logging
import NIOCore

/// One WebSocket: moves messages, and does what its ``ServerSession`` says; on its event loop only.
final class Connection: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    let service: Service
    let namespace: String
    let channel: any Channel
    var session: ServerSession
    /// The running predictions, by channel.
    var predictions: [Int: RunningPrediction] = [:]
    /// Those that wait until the client has read more.
    var paused: Set<Int> = []
    /// The running loads, by channel.
    var loads: [Int: RunningLoad] = [:]
    /// The running calls, in the order they came: a client may use a number twice.
    private var calls: [Int: Task<Void, Never>] = [:]
    private var nextCall = 0
    /// Frames that go out together.
    var output = ByteBuffer()
    /// Where a fragment is written before its length is known.
    var scratch: [UInt8] = []
    var isFlushScheduled = false
    /// Whether nothing is read or written any more.
    var isClosing = false
    var context: ChannelHandlerContext?
    /// Repeats the progress of what runs; there while something does.
    var heartbeat: RepeatedTask?

    var decoder = FrameDecoder()
    /// Whether a long message is being parsed, and nothing is read until it is.
    var isParsing = false
    var isReadHeld = false
    var partialDeadline: Scheduled<Void>?
    /// When a part of a message came last.
    var lastRead = NIODeadline.now()

    private var dispatcher: Dispatcher?
    /// The client's files, where the host does not keep them.
    private(set) var files: UploadedFiles?
    private(set) var credentials: Credentials?
    private var authenticationDeadline: Scheduled<Void>?
    private var isStopping = false

    init(service: Service, namespace: String, channel: any Channel) {
        self.service = service
        self.namespace = namespace
        self.channel = channel
        session = ServerSession(
            namespace: namespace,
            limits: .init(
                channels: service.configuration.maxChannelsPerConnection,
                calls: service.configuration.maxCallsPerConnection
            )
        )
    }

    /// This connection, for closures that come back to its event loop.
    var bound: NIOLoopBound<Connection> { NIOLoopBound(self, eventLoop: channel.eventLoop) }

    // MARK: Life

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        authenticationDeadline = channel.eventLoop.assumeIsolated().scheduleTask(
            in: TimeAmount(service.configuration.authenticationTimeout)
        ) { [weak self] in
            guard let self else { return }
            perform(session.authenticationTimedOut())
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        end()
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        service.logger.debug("connection of \(namespace) failed: \(error)")
        context.close(promise: nil)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard let stop = event as? Service.Stop else {
            return context.fireUserInboundEventTriggered(event)
        }
        isStopping = true
        switch stop {
        case .whenIdle: perform(session.stop())
        case .now:
            perform(session.stopNow())
            abandonWork(Array(predictions.keys) + loads.keys)
            for call in calls.values { call.cancel() }
        }
        closeIfDone()
    }

    /// Nothing is read or written any more: what runs for the client is for nothing.
    func end() {
        isClosing = true
        authenticationDeadline?.cancel()
        partialDeadline?.cancel()
        abandonWork(session.disconnected())
        for call in calls.values { call.cancel() }
        service.logStreams.remove { $0.connection == ObjectIdentifier(self) }
        if let credentials { service.clients.release(credentials) }
        credentials = nil
    }

    private func abandonWork(_ ids: [Int]) {
        for id in ids {
            predictions.removeValue(forKey: id)?.channel.abandon("the client is gone")
            loads.removeValue(forKey: id)?.task.cancel()
        }
        paused = []
        stopHeartbeatIfIdle()
    }

    // MARK: Actions

    /// Does what the session says.
    func perform(_ actions: [ServerSession.Action]) {
        for action in actions {
            switch action {
            case .authenticate(let credentials): authenticate(credentials)
            case .reply(let json): send(json)
            case .send(let frame): send(frame.json)
            case .call(let endpoint, let id, let parameter): call(endpoint, id, parameter)
            case .open(let kind, let id, let parameter): open(kind, id, parameter)
            case .cancel(let id):
                if !isStopping { predictions[id]?.isCancelled = true }
                predictions[id]?.channel.cancel()
                loads[id]?.task.cancel()
            case .log(let text): service.logger.info("\(namespace): \(text)")
            case .close: close(isStopping ? 1001 : nil)
            }
        }
    }

    private func authenticate(_ credentials: Credentials) {
        authenticationDeadline?.cancel()
        switch service.clients.admit(credentials) {
        case .admitted(let files):
            self.credentials = credentials
            self.files = service.host.readsFileContent ? files : nil
            dispatcher = Dispatcher(host: service.host, files: self.files)
            perform(session.admitted())
        case .refused(let reason):
            service.logger.info("\(namespace): refused a client that failed to authenticate")
            perform(session.refused(reason))
        }
    }

    private func open(_ kind: ServerEndpoint.Channel, _ id: Int, _ parameter: JSONValue?) {
        switch kind {
        case .predict, .completeRawText: predict(kind, id, parameter)
        case .getOrLoad, .loadModel: load(kind, id, parameter)
        case .streamLogs: streamLogs(id)
        case .alive: break
        }
    }

    private func call(_ endpoint: String, _ id: Int, _ parameter: JSONValue?) {
        guard let dispatcher else { return }
        let (bound, loop, namespace, number) = (bound, channel.eventLoop, namespace, nextCall)
        nextCall += 1
        let answer = { @Sendable in
            let frame: ServerFrame
            do throws(LMStudioError) {
                let result = try await dispatcher.call(
                    endpoint,
                    in: namespace,
                    parameter: parameter
                )
                frame = .rpcResult(id: id, result: result == .null ? nil : result)
            } catch {
                frame = .rpcError(id: id, error: error.serverError)
            }
            loop.execute {
                let this = bound.value
                this.calls[number] = nil
                this.session.answered()
                this.send(frame.json)
                this.closeIfDone()
            }
        }
        // Waking another thread, and then this one, would take longer than a small answer does.
        if #available(macOS 26, *), Dispatcher.isSmall(endpoint, parameter) {
            calls[number] = Task.immediate(operation: answer)
        } else {
            calls[number] = Task(operation: answer)
        }
    }

    /// Ends a channel whose work is done, or has failed.
    func endChannel(_ id: Int, error: LMStudioError? = nil) {
        perform(session.ended(channel: id, error: error))
        stopHeartbeatIfIdle()
        closeIfDone()
    }

    /// Closes a stopping server's connection on which nothing is left to do.
    private func closeIfDone() {
        if isStopping, session.isIdle { close(1001) }
    }
}
