import LMStudioCore
import LMStudioWire
import NIOCore

/// A call and who waits for its answer.
struct RemoteCall: Sendable {
    let endpoint: String
    let parameter: JSONValue?
    let ticket: Ticket
    let patience: Patience?
    /// Whether a thread waits for the answer that can read it.
    let isAwaited: Bool
    /// Called once, on the event loop.
    let answer: @Sendable (Result<JSONValue?, LMStudioError>) -> Void
}

/// One namespace of a server, for any thread: connects when first needed, and again after a loss.
final class RemoteConnection: Sendable {
    private let eventLoop: any EventLoop
    private let link: NIOLoopBoundBox<RemoteLink?>
    let line = DirectLine()

    init(_ target: RemoteTarget, on eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        let link = NIOLoopBoundBox<RemoteLink?>.makeEmptyBox(eventLoop: eventLoop)
        self.link = link
        eventLoop.execute { [line] in
            link.value = RemoteLink(target, on: eventLoop, line)
        }
    }

    /// Calls an endpoint and waits for the answer; cancelling the task lets go of it.
    func call(
        _ endpoint: String,
        _ parameter: JSONValue? = nil
    ) async throws(LMStudioError) -> JSONValue? {
        let ticket = Ticket()
        let patience = Patience.current
        let executor = EventLoopExecutor.current
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                start(
                    RemoteCall(
                        endpoint: endpoint,
                        parameter: parameter,
                        ticket: ticket,
                        patience: patience,
                        isAwaited: executor != nil
                    ) { continuation.resume(returning: $0) },
                    executor
                )
            }
        } onCancel: {
            cancel(ticket)
        }
        return try result.get()
    }

    private func start(_ call: RemoteCall, _ executor: EventLoopExecutor?) {
        switch eventLoop.inEventLoop ? .nothing : line.write(call) {
        case .nothing: perform { $0.call(call) }
        case .some: hurry()
        case .whole(let id):
            executor?.offer { [self] milliseconds in
                let patience =
                    (0...Self.readingTime).contains(milliseconds)
                    ? milliseconds : Self.readingTime
                switch line.answer(to: id, within: CInt(patience)) {
                case .rpcResult(_, let result): call.answer(.success(result))
                case .rpcError(_, let error):
                    call.answer(.failure(LMStudioError(serverError: error)))
                default: hurry()
                }
            }
        }
    }

    /// How long a thread waits at the socket, in ms: several times as long as a small call takes.
    ///
    /// It is not woken there when the event loop reads its answer, because of somebody else's call.
    private static let readingTime: Int64 = 1

    /// Has the event loop look after a call that was written, its timer, and what the socket did not take.
    private func hurry() {
        perform { _ in }
    }

    /// Opens a channel.
    ///
    /// - Parameters:
    ///   - endpoint: its name.
    ///   - parameter: what it is created with.
    ///   - ticket: stands for it in `cancel(_:)`.
    ///   - receiver: made on the event loop, gets all that comes.
    func open(
        _ endpoint: String,
        _ parameter: JSONValue?,
        _ ticket: Ticket,
        _ receiver: @escaping @Sendable () -> any RemoteLink.Receiver
    ) {
        perform { $0.open(endpoint, parameter, ticket, receiver()) }
    }

    /// Lets go of a call, or asks the server to stop what it does on a channel.
    func cancel(_ ticket: Ticket) {
        ticket.cancel()
        perform { $0.cancel(ticket) }
    }

    /// Ends everything.
    func close() {
        perform { $0.close() }
    }

    private func perform(_ work: @escaping @Sendable (RemoteLink) -> Void) {
        line.noteQueued()
        eventLoop.execute { [line, link] in
            // While the work is under way its calls are still before those of other threads.
            defer { line.noteDone() }
            guard let link = link.value else { return }
            link.withLine { work(link) }
        }
    }
}
