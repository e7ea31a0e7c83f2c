import LMStudioTesting
import LMStudioWire
import NIOCore
import NIOPosix
import Testing

@testable import LMStudio

/// Servers that do what they should not.
@Suite struct RemoteFaultTests {
    /// An unmasked text frame, as a server sends it.
    private static func frame(_ text: String, opcode: UInt8 = 1) -> [UInt8] {
        let bytes = Array(text.utf8)
        return [0x80 | opcode, 126, UInt8(bytes.count >> 8), UInt8(bytes.count & 255)] + bytes
    }

    /// The bytes of a whole answer to a prediction; the first of a connection is number 1.
    private static func session(_ id: Int = 1) -> [UInt8] {
        (FakeServer.progress(id, ["Hello", " wörld"]) + FakeServer.success(id, .eosFound)).flatMap {
            action -> [UInt8] in
            guard case .text(let text) = action else { return [] }
            return frame(text)
        }
    }

    private func complete(_ server: FakeServer) async throws -> PredictionResult {
        let client = LMStudioClient(
            host: try RemoteHost(HostAddress(server.address)),
            timeouts: Timeouts(total: .seconds(600))
        )
        return try await LLM(client: client, identifier: "sample-1b").complete("text")
    }

    @Test func connectionDroppedAtEveryByteFailsAtOnce() async throws {
        let session = Self.session()
        // The last frame is channelClose, which comes after the result.
        let needed = session.count - Self.frame(#"{"channelId":1,"type":"channelClose"}"#).count
        for offset in 0...session.count {
            let server = try await FakeServer(
                FakeServer.script { _ in [.raw(Array(session[..<offset])), .drop] }
            )
            do {
                let result = try await complete(server)
                #expect(result.content == "Hello wörld")
                #expect(offset >= needed)
            } catch let error as LMStudioError {
                #expect(error.code == .connection, "at \(offset): \(error)")
                #expect(offset < needed)
            }
            await server.stop()
        }
    }

    @Test(arguments: [1, 2, 3, 7, 64])
    func sessionMayComeInPiecesOfAnySize(size: Int) async throws {
        let server = try await FakeServer(
            FakeServer.script { frame in
                switch frame {
                case .channelCreate(_, let id, _): [.raw(Self.session(id))]
                case .rpcCall(_, let id, _):
                    [
                        .text(ServerFrame.rpcResult(id: id, result: .null).json.text)
                    ]
                default: []
                }
            }
        )
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let target = RemoteTarget(
            host: "127.0.0.1",
            port: server.port,
            path: "/llm",
            tls: nil,
            credentials: .guest(),
            logger: LogRecorder().logger,
            name: server.address,
            patience: .seconds(10),
            readingPause: .hours(1)
        )
        let connected = loop.makePromise(of: Void.self)
        let link = try await loop.submit {
            let link = RemoteLink(target, on: loop, DirectLine())
            link.call(
                RemoteCall(
                    endpoint: "listLoaded",
                    parameter: nil,
                    ticket: Ticket(),
                    patience: nil,
                    isAwaited: false
                ) { answer in
                    connected.completeWith(Result { _ = try answer.get() })
                }
            )
            return NIOLoopBoundBox(link, eventLoop: loop)
        }.get()
        try await connected.futureResult.get()
        let prediction = PredictionChannel()
        prediction.watch(Patience(total: .seconds(20), idle: nil))
        try await loop.flatSubmit { () -> EventLoopFuture<Void> in
            guard let channel = link.value.channel else {
                return loop.makeFailedFuture(ChannelError.alreadyClosed)
            }
            let pieces = FixedSizeRecvByteBufferAllocator(capacity: size)
            return channel.setOption(.recvAllocator, value: pieces)
                .and(channel.setOption(.maxMessagesPerRead, value: 1)).map { _ in }
        }.get()
        loop.execute {
            link.value.open("predict", nil, Ticket(), RemotePrediction(prediction))
        }
        let result = try await PredictionStream(prediction).result()
        #expect(result.content == "Hello wörld")
        #expect(result.stats.stopReason == .eosFound)
        loop.execute { link.value.close() }
        await server.stop()
    }

    @Test func aServersGoodbyeIsTold() async throws {
        let server = try await FakeServer(
            FakeServer.script { _ in
                // 1009: too much.
                [.raw([0x88, 0x0a, 0x03, 0xf1] + Array("too long".utf8))]
            }
        )
        let host = try RemoteHost(HostAddress(server.address))
        let error = await #expect(throws: LMStudioError.self) {
            _ = try await host.listLoaded(.llm)
        }
        #expect(error?.code == .connection)
        #expect(error?.message.contains("closed the connection, saying \"too long\";") == true)
        await server.stop()
    }

