import LMStudioCore
import Synchronization

/// Finds out, when it is first asked, whose the saved caches of an instance are.
final class CacheOwnership: Sendable {
    private let files: [String]
    /// The files as they were before they were loaded.
    private let loaded: [FileStatus?]
    private let owner = Mutex<CacheOwner?>(nil)

    /// - Parameter files: absolute paths of what is about to be loaded.
    init(files: [String]) {
        self.files = files
        loaded = files.map(FileStatus.init(path:))
    }

    fileprivate func owner(_ instance: ModelInstance) throws(LMStudioError) -> CacheOwner {
        if let owner = owner.withLock({ $0 }) { return owner }
        let found = try CacheOwner(of: instance)
        // What the files hold now must be what was loaded.
        guard files.map(FileStatus.init(path:)) == loaded else {
            throw LMStudioError(
                .engine,
                "the files of \(instance.identifier.quoted) have changed since it was loaded; "
                    + "load it again"
            )
        }
        owner.withLock { $0 = found }
        return found
    }
}

extension ModelInstance {
    /// Whose its saved caches are; the first time it reads part of the model's files.
    ///
    /// - Throws: `.engine` if they cannot be read, or are not those that were loaded.
    func owner() throws(LMStudioError) -> CacheOwner { try cacheOwnership.owner(self) }

    /// Has what a prediction leaves in its slot copied when it ends; see ``Scheduler``.
    func keepState(
        of channel: PredictionChannel,
        _ keep: @escaping @Sendable (SequenceState?) -> Void
    ) {
        guard case .predictions(let scheduler) = work else { return }
        scheduler.keepState(of: channel, keep)
    }

    /// Takes back a `keepState(of:_:)` whose prediction never came.
    func forgetState(of channel: PredictionChannel) {
        guard case .predictions(let scheduler) = work else { return }
        scheduler.forgetState(of: channel)
    }

    /// Puts a state into a slot; answers whether one has it now.
    ///
    /// Cancelling the task ends the wait for a slot.
    func restore(_ state: SequenceState) async -> Bool {
        guard case .predictions(let scheduler) = work else { return false }
        let restore = SequenceRestore(state)
        scheduler.submit(restore)
        return await restore.wait()
    }
}
