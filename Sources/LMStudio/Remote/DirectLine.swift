import LMStudioCore
import LMStudioWire
import NIOCore
import Synchronization

/// Lets a thread that calls write the call to the socket itself, and read the answer.
///
/// To wake the event loop, and then the thread again, takes as long as a server takes for a small call. So
/// the loop lends the socket while it has nothing to write, for one call at a time: with more of them
/// it is awake. Where threads wait for their calls it leaves the reading to them too.
final class DirectLine: Sendable {
    /// A call that was written, or the beginning of it.
    struct Sent: Sendable {
        let call: RemoteCall
        let id: Int
        /// What the socket did not take.
        let rest: ByteBuffer
    }

    /// What became of a socket that was lent.
    struct Loan: Sendable {
        let socket: LineSocket
        /// The number of the next call.
        fileprivate(set) var nextID: Int
        /// Whether the reading was lent too.
        let isRead: Bool
        /// What was sent and has no answer yet.
        fileprivate(set) var sent: Sent?
    }

    /// How much of a call was written.
    enum Written: Equatable {
        case nothing
        /// The event loop must `take()` it.
        case some
        /// All of the call of that number, whose `answer(to:within:)` is to be asked for.
        case whole(Int)
    }

    private struct State: ~Copyable {
        /// `nil` while the event loop writes, or nobody can.
        var loan: Loan?
        /// What the event loop was asked to do and has not done; a call must not overtake it.
        var queued = 0
    }

    /// Longer answers are the event loop's to read: the time of a wake does not matter there.
    private static let longestAnswer = 16 << 10
    /// How long a thread stays awake for an answer; one of a server on this machine takes 0.05 to 0.15 ms.
    ///
    /// To wake it, and a processor that went idle with it, would take as long again. As with an adaptive
    /// mutex this is done only if it was of use the last time, and where there is another processor.
    private static let awake = Duration.microseconds(200)
    private static let mayStayAwake = System.coreCount > 1

    private let state = Mutex(State())
    private let isQuick = Atomic<Bool>(mayStayAwake)

    // MARK: For any thread

    /// The event loop is being asked for something.
    func noteQueued() {
        state.withLock { $0.queued += 1 }
    }

    /// Writes a call, if the socket is lent.
    ///
    /// What is not written, such as a call that is cancelled already, is the event loop's to do.
    func write(_ call: RemoteCall) -> Written {
        let lent = state.withLock { state -> Int? in
            guard let loan = state.loan, loan.sent == nil, state.queued == 0 else { return nil }
            return loan.nextID
        }
        guard let id = lent else { return .nothing }
        let frame = ClientFrame.rpcCall(endpoint: call.endpoint, id: id, parameter: call.parameter)
        var bytes = WebSocketFrameWriter.text(frame.json, ByteBufferAllocator())
        return state.withLock { state in
            guard var loan = state.loan, loan.sent == nil, loan.nextID == id, state.queued == 0,
                !call.ticket.isCancelled, loan.socket.write(&bytes)
            else { return .nothing }
            loan.sent = Sent(call: call, id: id, rest: bytes)
            loan.nextID += 1
            state.loan = loan
            return loan.isRead && call.isAwaited && bytes.readableBytes == 0 ? .whole(id) : .some
        }
    }

    /// Reads the answer to a call that was written as a whole.
    ///
    /// - Parameters:
    ///   - id: the call's number.
    ///   - milliseconds: most time to wait for it.
    /// - Returns: it; `nil` if the event loop must `take()` the call: the answer does not come at once,
    ///   is long, or comes with something else, or the loop has the call already.
    func answer(to id: Int, within milliseconds: CInt) -> ServerFrame? {
        let lent = state.withLock { $0.loan?.sent?.id == id ? $0.loan?.socket : nil }
        guard let socket = lent, var bytes = input(socket, within: milliseconds),
            let frame = WebSocketFrameReader.soleText(bytes).flatMap({ Self.answer($0, to: id) })
        else { return nil }
        // The loop reads only what it has taken back, and at the end of the connection: then some of
        // the bytes are gone, and with them this call.
        return state.withLock { state in
            guard state.loan?.sent?.id == id, socket.take(&bytes) else { return nil }
            state.loan?.sent = nil
            return frame
        }
    }

    /// What there is to read next; `nil` if nothing comes.
    private func input(_ socket: LineSocket, within milliseconds: CInt) -> ByteBuffer? {
        var bytes = ByteBufferAllocator().buffer(capacity: Self.longestAnswer)
        guard milliseconds > 0 else { return socket.peek(&bytes) ? bytes : nil }
        let start = ContinuousClock.now
        var isThere = false
        if isQuick.load(ordering: .relaxed) {
            repeat {
                isThere = socket.peek(&bytes)
            } while !isThere && ContinuousClock.now - start < Self.awake
        }
        isThere = isThere || socket.wait(within: milliseconds) && socket.peek(&bytes)
        let isQuick = isThere && ContinuousClock.now - start < Self.awake && Self.mayStayAwake
        self.isQuick.store(isQuick, ordering: .relaxed)
        return isThere ? bytes : nil
    }

    private static func answer(_ text: ByteBuffer, to id: Int) -> ServerFrame? {
        let json = text.withUnsafeReadableBytes { try? JSONValue(parsing: $0, as: "an answer") }
        guard let frame = json.flatMap(ServerFrame.init) else { return nil }
        switch frame {
        case .rpcResult(id, _), .rpcError(id, _): return frame
        default: return nil
        }
    }

    // MARK: For the event loop

    /// What was asked is done.
    func noteDone() {
        state.withLock { $0.queued -= 1 }
    }

    /// Lends the socket, unless it is lent already.
    ///
    /// - Parameters:
    ///   - socket: what is lent.
    ///   - id: the number of the next call.
    ///   - isRead: whether threads read the answers; the event loop must not, until it has taken it back.
    func lend(_ socket: LineSocket, id: Int, isRead: Bool = false) {
        state.withLock { state in
            state.loan = state.loan ?? Loan(socket: socket, nextID: id, isRead: isRead)
        }
    }

    /// What is lent at the moment.
    var loan: Loan? { state.withLock { $0.loan } }

    /// Ends the lending.
    func take() -> Loan? {
        state.withLock { $0.loan.take() }
    }
}
