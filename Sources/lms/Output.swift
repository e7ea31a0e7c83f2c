import LMStudioWire

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// One of the program's two streams, written without a buffer of its own.
struct Output: Sendable {
    /// What a user wants to have.
    static let standard = Output(descriptor: 1)
    /// What a user may want to see on the way.
    static let error = Output(descriptor: 2)

    private let descriptor: Int32

    /// Whether somebody looks at it.
    var isTerminal: Bool { isatty(descriptor) == 1 }

    /// Writes text as it is.
    ///
    /// It ends the program when nobody reads any more, as the system does with other programs, and when
    /// what a user wants to have cannot be written.
    func write(_ text: String) {
        var text = text
        let failure = text.withUTF8 { bytes -> Int32? in
            var rest = UnsafeRawBufferPointer(bytes)[...]
            while !rest.isEmpty {
                let slice = UnsafeRawBufferPointer(rebasing: rest)
                #if canImport(Glibc)
                let count = Glibc.write(descriptor, slice.baseAddress, slice.count)
                #else
                let count = Darwin.write(descriptor, slice.baseAddress, slice.count)
                #endif
                if count >= 0 {
                    rest = rest.dropFirst(count)
                } else if errno == EAGAIN {
                    var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    poll(&wait, 1, -1)
                } else if errno != EINTR {
                    return errno
                }
            }
            return nil
        }
        guard let failure else { return }
        if failure == EPIPE { exit(128 + SIGPIPE) }
        guard descriptor == Self.standard.descriptor else { return }
        let reason = String(cString: strerror(failure))
        Self.error.line("error: cannot write to standard output: \(reason)")
        exit(1)
    }

    /// Writes a line.
    func line(_ text: String) {
        write(text + "\n")
    }

    /// Writes JSON, on one line.
    func json(_ value: JSONValue) {
        line(value.text)
    }
}
