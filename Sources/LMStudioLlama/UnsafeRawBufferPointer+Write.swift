#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

extension UnsafeRawBufferPointer {
    /// Writes all bytes to an open file, piece by piece if need be.
    ///
    /// It waits for a pipe that is full, also where somebody else made it non-blocking.
    ///
    /// - Returns: whether all are written; if not, `errno` says why.
    package func write(to descriptor: Int32) -> Bool {
        var rest = self[...]
        while !rest.isEmpty {
            let slice = UnsafeRawBufferPointer(rebasing: rest)
            #if canImport(Darwin)
            let count = Darwin.write(descriptor, slice.baseAddress, slice.count)
            #else
            let count = Glibc.write(descriptor, slice.baseAddress, slice.count)
            #endif
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&wait, 1, -1)
            } else if errno != EINTR {
                return false
            }
        }
        return true
    }
}
