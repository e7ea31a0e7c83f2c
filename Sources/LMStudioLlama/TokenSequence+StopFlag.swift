import LMStudioCore
import Synchronization

extension TokenSequence {
    /// Asks a sequence to end, from any thread.
    final class StopFlag: Sendable {
        private let reason = Atomic<Int>(0)
        private let running = Atomic<Bool>(false)

        /// Whether a decode may be at work for it.
        ///
        /// Set before the reason is looked at, and read after the reason is set: either side sees the other.
        var isRunning: Bool {
            get { running.load(ordering: .sequentiallyConsistent) }
            set { running.store(newValue, ordering: .sequentiallyConsistent) }
        }

        /// Why it was asked to end; the first reason counts.
        var stopReason: PredictionStats.StopReason? {
            switch reason.load(ordering: .sequentiallyConsistent) {
            case 1: .userStopped
            case 2: .modelUnloaded
            default: nil
            }
        }

        func stop(_ stopReason: PredictionStats.StopReason) {
            let wanted = stopReason == .modelUnloaded ? 2 : 1
            _ = reason.compareExchange(
                expected: 0,
                desired: wanted,
                ordering: .sequentiallyConsistent
            )
        }
    }
}