    @Test(arguments: [
        (#""eosFound""#, #""tiredOfIt""#, PredictionStats.StopReason.failed),
        (#""reasoningType":"none""#, #""reasoningType":"musing""#, .eosFound),
        (#""stopAtLimit""#, #""forget""#, .eosFound),
    ])
    func wordsThatNobodyKnowsAreLoggedOnce(
        known: String,
        unknown: String,
        stopReason: PredictionStats.StopReason
    ) async throws {
        let log = LogRecorder()
        let server = try await FakeServer(
            FakeServer.script { frame in
                guard case .channelCreate(_, let id, _) = frame else { return [] }
                return (FakeServer.progress(id, ["Hello"]) + FakeServer.success(id, .eosFound)).map
                {
                    guard case .text(let text) = $0 else { return $0 }
                    return .text(text.replacing(known, with: unknown))
                }
            }
        )
        let host = try RemoteHost(HostAddress(server.address), logger: log.logger)
        let model = LLM(client: LMStudioClient(host: host), identifier: "sample-1b")
        for _ in 0..<2 {
            let result = try await model.complete("text")
            #expect(result.content == "Hello")
            #expect(result.stats.stopReason == stopReason)
        }
        let name = try #require(unknown.split(separator: "\"").last)
        #expect(log.lines.count { $0.contains("\"\(name)\"") } == 1, "\(log.lines)")
        await server.stop()
    }

    @Test func serverRestartedAHundredTimesIsFoundEachTime() async throws {
        let script = FakeServer.script { frame in
            switch frame {
            case .channelCreate(_, let id, _): FakeServer.progress(id, ["Hello"])
            case .rpcCall(_, let id, _):
                [.text(#"{"type":"rpcResult","callId":\#(id),"result":[]}"#)]
            default: []
            }
        }
        var server = try await FakeServer(script)
        let (port, address) = (server.port, try HostAddress(server.address))
        let client = LMStudioClient(
            host: try RemoteHost(address),
            timeouts: Timeouts(total: .seconds(600))
        )
        let model = LLM(client: client, identifier: "sample-1b")
        for _ in 0..<100 {
            await #expect(throws: LMStudioError.self) {
                // The first fragment is there, the second never comes.
                let stream = try model.completeStream("text")
                for try await _ in stream { await server.stop() }
            }
            server = try await FakeServer(port: port, script)
            let loaded = try await client.llm.listLoaded()
            #expect(loaded.isEmpty)
            #expect(server.connectionCount == 1)
        }
        client.close()
        await server.stop()
    }

    @Test func framesOfUnknownKindsAreWarnedOfOnceAKind() async throws {
        let server = try await FakeServer(
            FakeServer.script { frame in
                guard case .channelCreate(_, let id, _) = frame else { return [] }
                let odd = [#"{"type":"news"}"#, #"{"type":"news"}"#, #"{"type":"olds"}"#]
                return odd.map { .text($0) } + FakeServer.success(id, .eosFound)
            }
        )
        let log = LogRecorder()
        var options = ClientOptions()
        options.logger = log.logger
        let client = try await LMStudioClient(server.address, options: options)
        _ = try await LLM(client: client, identifier: "m").complete("x")
        let warnings = log.lines.filter { $0.hasPrefix("warning ") }
        #expect(warnings.count == 2)
        #expect(warnings.first?.contains("news") == true)
        #expect(warnings.last?.contains("olds") == true)
        client.close()
        await server.stop()
    }

    @Test func partsPingsAndJunkDoNotDisturb() async throws {
        let server = try await FakeServer(
            FakeServer.script { frame in
                guard case .channelCreate(_, let id, _) = frame else { return [] }
                let odd: [FakeServer.Action] = [
                    .ping, .text("no JSON"), .text("[]"), .text("{}"), .text(#"{"type":"news"}"#),
                    .text(#"{"type":"rpcResult","callId":77}"#),
                    .text(#"{"type":"channelSend","channelId":\#(id),"message":{"type":"news"}}"#),
                    .text(#"{"type":"channelSend","channelId":\#(id),"message":null}"#),
                    .text(#"{"type":"communicationWarning","warning":"hm"}"#),
                    .parts([
                        #"{"type":"channelSend","channelId":\#(id),"message":{"type":"fra"#,
                        #"gment","fragment":{"content":"in parts ","tokensCount":1,"#,
                        #""containsDrafted":false,"reasoningType":"new","isStructural":false}}}"#,
                    ]),
                ]
                return odd + FakeServer.progress(id, ["and whole"])
                    + FakeServer.success(id, .eosFound)
            }
        )
        #expect(try await complete(server).content == "in parts and whole")
        await server.stop()
    }

    @Test(
        arguments: [
            [0x81, 0x80, 0, 0, 0, 0],  // masked
            [0xc1, 0x00],  // a reserved bit
            [0x80, 0x00],  // a continuation of nothing
            [0x83, 0x00],  // an unknown kind
            [0x09, 0x00],  // a ping in parts
            [0x89, 0x7e, 0x00, 0x80],  // a ping that is too long
            [0x81, 0x7f, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],  // a frame of exabytes
        ] as [[UInt8]]
    )
    func bytesThatAreNoFramesEndTheConnection(bytes: [UInt8]) async throws {
        let server = try await FakeServer(FakeServer.script { _ in [.raw(bytes)] })
        let error = await #expect(throws: LMStudioError.self) { _ = try await complete(server) }
        #expect(error?.code == .connection)
        #expect(error?.message.contains("WebSocket") == true)
        await server.stop()
    }

    @Test func closedChannelWithoutResultIsAnError() async throws {
        let server = try await FakeServer(
            FakeServer.script { frame in
                guard case .channelCreate(_, let id, _) = frame else { return [] }
                return [.text(#"{"type":"channelClose","channelId":\#(id)}"#)]
            }
        )
        let error = await #expect(throws: LMStudioError.self) { _ = try await complete(server) }
        #expect(error?.code == .server)
        await server.stop()
    }

    @Test func otherServersAreToldApart() async throws {
        let server = try await FakeServer { _, _ in [] }
        let prefixed = try HostAddress(server.address + "/elsewhere")
        #expect(await ServerDiscovery.isServer(at: prefixed) == false)
        await server.stop()
        #expect(await ServerDiscovery.isServer(at: prefixed) == false)
        #expect(await ServerDiscovery.isServer(at: .local(models: nil)) == false)
    }
}
