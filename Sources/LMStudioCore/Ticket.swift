import Synchronization

/// Stands for work that may be cancelled from any thread, even before it began.
package final class Ticket: Sendable {
    private let flag = Atomic<Bool>(false)

    package init() {}

    package var isCancelled: Bool { flag.load(ordering: .acquiring) }

    package func cancel() {
        flag.store(true, ordering: .releasing)
    }
}
