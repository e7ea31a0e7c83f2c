import LMStudioTesting
import LMStudioWire
import NIOCore
import Testing

@testable import LMStudio

/// One connection, and what passes over it.
@Suite(.timeLimit(.minutes(1))) struct RemoteLinkTests {
    private let patience = Timeouts(total: .seconds(20))

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
            return .oneOfMany
        }

        func flush() -> PredictionChannel? { channel }

        func end(_ error: LMStudioError) {}
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
        await Task(executorPreference: host.taskExecutor) {}.value
        var events: [PredictionEvent] = []
        _ = try channel.takeAll(into: &events)
        let client = LMStudioClient(host: host)
        #expect(try await client.llm.listLoaded(timeouts: patience).isEmpty)
        await server.stop()
    }

    /// The errors of a call that times out, and of one that then waits longer than a sign of life may,
    /// of a server that answers one call only.
    private func errors(answersPings: Bool) async throws -> [LMStudioError.Code?] {
        let server = try await FakeServer(
            answersPings: answersPings,
            FakeServer.script { frame in
                guard case .rpcCall(_, 1, _) = frame else { return [] }
                return [.text(ServerFrame.rpcResult(id: 1, result: .array([])).json.text)]
            }
        )
        let host = try RemoteHost(
            HostAddress(server.address),
            credentials: .guest(),
            patience: .milliseconds(500)
        )
        let client = LMStudioClient(host: host)
        _ = try await client.llm.listLoaded(timeouts: patience)
        var codes: [LMStudioError.Code?] = []
        for time in [Duration.milliseconds(20), .milliseconds(1500)] {
            let error = await #expect(throws: LMStudioError.self) {
                _ = try await client.llm.listLoaded(timeouts: Timeouts(total: time))
            }
            codes.append(error?.code)
        }
        host.close()
        await server.stop()
        return codes
    }

    @Test func connectionWithoutASignOfLifeIsGivenUp() async throws {
        #expect(try await errors(answersPings: false) == [.timedOut, .connection])
    }

    @Test func connectionThatIsOnlySlowIsKept() async throws {
        #expect(try await errors(answersPings: true) == [.timedOut, .timedOut])
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
