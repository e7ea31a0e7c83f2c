import LMStudioCore
import LMStudioTesting
import LMStudioWire
import NIOCore
import Testing

@testable import LMStudio

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Answers that the threads which wait for them read from the socket themselves.
@Suite(.timeLimit(.minutes(10))) struct DirectAnswerTests {
    // MARK: The line alone

    /// A line whose reading is lent, on which call 7 was written as a whole, and the socket's other end.
    private func called() -> (DirectLine, CInt) {
        let (socket, other) = LineSocket.pair()
        let line = DirectLine()
        line.lend(socket, id: 7, isRead: true)
        #expect(line.write(call(isAwaited: true)) == .whole(7))
        return (line, other)
    }

    private func call(isAwaited: Bool) -> RemoteCall {
        RemoteCall(
            endpoint: "a",
            parameter: nil,
            ticket: Ticket(),
            patience: nil,
            isAwaited: isAwaited
        ) { _ in }
    }

    /// A server's frame.
    private static func frame(_ text: String, _ first: UInt8 = 0x81) -> [UInt8] {
        let text = Array(text.utf8)
        return [first, 126, UInt8(text.count >> 8), UInt8(text.count & 0xff)] + text
    }

    private static func answer(to id: Int, _ text: String = "yes") -> [UInt8] {
        frame(ServerFrame.rpcResult(id: id, result: .string(text)).json.text)
    }

    @Test func answerIsReadAndTheNextCallWritten() throws {
        let (line, server) = called()
        defer { close(server) }
        var bytes = Self.answer(to: 7)
        #expect(send(server, &bytes, bytes.count, 0) == bytes.count)
        #expect(line.answer(to: 7, within: 10_000) == .rpcResult(id: 7, result: .string("yes")))
        #expect(line.answer(to: 7, within: 0) == nil)
        #expect(line.write(call(isAwaited: true)) == .whole(8))
        #expect(line.take()?.sent?.id == 8)
    }

    @Test func errorIsAnAnswer() throws {
        let (line, server) = called()
        defer { close(server) }
        let frame = ServerFrame.rpcError(id: 7, error: .object(["title": .string("no")]))
        var bytes = Self.frame(frame.json.text)
        #expect(send(server, &bytes, bytes.count, 0) == bytes.count)
        #expect(line.answer(to: 7, within: 10_000) == frame)
    }

    private static let others: [[UInt8]] = [
        answer(to: 8), answer(to: 7) + answer(to: 8), frame("", 0x89),
        answer(to: 7) + frame("", 0x89), Array(answer(to: 7).dropLast()),
        Array(answer(to: 7).prefix(3)), frame("no JSON"), frame("{}"),
        frame(#"{"type":"channelSend","channelId":7,"message":1}"#), [0x81, 0xfe, 0, 1],
        answer(to: 7, String(repeating: "a", count: 20_000)),
    ]

    @Test(arguments: others)
    func anythingElseStaysForTheEventLoop(bytes: [UInt8]) throws {
        let (line, server) = called()
        defer { close(server) }
        #expect(send(server, bytes, bytes.count, 0) == bytes.count)
        #expect(line.answer(to: 7, within: 10_000) == nil)
        let loan = try #require(line.take())
        #expect(loan.sent?.id == 7)
        #expect(Array(buffer: loan.socket.read()) == bytes)
    }

    @Test func answerOfATakenCallIsTheEventLoopsToRead() throws {
        let (line, server) = called()
        defer { close(server) }
        let loan = try #require(line.take())
        var bytes = Self.answer(to: 7)
        #expect(send(server, &bytes, bytes.count, 0) == bytes.count)
        #expect(line.answer(to: 7, within: 10_000) == nil)
        #expect(loan.socket.read().readableBytes == bytes.count)
    }

    @Test func answerThatDoesNotComeIsTheEventLoopsToWaitFor() throws {
        let (line, server) = called()
        #expect(line.answer(to: 7, within: 0) == nil)
        #expect(line.answer(to: 7, within: 1) == nil)
        close(server)
        #expect(line.answer(to: 7, within: 10_000) == nil)
        #expect(line.take()?.sent?.id == 7)
    }

    @Test func callOfATaskThatCannotReadIsTheEventLoops() throws {
        let (line, server) = called()
        defer { close(server) }
        var bytes = Self.answer(to: 7)
        #expect(send(server, &bytes, bytes.count, 0) == bytes.count)
        #expect(line.answer(to: 7, within: 10_000) != nil)
        #expect(line.write(call(isAwaited: false)) == .some)
    }

    // MARK: With a server

    /// A server that answers with the endpoint's name, after a ping where that says so; the reading is lent
    /// for `pause` without a call.
    private func serving(pause: TimeAmount) async throws -> (FakeServer, RemoteHost) {
        let server = try await FakeServer(
            FakeServer.script { frame in
                guard case .rpcCall(let endpoint, let id, _) = frame else { return [] }
                let answer = FakeServer.Action.text(
                    ServerFrame.rpcResult(id: id, result: .string(endpoint)).json.text
                )
                switch endpoint {
                case "ignored": return []
                case "last": return [answer, .close]
                case "goodbye": return [answer, .goodbye]
                case "ping": return [.ping, answer]
                case "flood": return [answer] + (0..<20).map { _ in .text(flood) } + [.drop]
                default: return [answer]
                }
            }
        )
        let host = try RemoteHost(
            HostAddress(server.address),
            credentials: .guest(),
            readingPause: pause
        )
        return (server, host)
    }

    /// A message that nobody asked for.
    private let flood = ServerFrame.rpcResult(
        id: 1_000_000,
        result: .string(String(repeating: "x", count: 3000))
    ).json.text

    /// A call as a thread makes it that waits for the answer.
    private func ask(_ endpoint: String, _ host: RemoteHost) async throws -> JSONValue? {
        let executor = try #require(host.taskExecutor(beginsHere: true) as? any WaitableExecutor)
        let task = Task(executorPreference: executor) { try await host.llm.call(endpoint) }
        executor.help(within: -1)
        return try await task.value
    }

    /// Makes calls until the reading is lent: what the event loop does for one may come after its answer.
    private func lendReading(_ host: RemoteHost) async throws {
        repeat {
            #expect(try await ask("more", host) == .string("more"))
            await host.settle()
        } while host.llm.line.loan?.isRead != true
    }

    @Test func readingIsLentAfterACallThatAThreadWaitsFor() async throws {
        let (server, host) = try await serving(pause: .hours(1))
        for endpoint in ["first", "second"] {
            #expect(try await host.llm.call(endpoint) == .string(endpoint))
            await host.settle()
            #expect(host.llm.line.loan?.isRead == false)
            try await lendReading(host)
        }
        host.close()
        await server.stop()
    }

    @Test func readingIsTakenBackByItself() async throws {
        let (server, host) = try await serving(pause: .nanoseconds(1))
        for endpoint in ["first", "second"] {
            #expect(try await ask(endpoint, host) == .string(endpoint))
            while host.llm.line.loan?.isRead != false { await host.settle() }
        }
        host.close()
        await server.stop()
    }

    @Test func everyKindOfAnswerComesWhileTheReadingIsLent() async throws {
        let (server, host) = try await serving(pause: .hours(1))
        for endpoint in ["a", "ping", "b", "last", "c", "d", "goodbye", "e", "ping"] {
            #expect(try await ask(endpoint, host) == .string(endpoint))
            guard ["last", "goodbye"].contains(endpoint) else { continue }
            // A goodbye that comes before a call is not the call's end.
            while let loan = host.llm.line.loan, !loan.socket.wait(within: 1) {
                await host.settle()
            }
        }
        #expect(server.connectionCount == 3)
        host.close()
        await server.stop()
    }

    @Test func callWithoutAnswerEndsWithTheConnection() async throws {
        let (server, host) = try await serving(pause: .hours(1))
        try await lendReading(host)
        let call = Task { try await ask("ignored", host) }
        await server.wait { $0.contains { $0.contains("\"ignored\"") } }
        await server.dropAll()
        let error = await #expect(throws: LMStudioError.self) { _ = try await call.value }
        #expect(error?.code == .connection)
        #expect(try await ask("next", host) == .string("next"))
        host.close()
        await server.stop()
    }

    /// What the event loop reads by itself, since it is the end, and what it takes back come in one order.
    @Test func muchThatComesWithTheEndIsReadOnce() async throws {
        for _ in 0..<20 {
            let (server, host) = try await serving(pause: .hours(1))
            try await lendReading(host)
            let executor = host.taskExecutor(beginsHere: true)
            let call = Task(executorPreference: executor) { try await host.llm.call("flood") }
            #expect(try await call.value == .string("flood"))
            #expect(try await ask("next", host) == .string("next"))
            host.close()
            await server.stop()
        }
    }

    @Test func answerIsThereThoughNobodyReadsIt() async throws {
        let (server, host) = try await serving(pause: .milliseconds(1))
        #expect(try await ask("first", host) == .string("first"))
        await host.settle()
        let executor = host.taskExecutor(beginsHere: true)
        let call = Task(executorPreference: executor) { try await host.llm.call("second") }
        #expect(try await call.value == .string("second"))
        host.close()
        await server.stop()
    }

    @Test(arguments: [TimeAmount.nanoseconds(1), .milliseconds(1), .hours(1)])
    func callsOfThreadsAndTasksKeepTheirAnswers(pause: TimeAmount) async throws {
        let (server, host) = try await serving(pause: pause)
        try await withThrowingTaskGroup { group in
            for caller in 0..<8 {
                group.addTask {
                    for round in 0..<100 {
                        let endpoint = "call \(caller) \(round)"
                        let answer =
                            (caller + round / 10).isMultiple(of: 2)
                            ? try await ask(endpoint, host) : try await host.llm.call(endpoint)
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
}
