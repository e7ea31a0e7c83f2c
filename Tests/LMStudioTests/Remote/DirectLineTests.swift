import Dispatch
import LMStudioTesting
import LMStudioWire
import Testing

@testable import LMStudio

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Calls that the threads which make them write to the socket themselves.
@Suite(.timeLimit(.minutes(10))) struct DirectLineTests {
    /// A server that answers with the endpoint's name, and a host with a connection that is idle.
    private func connected() async throws -> (FakeServer, RemoteHost) {
        let server = try await FakeServer(
            FakeServer.script { frame in
                guard case .rpcCall(let endpoint, let id, _) = frame, endpoint != "ignored" else {
                    return []
                }
                let answer = ServerFrame.rpcResult(id: id, result: .string(endpoint))
                return [.text(answer.json.text)]
            }
        )
        let host = try RemoteHost(HostAddress(server.address))
        #expect(try await host.llm.call("first") == .string("first"))
        await host.settle()
        return (server, host)
    }

    /// Does something while the event loop is busy.
    private func busy<Value>(_ host: RemoteHost, _ body: () async -> Value) async -> Value {
        let (begins, begun) = AsyncStream<Void>.makeStream()
        let gate = DispatchSemaphore(value: 0)
        let block = { @Sendable in
            begun.yield()
            gate.wait()
        }
        let task = Task(executorPreference: host.taskExecutor(beginsHere: false)) { block() }
        for await _ in begins.prefix(1) {}
        let value = await body()
        gate.signal()
        await task.value
        return value
    }

    // MARK: The line alone

    private func call(_ ticket: Ticket = Ticket(), isAwaited: Bool = false) -> RemoteCall {
        RemoteCall(
            endpoint: "a",
            parameter: nil,
            ticket: ticket,
            patience: nil,
            isAwaited: isAwaited
        ) { _ in }
    }

    @Test func callStaysSentUntilItIsTaken() throws {
        let (socket, other) = LineSocket.pair()
        defer { close(other) }
        let line = DirectLine()
        #expect(line.write(call()) == .nothing)
        line.lend(socket, id: 1)
        #expect(line.write(call()) == .some)
        line.lend(socket, id: 2)
        #expect(line.write(call()) == .nothing)
        let loan = try #require(line.take())
        #expect(loan.sent?.id == 1)
        #expect(loan.nextID == 2)
        #expect(line.take() == nil)
        #expect(line.write(call()) == .nothing)
    }

    @Test func callWaitsForWhatWasAskedBefore() throws {
        let (socket, other) = LineSocket.pair()
        defer { close(other) }
        let line = DirectLine()
        line.lend(socket, id: 1)
        line.noteQueued()
        #expect(line.write(call()) == .nothing)
        line.noteDone()
        #expect(line.write(call()) == .some)
    }

    @Test func cancelledCallIsNotWritten() throws {
        let (socket, other) = LineSocket.pair()
        defer { close(other) }
        let line = DirectLine()
        line.lend(socket, id: 1)
        let ticket = Ticket()
        ticket.cancel()
        #expect(line.write(call(ticket)) == .nothing)
        #expect(line.take()?.nextID == 1)
    }

    @Test func nothingIsWrittenToAConnectionThatHasEnded() throws {
        let (socket, other) = LineSocket.pair()
        close(other)
        let line = DirectLine()
        line.lend(socket, id: 1)
        #expect(line.write(call()) == .nothing)
        #expect(line.take()?.nextID == 1)
    }

    // MARK: With a server

    private func start(_ endpoint: String, of host: RemoteHost) -> Task<JSONValue?, any Error> {
        Task { try await host.llm.call(endpoint) }
    }

    private func arrival(of endpoint: String, at server: FakeServer) async {
        await server.wait { $0.contains { $0.contains("\"\(endpoint)\"") } }
    }

    @Test func callIsWrittenWhileTheEventLoopIsBusy() async throws {
        let (server, host) = try await connected()
        for endpoint in ["second", "third"] {
            let call = await busy(host) {
                let call = start(endpoint, of: host)
                await arrival(of: endpoint, at: server)
                return call
            }
            #expect(try await call.value == .string(endpoint))
            await host.settle()
        }
        host.close()
        await server.stop()
    }

    @Test func callOvertakesNothingThatWasAskedBefore() async throws {
        let (server, host) = try await connected()
        let receiver = PredictionChannel()
        let call = await busy(host) {
            host.llm.open("predict", nil, Ticket()) { RemotePrediction(receiver) }
            return start("unloadModel", of: host)
        }
        #expect(try await call.value == .string("unloadModel"))
        let places = ["predict", "unloadModel"].map { endpoint in
            server.received.firstIndex { $0.contains("\"\(endpoint)\"") }
        }
        #expect(places == [2, 3])
        host.close()
        await server.stop()
    }

    @Test func whatTheSocketDoesNotTakeFollows() async throws {
        let (server, host) = try await connected()
        let text = String(repeating: "0123456789", count: 600_000)
        let calls = await busy(host) {
            (0..<2).map { _ in Task { try await host.llm.call("long", .string(text)) } }
        }
        for call in calls { #expect(try await call.value == .string("long")) }
        #expect(try await host.llm.call("last") == .string("last"))
        #expect(server.received.count { $0.contains("\"long\"") && $0.contains(text) } == 2)
        host.close()
        await server.stop()
    }

    @Test func callsOfManyThreadsKeepTheirAnswers() async throws {
        let (server, host) = try await connected()
        try await withThrowingTaskGroup { group in
            for caller in 0..<8 {
                group.addTask {
                    for round in 0..<100 {
                        let endpoint = "call \(caller) \(round)"
                        let answer = try await host.llm.call(endpoint)
                        #expect(answer == .string(endpoint))
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(server.connectionCount == 1)
        host.close()
        await server.stop()
    }

    @Test func callIsCancelledBeforeTheEventLoopKnowsIt() async throws {
        let (server, host) = try await connected()
        let call = await busy(host) {
            let call = start("ignored", of: host)
            await arrival(of: "ignored", at: server)
            call.cancel()
            return call
        }
        let error = await #expect(throws: LMStudioError.self) { _ = try await call.value }
        #expect(error?.code == .cancelled)
        #expect(try await host.llm.call("next") == .string("next"))
        host.close()
        await server.stop()
    }

    @Test func callFailsWithTheConnectionThatItWasWrittenTo() async throws {
        let (server, host) = try await connected()
        let call = await busy(host) {
            let call = start("ignored", of: host)
            await arrival(of: "ignored", at: server)
            await server.dropAll()
            return call
        }
        let error = await #expect(throws: LMStudioError.self) { _ = try await call.value }
        #expect(error?.code == .connection)
        #expect(try await host.llm.call("next") == .string("next"))
        #expect(server.connectionCount == 2)
        host.close()
        await server.stop()
    }
}
