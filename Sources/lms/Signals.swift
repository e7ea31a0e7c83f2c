import Dispatch
import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Catches signals that would end the program while this lives; the second one ends it all the same.
final class Signals: Sendable {
    private final class Caught: Sendable {
        let number = Mutex<Int32?>(nil)
    }

    private let numbers: [Int32]
    private let caught: Caught
    // Dispatch sources may be used from any thread, and these are only cancelled, at the end.
    private nonisolated(unsafe) let sources: [any DispatchSourceSignal]

    /// Begins to catch.
    ///
    /// - Parameters:
    ///   - numbers: which signals.
    ///   - action: called at the first one.
    init(_ numbers: [Int32], action: @escaping @Sendable () -> Void) {
        let caught = Caught()
        self.caught = caught
        self.numbers = numbers
        sources = numbers.map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                let isFirst = caught.number.withLock { caught in
                    defer { caught = number }
                    return caught == nil
                }
                if isFirst { action() } else { _exit(128 + number) }
            }
            source.resume()
            return source
        }
    }

    deinit {
        for source in sources { source.cancel() }
        for number in numbers { signal(number, SIG_DFL) }
    }

    /// The last signal that came.
    var last: Int32? { caught.number.withLock { $0 } }
}
