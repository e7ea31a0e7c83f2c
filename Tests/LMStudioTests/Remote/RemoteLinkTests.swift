import LMStudioTesting
import LMStudioWire
import NIOCore
import Testing

@testable import LMStudio

/// One connection, and what passes over it.
@Suite(.timeLimit(.minutes(10))) struct RemoteLinkTests {
    private let patience = Timeouts(total: .seconds(600))

    /// Takes all that comes for a consumer that is always behind.
    private final class SlowReceiver: RemoteLink.Receiver {
        private let channel: PredictionChannel
        private let received: AsyncStream<Void>.Continuation

        init(_ channel: PredictionChannel, _ received: AsyncStream<Void>.Continuation) {
            (self.channel, self.received) = (channel, received)
        }

        func receive(_ fragment: PredictionFragment) {}

        func receive(_ message: JSONValue) -> RemoteLink.Reception {
            received.yield()
            return .oneOfMany()
        }

        func flush() -> PredictionChannel? { channel }

        func end(_ error: LMStudioError) {}
        func endUnanswered() {}
    }

    @Test func readingGoesOnHoweverOftenItPaused() async throws {
        let server = try await FakeServer(
            FakeServer.script { frame in
                switch frame {
                case .channelCreate(_, let id, _):
                    let message = #"{"type":"channelSend","channelId":\#(id),"message":{}}"#
                    let bytes = [0x81, UInt8(message.utf8.count)] + Array(message.utf8)
                    // At once, so that one read has both.
                    return [.raw(bytes + bytes)]
                case .rpcCall(_, let id, _):
                    return [.text(ServerFrame.rpcResult(id: id, result: .array([])).json.text)]
                default: return []
                }
            }
        )
        let host = try RemoteHost(HostAddress(server.address))
        let channel = PredictionChannel()
        channel.yield(contentsOf: Array(repeating: .firstToken, count: RemotePrediction.bound))
        let (messages, received) = AsyncStream<Void>.makeStream()
        host.llm.open("predict", nil, Ticket()) { SlowReceiver(channel, received) }
        for await _ in messages.prefix(2) {}
        // Whatever else the event loop did with these bytes is done.
        await host.settle()
        var events: [PredictionEvent] = []
        _ = try channel.takeAll(into: &events)
        let client = LMStudioClient(host: host)
        #expect(try await client.llm.listLoaded(timeouts: patience).isEmpty)
        await server.stop()
    }

    /// What a server said while nothing was read is not taken for silence.
    @Test func theEndOfWhatWasStoppedIsReadAfterAPause() async throws {
        let server = try await FakeServer(
            FakeServer.script { frame in
                switch frame {
                case .channelCreate(_, 1, _):
                    let message = #"{"type":"channelSend","channelId":1,"message":{}}"#
                    return [.text(message), .text(message)]
                case .channelSend(let id, _): return FakeServer.success(id, .userStopped)
                default: return []
                }
            }
        )
        let host = try RemoteHost(
            HostAddress(server.address),
            credentials: .guest(),
            patience: .seconds(3)
        )
        let client = LMStudioClient(host: host)
        let channel = PredictionChannel()
        channel.yield(contentsOf: Array(repeating: .firstToken, count: RemotePrediction.bound))
        let (messages, received) = AsyncStream<Void>.makeStream()
        host.llm.open("predict", nil, Ticket()) { SlowReceiver(channel, received) }
        for await _ in messages.prefix(1) {}
        await host.settle()
        let stream = try LLM(client: client, identifier: "sample-1b").completeStream("text")
        stream.cancel()
        // Nobody reads an answer to this, so it takes as long as it may.
        let error = await #expect(throws: LMStudioError.self) {
            _ = try await client.llm.listLoaded(timeouts: Timeouts(total: .seconds(4)))
        }
        #expect(error?.code == .timedOut)
        var events: [PredictionEvent] = []
        _ = try channel.takeAll(into: &events)
        #expect(try await stream.result().modelInfo == .sample)
        await server.stop()
    }

    @Test func aStreamThatNobodyReadsHoldsUpNoOther() async throws {
        let words = (0..<5_000).map { "\($0) " }
        let server = try await FakeServer(
            FakeServer.script { frame in
                guard case .channelCreate(_, let id, _) = frame else { return [] }
                if id == 1 { return FakeServer.progress(id, words) }
                // The first goes on when the second has ended.
                let rest = FakeServer.progress(1, ["rest"]) + FakeServer.success(1, .eosFound)
                return FakeServer.progress(id, ["brief"]) + FakeServer.success(id, .eosFound) + rest
            }
        )
        let client = LMStudioClient(host: try RemoteHost(HostAddress(server.address)))
        let model = LLM(client: client, identifier: "sample-1b")
        let unread = try model.completeStream("long", timeouts: patience)
        #expect(try await model.complete("short", timeouts: patience).content == "brief")
        var fragments: [String] = []
        for try await fragment in unread { fragments.append(fragment.content) }
        #expect(fragments == words + ["rest"])
        #expect(server.connectionCount == 1)
        await server.stop()
    }

    @Test func nothingIsReadForAConsumerThatIsTooFarBehind() async throws {
        let server = try await FakeServer(
            FakeServer.script { frame in
                switch frame {
                case .channelCreate(_, let id, _):
                    let message = ServerFrame.channelSend(id: id, message: .object([:]))
                    return [.text(message.json.text)]
                case .rpcCall(_, let id, _):
                    return [.text(ServerFrame.rpcResult(id: id, result: .null).json.text)]
                default: return []
                }
            }
        )
        let host = try RemoteHost(HostAddress(server.address))
        // All that came before on the event loop is done.
        let settle = { @Sendable in
            for _ in 0..<2 { await host.settle() }
        }
        let channel = PredictionChannel()
        channel.yield(contentsOf: Array(repeating: .firstToken, count: RemotePrediction.bound))
        let (messages, received) = AsyncStream<Void>.makeStream()
        host.llm.open("predict", nil, Ticket()) { SlowReceiver(channel, received) }
        for await _ in messages.prefix(1) {}
        await settle()
        let answers = Recorder<Void>()
        let calls = (0..<2).map { _ in
            Task(executorPreference: host.taskExecutor(beginsHere: false)) {
                _ = try await host.llm.call("listLoaded")
                answers.record()
            }
        }
        // With the second call the answer to the first is on its way, and could be read.
        await server.wait { $0.count { $0.contains("rpcCall") } == 2 }
        await settle()
        #expect(answers.count == 0)
        var events: [PredictionEvent] = []
        _ = try channel.takeAll(into: &events)
        for call in calls { try await call.value }
        #expect(answers.count == 2)
        await server.stop()
    }

    /// The error of a call of a server that answers no more, when another one has timed out meanwhile.
    private func error(
        answersPings: Bool,
        after time: Duration
    ) async throws -> LMStudioError.Code? {
        let (calls, called) = AsyncStream<Void>.makeStream()
        let server = try await FakeServer(
            answersPings: answersPings,
            FakeServer.script { frame in
                guard case .rpcCall(_, let id, _) = frame else { return [] }
                guard id == 1 else {
                    called.yield()
                    return []
                }
                return [.text(ServerFrame.rpcResult(id: id, result: .array([])).json.text)]
            }
        )
        let host = try RemoteHost(
            HostAddress(server.address),
            credentials: .guest(),
            // Enough for the connection of a busy machine.
            patience: .seconds(5)
        )
        let client = LMStudioClient(host: host)
        _ = try await client.llm.listLoaded(timeouts: patience)
        let call = Task { try await client.llm.listLoaded(timeouts: Timeouts(total: time)) }
        for await _ in calls.prefix(1) {}
        let other = await #expect(throws: LMStudioError.self) {
            _ = try await client.llm.listLoaded(timeouts: Timeouts(total: .milliseconds(20)))
        }
        #expect(other?.code == .timedOut)
        let error = await #expect(throws: LMStudioError.self) { _ = try await call.value }
        host.close()
        await server.stop()
        return error?.code
    }

    @Test func connectionWithoutASignOfLifeIsGivenUp() async throws {
        #expect(try await error(answersPings: false, after: .seconds(60)) == .connection)
    }

    @Test func connectionThatIsOnlySlowIsKept() async throws {
        #expect(try await error(answersPings: true, after: .seconds(15)) == .timedOut)
    }

    @Test func messagesCountAsMuchAsFragments() throws {
        let channel = PredictionChannel()
        let prediction = RemotePrediction(channel)
        let fragment = PredictionFragment(content: "a", tokensCount: 1)
        for _ in 0..<RemotePrediction.bound { prediction.receive(fragment) }
        let message = PredictionMessage.fragment(fragment).json
        guard case .oneOfMany = prediction.receive(message) else {
            Issue.record("a fragment is one of many")
            return
        }
        #expect(prediction.flush() === channel)
    }
}
