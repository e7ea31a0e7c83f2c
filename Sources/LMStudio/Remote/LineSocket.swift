import NIOCore

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Another descriptor of a connection's socket, valid whatever the event loop closes.
final class LineSocket: Sendable {
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
    func write(_ bytes: inout ByteBuffer) -> Bool {
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

    /// Waits until there is something to read, or the end.
    ///
    /// - Parameter milliseconds: most time to wait, asleep.
    /// - Returns: whether that is so.
    func wait(within milliseconds: CInt) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, milliseconds) > 0
    }

    /// Copies what there is to read, as much as there is room for; it stays where it is.
    ///
    /// - Returns: whether there is anything, or the end.
    func peek(_ bytes: inout ByteBuffer) -> Bool {
        let count = bytes.withUnsafeMutableWritableBytes {
            recv(descriptor, $0.baseAddress, $0.count, CInt(MSG_PEEK | MSG_DONTWAIT))
        }
        bytes.moveWriterIndex(forwardBy: max(0, count))
        return count >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK)
    }

    /// Takes what there is to read, up to a few hundred KB.
    func read() -> ByteBuffer {
        var bytes = ByteBufferAllocator().buffer(capacity: 1 << 12)
        var count = 1
        while count > 0, bytes.readableBytes < 1 << 18 {
            count = bytes.writeWithUnsafeMutableBytes(minimumWritableBytes: 1 << 12) {
                max(0, recv(descriptor, $0.baseAddress, $0.count, CInt(MSG_DONTWAIT)))
            }
        }
        return bytes
    }

    /// Takes bytes away that were seen before.
    ///
    /// - Returns: whether they were still there.
    func take(_ bytes: inout ByteBuffer) -> Bool {
        let count = bytes.readableBytes
        return bytes.withUnsafeMutableReadableBytes {
            recv(descriptor, $0.baseAddress, $0.count, CInt(MSG_DONTWAIT))
        } == count
    }
}
