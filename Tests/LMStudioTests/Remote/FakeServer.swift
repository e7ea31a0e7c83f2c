import LMStudioCore
import LMStudioWire
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket
import Synchronization

/// A server of one test's making, on a free port: it does with each frame what the test says.
final class FakeServer: Sendable {
    /// What the server does with what it has received.
    enum Action: Sendable {
        /// Sends a text message.
        case text(String)
        /// Sends bytes as they are, past the WebSocket framing.
        case raw([UInt8])
        /// Sends a message in parts.
        case parts([String])
        case ping
        /// Closes as it should be done, but without waiting for the other side to do so.
        case close
        /// The beginning of that: the other side is to close.
        case goodbye
        /// Closes without a word.
        case drop
    }

    typealias Script = @Sendable (_ text: String, _ path: String) -> [Action]

    private struct State {
        var received: [String] = []
        var waiters:
            [(isMet: @Sendable ([String]) -> Bool, done: CheckedContinuation<Void, Never>)] =
                []
        var connections: [any Channel] = []
        var connectionCount = 0
    }

    private let state = Mutex(State())
    private let script: Script
    fileprivate let answersPings: Bool
    private let listener = Mutex<(any Channel)?>(nil)
    /// The port it listens on.
    let port: Int

    var address: String { "ws://127.0.0.1:\(port)" }

    /// Starts a server.
    ///
    /// - Parameters:
    ///   - port: 0: a free one.
    ///   - answersPings: whether it does what every WebSocket does by itself.
    ///   - script: what to do with each text message, the authentication included.
    /// - Throws: what NIO throws if the port cannot be had.
    init(
        port: Int = 0,
        answersPings: Bool = true,
        _ script: @escaping Script
    ) async throws {
        self.script = script
        self.answersPings = answersPings
        let slot = Mutex<FakeServer?>(nil)
        let listening = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                let server = slot.withLock { $0 }
                return channel.eventLoop.makeCompletedFuture { try server?.initialize(channel) }
            }
            .bind(host: "127.0.0.1", port: port)
            .get()
        self.port = listening.localAddress?.port ?? 0
        listener.withLock { $0 = listening }
        slot.withLock { $0 = self }
        holder.withLock { $0 = { slot.withLock { $0 = nil } } }
    }

    private let holder = Mutex<(@Sendable () -> Void)?>(nil)

    /// A script that takes everybody in, and answers the frames behind that.
    static func script(_ answer: @escaping @Sendable (ClientFrame) -> [Action]) -> Script {
        { text, _ in
            guard let json = try? JSONValue(parsing: text, as: "a frame") else { return [.drop] }
            if Credentials(json) != nil { return [.text(#"{"success":true}"#)] }
            return ClientFrame(json).map(answer) ?? []
        }
    }

    private func initialize(_ channel: any Channel) throws {
        state.withLock { state in
            state.connections.append(channel)
            state.connectionCount += 1
        }
        let upgrader = NIOWebSocketServerUpgrader(
            maxFrameSize: 1 << 24,
            shouldUpgrade: { channel, _ in channel.eventLoop.makeSucceededFuture([:]) },
            upgradePipelineHandler: { [weak self] channel, head in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Peer(self, path: head.uri))
                }
            }
        )
        try channel.pipeline.syncOperations.configureHTTPServerPipeline(
            withServerUpgrade: (upgraders: [upgrader], completionHandler: { _ in })
        )
    }

    fileprivate func answer(_ text: String, _ path: String) -> [Action] {
        let done = state.withLock { state in
            state.received.append(text)
            let met = state.waiters.filter { $0.isMet(state.received) }
            state.waiters.removeAll { $0.isMet(state.received) }
            return met.map(\.done)
        }
        for waiter in done { waiter.resume() }
        return script(text, path)
    }

    /// The text messages until now.
    var received: [String] { state.withLock { $0.received } }

    /// How many connections there were.
    var connectionCount: Int { state.withLock { $0.connectionCount } }

    /// Waits until the messages are as they should be.
    func wait(until isMet: @escaping @Sendable ([String]) -> Bool) async {
        await withCheckedContinuation { continuation in
            let isDone = state.withLock { state in
                guard !isMet(state.received) else { return true }
                state.waiters.append((isMet, continuation))
                return false
            }
            if isDone { continuation.resume() }
        }
    }

    /// Drops all connections, and goes on listening.
    func dropAll() async {
        let connections = state.withLock { state in
            defer { state.connections = [] }
            return state.connections
        }
        for connection in connections { try? await connection.close() }
    }

    /// Stops listening and drops all connections.
    func stop() async {
        try? await listener.withLock { $0.take() }?.close()
        await dropAll()
        holder.withLock { $0.take() }?()
    }
}

/// One connection of the server.
private final class Peer: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    private weak var server: FakeServer?
    private let path: String

    init(_ server: FakeServer?, path: String) {
        self.server = server
        self.path = path
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        guard let server else { return }
        if frame.opcode == .ping, server.answersPings {
            let pong = WebSocketFrame(fin: true, opcode: .pong, data: frame.unmaskedData)
            context.writeAndFlush(wrapOutboundOut(pong), promise: nil)
        }
        guard frame.opcode == .text else { return }
        for action in server.answer(String(buffer: frame.unmaskedData), path) {
            perform(action, context)
        }
    }

    private func perform(_ action: FakeServer.Action, _ context: ChannelHandlerContext) {
        func send(_ opcode: WebSocketOpcode, _ text: String, isLast: Bool = true) {
            let frame = WebSocketFrame(fin: isLast, opcode: opcode, data: ByteBuffer(string: text))
            context.writeAndFlush(wrapOutboundOut(frame), promise: nil)
        }
        switch action {
        case .text(let text): send(.text, text)
        case .parts(let parts):
            for (index, part) in parts.enumerated() {
                send(index == 0 ? .text : .continuation, part, isLast: index == parts.count - 1)
            }
        case .raw(let bytes):
            let codec = try? context.pipeline.syncOperations.context(
                handlerType: WebSocketFrameEncoder.self
            )
            codec?.writeAndFlush(NIOAny(ByteBuffer(bytes: bytes)), promise: nil)
        case .ping: send(.ping, "are you there")
        case .close, .goodbye:
            context.writeAndFlush(
                wrapOutboundOut(
                    WebSocketFrame(
                        fin: true,
                        opcode: .connectionClose,
                        data: ByteBuffer(bytes: [0x03, 0xe8])
                    )
                ),
                promise: nil
            )
            if case .close = action { context.close(promise: nil) }
        case .drop: context.close(promise: nil)
        }
    }
}
