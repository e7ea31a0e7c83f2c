import Dispatch
import LMStudioCore
import Synchronization

// What is used stays: an instance is found and its use begun under one lock, and what goes by itself
// is taken from the list under the same lock, if nobody uses it.
extension LocalHost {
    /// Finds a loaded instance and begins to use it; `endUse(of:)` is to follow.
    ///
    /// - Returns: the instance; `nil` if it had to make room for another one and must be loaded again.
    /// - Throws: `.modelNotFound`; `.invalidState` if its file was cut.
    func useLoaded(_ model: ModelSpecifier) throws(LMStudioError) -> ModelInstance? {
        let instance = try state.withLock { state throws(LMStudioError) -> ModelInstance? in
            do throws(LMStudioError) {
                let instance = try Self.find(model, in: state.instances)
                instance.usage.begin()
                return instance
            } catch {
                guard Self.evicted(model, in: state) != nil else { throw error }
                return nil
            }
        }
        do throws(LMStudioError) {
            try instance?.mappedFiles.check()
        } catch {
            if let instance { endUse(of: instance) }
            throw error
        }
        return instance
    }

    /// Finds an instance, loads it if it had to make room, and begins to use it.
    ///
    /// - Throws: `.modelNotFound`, and what loading throws.
    func use(_ model: ModelSpecifier) async throws(LMStudioError) -> ModelInstance {
        while true {
            if let instance = try useLoaded(model) { return instance }
            // Somebody may have unloaded it for good: then it is time to look again.
            guard let request = state.withLock({ Self.evicted(model, in: $0) }) else { continue }
            // Where the same model is loaded under another name by now, that one will do.
            let reference = try await load(request) { _ in }.instanceReference
            let instance = state.withLock { state in
                let instance = state.instances.first { $0.instanceReference == reference }
                instance?.usage.begin()
                return instance
            }
            if let instance { return instance }
        }
    }

    /// Ends what `useLoaded(_:)` or `use(_:)` began.
    func endUse(of instance: ModelInstance) {
        instance.usage.end()
        watch(instance)
    }

    private static func evicted(_ model: ModelSpecifier, in state: State) -> LoadRequest? {
        guard case .query(let query) = model, let name = query.identifier else { return nil }
        return state.evicted[name.lowercased()]
    }

    // MARK: Going when idle

    /// Sees to it that an instance goes when its time to live is over.
    func watch(_ instance: ModelInstance) {
        instance.usage.setTimer { [weak self, weak instance] in
            guard let self, let instance else { return }
            let isGone = state.withLock { state in
                guard instance.usage.isExpired else { return false }
                state.instances.removeAll { $0 === instance }
                return true
            }
            if isGone { instance.stop {} }
        }
    }

    // MARK: Making room

    /// Unloads idle models that nobody asked to stay, the longest unused first, until there is room.
    ///
    /// It blocks the thread, which is the loader's own, until their memory is free.
    ///
    /// - Throws: `.engine` if this computer could never hold it.
    func makeRoom(for operation: LoadOperation) throws(LMStudioError) {
        try measure(operation)
        while operation.isJoinable, let other = nextToGo(for: operation) {
            operation.announce(unloading: other.info)
            let gone = DispatchSemaphore(value: 0)
            other.stop { gone.signal() }
            gone.wait()
        }
    }

    /// What the quick estimate may be wrong by, for small models, bytes.
    private static let estimateSlack: Int64 = 64 << 20

    /// Looks closer where the quick estimate says that memory may be short.
    private func measure(_ operation: LoadOperation) throws(LMStudioError) {
        guard let free = freeBytes(), free < 2 * operation.needBytes + Self.estimateSlack else {
            return
        }
        let order = operation.order
        guard order.stored.isMeasurable(order.config) else {
            return try checkTotal(order.memory, order.config)
        }
        // What cannot be laid out is for the load itself to refuse.
        guard let memory = try? order.stored.measure(order.config) else { return }
        operation.setNeed(memory.totalBytes)
        try checkTotal(memory, order.config)
    }

    /// The model to unload next; `nil` once there is room, which then is the load's, or no more to be had.
    private func nextToGo(for operation: LoadOperation) -> ModelInstance? {
        let reading = memory.read()
        // Under one lock, so that no two loads claim the same room.
        return state.withLock { state in
            guard let free = state.freeBytes(reading), free < operation.needBytes else {
                operation.setRoom(freeBytes: nil)
                return nil
            }
            let idle = state.instances.filter(\.order.isJustInTime)
                .compactMap { instance in instance.usage.idleSince.map { (instance, $0) } }
            guard let (longest, _) = idle.min(by: { $0.1 < $1.1 }) else {
                operation.setRoom(freeBytes: free)
                return nil
            }
            state.evict(longest)
            return longest
        }
    }
}

extension ModelInstance.Order {
    /// Loads the same again, or takes what is loaded of it by then.
    var request: LoadRequest {
        LoadRequest(
            model: stored.file,
            identifier: identifier,
            config: config,
            domain: stored.info.domain,
            timeToLive: timeToLive,
            reusesLoaded: true
        )
    }
}
