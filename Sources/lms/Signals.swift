import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Catches signals that would end the program while this lives; the second one ends it all the same.
final class Signals: Sendable {
    private struct Owner {
        weak var signals: Signals?
    }

    private static let owners = Mutex<[Int32: Owner]>([:])
    /// Whether signals reach `came(_:)`; looked at once, for what it sets up stays.
    private static let isListening = listen()

    private let caught = Mutex<Int32?>(nil)
    private let action: @Sendable () -> Void

    /// Begins to catch.
    ///
    /// - Parameters:
    ///   - numbers: which signals; whoever caught one before catches it no more.
    ///   - action: called at the first one.
    init(_ numbers: [Int32], action: @escaping @Sendable () -> Void) {
        self.action = action
        Self.owners.withLock { owners in
            for number in numbers { owners[number] = Owner(signals: self) }
        }
        // Without descriptors or a thread for it they go on ending the program.
        guard Self.isListening else { return }
        for number in numbers { signal(number, note) }
    }

    /// The last signal that came.
    var last: Int32? { caught.withLock { $0 } }

    fileprivate static func came(_ number: Int32) {
        let owner = owners.withLock { $0[number]?.signals }
        // Nobody catches it at the moment.
        guard let owner else { _exit(128 + number) }
        let isFirst = owner.caught.withLock { caught in
            defer { caught = number }
            return caught == nil
        }
        if isFirst { owner.action() } else { _exit(128 + number) }
    }

    // MARK: From the handler to a thread

    /// Starts the thread that does what a handler may not, and the pipe by which the handler tells it.
    ///
    /// Dispatch's sources lose a signal now and then that comes while they are being set up, since it
    /// is ignored meanwhile.
    ///
    /// - Returns: whether that was possible.
    private static func listen() -> Bool {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return false }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        // A handler that waited would stop a thread that others may need.
        _ = fcntl(ends[1], F_SETFL, O_NONBLOCK)
        (reads, writes) = (ends[0], ends[1])
        #if canImport(Glibc)
        var thread = pthread_t()
        #else
        var thread: pthread_t?
        #endif
        return pthread_create(&thread, nil, { _ in Signals.take() }, nil) == 0
    }

    /// Takes what the handler writes, for as long as the program runs.
    private static func take() -> UnsafeMutableRawPointer? {
        // There is always a thread that takes signals, even if all others block them.
        var none = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, nil)
        var number: UInt8 = 0
        while true {
            if read(reads, &number, 1) == 1 { came(Int32(number)) }
        }
    }
}

/// The pipe's ends; set before the first handler.
private nonisolated(unsafe) var reads: Int32 = -1
private nonisolated(unsafe) var writes: Int32 = -1

/// The handler: it interrupts whatever its thread does, so it takes no lock and no memory.
private func note(_ number: Int32) {
    let error = errno
    var byte = UInt8(truncatingIfNeeded: number)
    _ = write(writes, &byte, 1)
    errno = error
}
