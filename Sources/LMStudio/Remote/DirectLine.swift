import LMStudioCore
import LMStudioWire
import NIOCore
import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Lets a thread that calls write the call to the socket itself.
///
/// To wake the event loop takes as long as a server takes for a small call. So the loop lends the
/// socket while it has nothing to write, for one call at a time: with more of them it is awake.
final class DirectLine: Sendable {
    /// A call that was written, or the beginning of it.
    struct Sent: Sendable {
        let call: RemoteCall
        let id: Int
        /// What the socket did not take.
        let rest: ByteBuffer
    }

    /// Another descriptor of a connection's socket, valid whatever the event loop closes.
    final class Socket: Sendable {
        private let descriptor: CInt

        /// - Returns: `nil` for a channel without a socket, and if there are no descriptors left.
        convenience init?(_ channel: any Channel) {
            let copy = try? channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(
                of: NIOBSDSocket.Handle.self
            ) { fcntl($0, F_DUPFD_CLOEXEC, 0) }
            guard let copy, copy >= 0 else { return nil }
            self.init(descriptor: copy)
        }

        /// Takes a descriptor, and closes it in the end.
        init(descriptor: CInt) {
            self.descriptor = descriptor
        }

        deinit {
            _ = close(descriptor)
        }

        /// Writes as much as there is room for, and moves the buffer's reader index behind that.
        ///
        /// - Returns: whether that is anything; not where something is to be read: it may be the end.
        fileprivate func write(_ bytes: inout ByteBuffer) -> Bool {
            var byte: UInt8 = 0
            let found = recv(descriptor, &byte, 1, CInt(MSG_PEEK | MSG_DONTWAIT))
            guard found < 0, errno == EAGAIN || errno == EWOULDBLOCK else { return false }
            #if canImport(Glibc)
            let flags = CInt(MSG_DONTWAIT | MSG_NOSIGNAL)
            #else
            // NIO's sockets give no signals here.
            let flags = CInt(MSG_DONTWAIT)
            #endif
            let count = bytes.withUnsafeReadableBytes {
                send(descriptor, $0.baseAddress, $0.count, flags)
            }
            guard count > 0 else { return false }
            bytes.moveReaderIndex(forwardBy: count)
            return true
        }
    }

    private enum Phase {
        /// The event loop writes, or nobody can.
        case kept
        /// Anybody may write the call of that number.
        case lent(Socket, id: Int)
        case sent(Sent)
    }

    private struct State {
        var phase = Phase.kept
        /// What the event loop was asked to do and has not done; a call must not overtake it.
        var queued = 0
    }

    private let state = Mutex(State())

    // MARK: For any thread

    /// The event loop is being asked for something.
    func noteQueued() {
        state.withLock { $0.queued += 1 }
    }

    /// Writes a call, if the socket is lent.
    ///
    /// - Returns: whether it was written, wholly or in part; then the event loop must `take()` it. What
    ///   is not, such as a call that is cancelled already, is the event loop's to do.
    func write(_ call: RemoteCall) -> Bool {
        let lent = state.withLock { state -> Int? in
            guard case .lent(_, let id) = state.phase, state.queued == 0 else { return nil }
            return id
        }
        guard let id = lent else { return false }
        let frame = ClientFrame.rpcCall(endpoint: call.endpoint, id: id, parameter: call.parameter)
        var bytes = WebSocketFrameWriter.text(frame.json, ByteBufferAllocator())
        return state.withLock { state in
            guard case .lent(let socket, id) = state.phase, state.queued == 0,
                !call.ticket.isCancelled, socket.write(&bytes)
            else { return false }
            state.phase = .sent(Sent(call: call, id: id, rest: bytes))
            return true
        }
    }

    // MARK: For the event loop

    /// What was asked is done.
    func noteDone() {
        state.withLock { $0.queued -= 1 }
    }

    /// Lends the socket for the call of that number, unless it is lent already.
    func lend(_ socket: Socket, id: Int) {
        state.withLock { state in
            if case .kept = state.phase { state.phase = .lent(socket, id: id) }
        }
    }

    /// Ends the lending.
    ///
    /// - Returns: what was sent meanwhile.
    func take() -> Sent? {
        state.withLock { state in
            defer { state.phase = .kept }
            guard case .sent(let sent) = state.phase else { return nil }
            return sent
        }
    }
}
