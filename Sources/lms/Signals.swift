import Dispatch
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

    private struct Registry {
        /// Made once for each signal: where one is let go of and another one made, Dispatch may still
        /// count on the handler of the first, which is gone by then.
        var sources: [Int32: any DispatchSourceSignal] = [:]
        var owners: [Int32: Owner] = [:]
    }

    private static let registry = Mutex(Registry())

    private let caught = Mutex<Int32?>(nil)
    private let action: @Sendable () -> Void

    /// Begins to catch.
    ///
    /// - Parameters:
    ///   - numbers: which signals; whoever caught one before catches it no more.
    ///   - action: called at the first one.
    init(_ numbers: [Int32], action: @escaping @Sendable () -> Void) {
        self.action = action
        Self.registry.withLock { registry in
            for number in numbers {
                registry.owners[number] = Owner(signals: self)
                guard registry.sources[number] == nil else { continue }
                signal(number, SIG_IGN)
                let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
                source.setEventHandler { Self.came(number) }
                source.resume()
                registry.sources[number] = source
            }
        }
    }

    /// The last signal that came.
    var last: Int32? { caught.withLock { $0 } }

    private static func came(_ number: Int32) {
        let owner = registry.withLock { $0.owners[number]?.signals }
        // Nobody catches it at the moment.
        guard let owner else { _exit(128 + number) }
        let isFirst = owner.caught.withLock { caught in
            defer { caught = number }
            return caught == nil
        }
        if isFirst { owner.action() } else { _exit(128 + number) }
    }
}
