import Synchronization

/// Stands for a call or a channel that may be cancelled from any thread, even before it began.
final class Ticket: Sendable {
    private let flag = Atomic<Bool>(false)

    var isCancelled: Bool { flag.load(ordering: .acquiring) }

    func cancel() {
        flag.store(true, ordering: .releasing)
    }
}
