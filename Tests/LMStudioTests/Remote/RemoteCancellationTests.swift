import LMStudioCore
import LMStudioServer
import LMStudioTesting
import LMStudioWire
import NIOCore
import Testing

@testable import LMStudio

/// However a prediction is given up, its server hears of it.
@Suite(.timeLimit(.minutes(10))) struct RemoteCancellationTests {
    private func client(_ server: FakeServer) throws -> LMStudioClient {
        LMStudioClient(host: try RemoteHost(HostAddress(server.address)))
    }

    /// Waits until a server is told, once, to stop its first channel.
    private func waitForCancel(_ server: FakeServer) async {
        let cancel = ClientFrame.channelSend(id: 1, message: .object(["type": .string("cancel")]))
        await server.wait { $0.contains(cancel.json.text) }
        #expect(server.received.count { $0.contains("cancel") } == 1)
    }

    @Test func cancellingStopsTheServerAndKeepsTheText() async throws {
        let server = try await FakeServer(FakeServer.endless)
        let model = LLM(client: try client(server), identifier: "sample-1b")
        let stream = try model.completeStream("My name is")
        var iterator = stream.makeAsyncIterator()
        #expect(try await iterator.next()?.content == "a")
        stream.cancel()
        let result = try await stream.result()
        #expect(result.stats.stopReason == .userStopped)
        #expect(server.received.last?.contains("cancel") == true)
        await server.stop()
    }

    /// Some servers go on, or fall silent.
    @Test(arguments: [[], ["b", "c"]])
    func aServerThatDoesNotStopIsNotWaitedFor(more: [String]) async throws {
        let server = try await FakeServer(
            FakeServer.script { frame in
                switch frame {
                case .channelCreate(_, let id, _): FakeServer.progress(id, ["a"])
                case .channelSend(let id, _): FakeServer.progress(id, more)
                default: []
                }
            }
        )
        let log = LogRecorder()
        let host = try RemoteHost(
            HostAddress(server.address),
            credentials: .guest(),
            logger: log.logger,
            patience: .seconds(3)
        )
        let model = LLM(client: LMStudioClient(host: host), identifier: "sample-1b")
        let stream = try model.completeStream("My name is")
        var iterator = stream.makeAsyncIterator()
        #expect(try await iterator.next()?.content == "a")
        stream.cancel()
        #expect(try await iterator.next() == nil)
        let result = try await stream.result()
        #expect(result.content == "a")
        #expect(result.stats.stopReason == .userStopped)
        #expect(log.lines.filter { $0.contains("did not say") }.count == 1)
        await server.stop()
    }

    /// What was stopped before it had a result has none, whatever a server calls that.
    @Test(arguments: [
        #"{"type":"channelError","channelId":1,"error":{"title":"it was stopped"}}"#,
        #"{"type":"channelSend","channelId":1,"message":{"type":"error","error":{"title":"it was stopped"}}}"#,
    ])
    func aServersErrorAfterCancellingIsTheCancellation(answer: String) async throws {
        let server = try await FakeServer(
            FakeServer.script { frame in
                if case .channelSend = frame { [.text(answer)] } else { [] }
            }
        )
        let model = LLM(client: try client(server), identifier: "sample-1b")
        let stream = try model.completeStream("My name is")
        await server.wait { $0.last?.contains("channelCreate") == true }
        stream.cancel()
        let error = await #expect(throws: LMStudioError.self) { try await stream.result() }
        #expect(error?.code == .cancelled)
        #expect(error?.message.contains("it was stopped") == true)
        #expect(error?.details?.title == "it was stopped")
        await server.stop()
    }

    @Test func leavingTheLoopStopsTheServer() async throws {
        let server = try await FakeServer(FakeServer.endless)
        let model = LLM(client: try client(server), identifier: "sample-1b")
        for try await _ in try model.completeStream("My name is") { break }
        await server.wait { $0.last?.contains("cancel") == true }
        await server.stop()
    }

    @Test func lettingGoOfAStreamStopsTheServer() async throws {
        let server = try await FakeServer(FakeServer.endless)
        let model = LLM(client: try client(server), identifier: "sample-1b")
        var stream: PredictionStream? = try model.completeStream("My name is")
        await server.wait { $0.last?.contains("channelCreate") == true }
        #expect(stream != nil)
        stream = nil
        await waitForCancel(server)
        await server.stop()
    }

    @Test func cancellingTheTaskStopsTheServer() async throws {
        let server = try await FakeServer(FakeServer.endless)
        let model = LLM(client: try client(server), identifier: "sample-1b")
        let task = Task { try await model.complete("My name is") }
        await server.wait { $0.last?.contains("channelCreate") == true }
        task.cancel()
        let error = await #expect(throws: LMStudioError.self) { _ = try await task.value }
        #expect(error?.code == .cancelled)
        await waitForCancel(server)
        await server.stop()
    }

    @Test func cancellingTheTaskOfALoadStopsTheServer() async throws {
        let server = try await FakeServer(FakeServer.script { _ in [] })
        let client = try client(server)
        let task = Task { try await client.llm.load("sample-1b") }
        await server.wait { $0.last?.contains("channelCreate") == true }
        task.cancel()
        let error = await #expect(throws: LMStudioError.self) { _ = try await task.value }
        #expect(error?.code == .cancelled)
        await waitForCancel(server)
        await server.stop()
    }

    @Test func closingTheClientEndsWhatIsUnderWay() async throws {
        let server = try await FakeServer(FakeServer.endless)
        let client = try await LMStudioClient(server.address)
        let stream = try LLM(client: client, identifier: "sample-1b").completeStream("My name is")
        var iterator = stream.makeAsyncIterator()
        _ = try await iterator.next()
        client.close()
        let error = await #expect(throws: LMStudioError.self) { _ = try await iterator.next() }
        #expect(error?.code == .cancelled)
        await server.stop()
    }

    @Test func closingTheClientStopsTheServersWork() async throws {
        var script = ScriptedHost.Script()
        script.ending = .stopped
        let host = ScriptedHost(script: script)
        try await LMStudioServer.with(host) { server async throws in
            let client = try await LMStudioClient(server.addresses[0])
            let stream = try LLM(client: client, identifier: "m").completeStream("My name is")
            await host.wait { $0.predictions.count == 1 }
            client.close()
            await host.wait { $0.stops == 1 }
            let error = await #expect(throws: LMStudioError.self) { _ = try await stream.result() }
            #expect(error?.code == .cancelled)
        }
    }
}
