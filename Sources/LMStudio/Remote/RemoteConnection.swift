import LMStudioCore
import LMStudioWire
import NIOCore

/// One namespace of a server, for any thread: connects when first needed, and again after a loss.
final class RemoteConnection: Sendable {
    private let eventLoop: any EventLoop
    private let link: NIOLoopBoundBox<RemoteLink?>

    init(_ target: RemoteTarget, on eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        let link = NIOLoopBoundBox<RemoteLink?>.makeEmptyBox(eventLoop: eventLoop)
        self.link = link
        eventLoop.execute { link.value = RemoteLink(target, on: eventLoop) }
    }

    /// Calls an endpoint and waits for the answer; cancelling the task lets go of it.
    func call(
        _ endpoint: String,
        _ parameter: JSONValue? = nil
    ) async throws(LMStudioError) -> JSONValue? {
        let ticket = Ticket()
        let patience = Patience.current
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                perform { link in
                    link.call(endpoint, parameter, ticket, patience) {
                        continuation.resume(returning: $0)
                    }
                }
            }
        } onCancel: {
            cancel(ticket)
        }
        return try result.get()
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
        eventLoop.execute { [link] in
            if let link = link.value { work(link) }
        }
    }
}
