import LMStudioCore
import Synchronization

/// One call that wants vectors of texts.
final class EmbeddingJob: Sendable {
    /// The tokens of each text, at least one text and one token of each.
    let texts: [[Int32]]
    /// Receives the vectors of all, once.
    let finish: @Sendable (Result<[[Float]], LMStudioError>) -> Void
    let flag: CancelFlag

    /// Whether the caller has given it up, told from any thread.
    final class CancelFlag: Sendable {
        private let isSet = Atomic<Bool>(false)
        private let running = Atomic<Bool>(false)

        /// Whether a batch may be at work for it.
        ///
        /// Set before `isCancelled` is looked at, and read after that is set: either side sees the other.
        var isRunning: Bool {
            get { running.load(ordering: .sequentiallyConsistent) }
            set { running.store(newValue, ordering: .sequentiallyConsistent) }
        }

        func cancel() { isSet.store(true, ordering: .sequentiallyConsistent) }
        var isCancelled: Bool { isSet.load(ordering: .sequentiallyConsistent) }
    }

    init(
        texts: [[Int32]],
        flag: CancelFlag,
        finish: @escaping @Sendable (Result<[[Float]], LMStudioError>) -> Void
    ) {
        self.texts = texts
        self.flag = flag
        self.finish = finish
    }
}
