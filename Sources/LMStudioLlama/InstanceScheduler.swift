import LMStudioCore

/// What runs the work of a loaded instance, on a thread that owns its context.
protocol InstanceScheduler: AnyObject, Sendable {
    /// What it is at, and how many calls it has in hand.
    var processingState: ProcessingState { get }

    /// Ends all work, then the thread; `onEnd` is called when it is gone.
    func stop(onEnd: @escaping @Sendable () -> Void)

    /// Tells those who wait in `stop(onEnd:)` that the thread has let go of the context.
    func end()
}

/// What an instance does.
enum InstanceWork: Sendable {
    case predictions(Scheduler)
    case embeddings(EmbeddingScheduler)

    var scheduler: any InstanceScheduler {
        switch self {
        case .predictions(let scheduler): scheduler
        case .embeddings(let scheduler): scheduler
        }
    }
}

extension Scheduler: InstanceScheduler {}
