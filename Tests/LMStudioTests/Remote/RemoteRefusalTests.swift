import LMStudioWire
import NIOCore
import NIOPosix
import Testing

@testable import LMStudio

/// What is told of a server that does not let a client in.
@Suite(.timeLimit(.minutes(10))) struct RemoteRefusalTests {
    /// Answers the first bytes that come with others, and closes the connection then, if it is to.
    private final class Stranger: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let answer: String
        private let closes: Bool

        init(_ answer: String, closes: Bool) {
            (self.answer, self.closes) = (answer, closes)
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: answer)), promise: nil)
            if closes { context.close(promise: nil) }
        }
    }

    /// What a client says of a server that answers so.
    private func failure(
        _ answer: String,
        closes: Bool = false,
        scheme: String = "ws"
    ) async throws -> String {
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        Stranger(answer, closes: closes)
                    )
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let address = "\(scheme)://127.0.0.1:\(listener.localAddress?.port ?? 0)"
        let host = try RemoteHost(HostAddress(address))
        let error = await #expect(throws: LMStudioError.self) { try await host.listDownloaded() }
        try await listener.close()
        host.close()
        #expect(error?.code == .connection)
        let text = error?.description ?? ""
        let start = "LM Studio is not reachable at \(address): "
        let end = ". Is LM Studio running?"
        #expect(text.hasPrefix(start) && text.hasSuffix(end), "\(text)")
        return String(text.dropFirst(start.count).dropLast(end.count))
    }

    private static let head = "HTTP/1.1 403 Forbidden\r\n"

    @Test(arguments: [
        (head + "Content-Length: 0\r\n\r\n", ""),
        (head + "Content-Length: 19\r\n\r\nGo away.\nAnd so on.", #": "Go away.""#),
        (head + "Content-Length: 17\r\n\r\n{\"error\":\"never\"}", #": "{"error":"never"}""#),
        (head + "Content-Length: 15\r\n\r\n<html>No</html>", ""),
        // Nothing more comes of it.
        (head + "Content-Length: 100\r\n\r\n", ""),
        (head + "Content-Length: 9000\r\n\r\n" + String(repeating: "a", count: 9000), #": "aaa"#),
    ])
    func whatARefusalSaysIsTold(answer: String, reason: String) async throws {
        let told = try await failure(answer)
        #expect(told.hasPrefix("the answer was HTTP 403 Forbidden\(reason)"), "\(told)")
        #expect(told.count < 300)
    }

    @Test func aHandshakeWithAnotherKeyIsToldInWords() async throws {
        let told = try await failure(
            "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n"
                + "Sec-WebSocket-Accept: x\r\n\r\n"
        )
        #expect(told == "its answer to the WebSocket handshake is wrong")
    }

    @Test func aServerThatMayWantTLSIsToldOf() async throws {
        let told = try await failure("", closes: true)
        #expect(told == "the connection was closed at once; if it wants TLS, give wss://")
    }

    @Test(arguments: [true, false])
    func aServerWithoutTLSIsToldOf(closes: Bool) async throws {
        let told = try await failure(
            closes ? "" : "HTTP/1.1 400 Bad Request\r\n\r\n",
            closes: closes,
            scheme: "wss"
        )
        #expect(
            told
                == (closes
                    ? "the connection was closed at once; if it does not speak TLS, give ws://"
                    : "it does not speak TLS; give ws://")
        )
    }

    @Test func aNameThatNobodyKnowsIsToldInWords() async throws {
        // No part of a name may be that long, so that nobody is asked.
        let name = String(repeating: "a", count: 64) + ".invalid"
        let host = try RemoteHost(HostAddress("ws://\(name):1"))
        let error = await #expect(throws: LMStudioError.self) { try await host.listDownloaded() }
        let text = error?.description ?? ""
        #expect(text.hasPrefix("LM Studio is not reachable at ws://\(name):1: "))
        #expect(!text.contains("Error"), "\(text)")
    }

    @Test func aServerThatDoesNotAnswerTheAuthenticationIsToldOf() async throws {
        let server = try await FakeServer { _, _ in [] }
        let error = await #expect(throws: LMStudioError.self) {
            _ = try await LLM(client: LMStudioClient(server.address), identifier: "m")
                .countTokens("text", timeouts: Timeouts(idle: .seconds(5)))
        }
        #expect(error?.code == .timedOut)
        let reason = "nothing came of the authentication at \(server.address) for 5.0 s"
        #expect(error?.message.hasPrefix(reason) == true)
        let host = try RemoteHost(
            HostAddress(server.address),
            credentials: .guest(),
            // Enough for the connection of a busy machine.
            patience: .seconds(5)
        )
        let other = await #expect(throws: LMStudioError.self) { try await host.listDownloaded() }
        #expect(other?.message.contains("it did not answer the authentication") == true)
        await server.stop()
    }

    @Test(arguments: [(nil, "LM_API_TOKEN"), ("sk-lm-abcdefgh:01234567890123456789", "check the")])
    func aRefusalSaysWhereATokenGoes(token: String?, hint: String) async throws {
        let server = try await FakeServer { _, _ in
            [.text(#"{"success":false,"error":"Invalid API token"}"#)]
        }
        let host = try RemoteHost(HostAddress(server.address), apiToken: token)
        let error = await #expect(throws: LMStudioError.self) { try await host.listDownloaded() }
        #expect(error?.code == .server)
        let start = "Authentication failed: Invalid API token; "
        #expect(error?.message.hasPrefix(start) == true)
        #expect(error?.message.contains(hint) == true)
        #expect(error?.message.contains("abcdefgh") == false)
        await server.stop()
    }
}
