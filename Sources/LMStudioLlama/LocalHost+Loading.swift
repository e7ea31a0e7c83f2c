public import LMStudioCore
import Synchronization

extension LocalHost {
    /// Gets an instance that is loaded, or loads one.
    ///
    /// Without a name it is the first loaded one of the kind, else the only one on disk, else, of
    /// language models, the starter model. A model that is to guess for it is loaded after it. An instance with a time to live that was not asked for as a new one makes room when
    /// another load needs its memory.
    public func load(
        _ request: LoadRequest,
        report: @escaping @Sendable (LoadEvent) -> Void
    ) async throws(LMStudioError) -> ModelInstanceInfo {
        try request.validate()
        _ = try review(request.config)
        while true {
            switch try begin(request) {
            case .loaded(let instance):
                report(.progress(1))
                return instance.info
            case .loading(let operation, let id):
                let instance = try await operation.wait(as: id, report: report)
                try await provideDraft(for: instance)
                return instance.info
            case .ending(let operation, let id):
                // The last one who waited for this model has given up; its thread is about to see it.
                _ = try? await operation.wait(as: id) { _ in }
                if Task.isCancelled {
                    throw LMStudioError(.cancelled, "loading the model was cancelled")
                }
            }
        }
    }

    private enum Begun {
        case loaded(ModelInstance)
        case loading(LoadOperation, waiter: Int)
        case ending(LoadOperation, waiter: Int)
    }

    private func begin(_ request: LoadRequest) throws(LMStudioError) -> Begun {
        if request.reusesLoaded, let instance = loaded(request) { return .loaded(instance) }
        let stored =
            if let name = request.model { try store.find(name) } else {
                try store.defaultModel(for: request.domain ?? .llm)
            }
        try Self.check(stored.info, fits: request.domain)
        let ambiguous = request.model.map { store.variants(of: stored, named: $0) } ?? []
        let memory = stored.usage(request.config)
        try checkDraft(of: request.config)
        return try state.withLock { state throws(LMStudioError) in
            if request.reusesLoaded {
                if let instance = state.instances.first(where: {
                    $0.modelInfo.path == stored.info.path
                }) {
                    instance.usage.touch()
                    return .loaded(instance)
                }
                if let operation = state.loads.first(where: { $0.path == stored.info.path }) {
                    let id = operation.join()
                    return operation.isJoinable
                        ? .loading(operation, waiter: id) : .ending(operation, waiter: id)
                }
            }
            let order = ModelInstance.Order(
                stored: stored,
                identifier: try Self.identifier(for: request, key: stored.info.modelKey, in: state),
                config: request.config,
                timeToLive: request.timeToLive,
                isJustInTime: request.reusesLoaded,
                memory: memory
            )
            let operation = LoadOperation(order, ambiguous: ambiguous)
            try start(operation)
            state.loads.append(operation)
            return .loading(operation, waiter: operation.join())
        }
    }

    private func loaded(_ request: LoadRequest) -> ModelInstance? {
        state.withLock { state in
            let fitting = state.instances.filter { instance in
                request.domain.map { $0 == instance.modelInfo.domain } ?? true
            }
            let instance =
                if let name = request.model { Self.named(name, in: fitting) } else { fitting.first }
            instance?.usage.touch()
            return instance
        }
    }

    /// Refuses a model of another type than was asked for.
    static func check(
        _ info: ModelInfo,
        fits domain: ModelDomain?
    ) throws(LMStudioError) {
        let names: [ModelDomain: String] = [
            .llm: "a language model", .embedding: "an embedding model",
        ]
        let what = "\"\(info.modelKey)\" is \(names[info.domain] ?? "")"
        if let domain, domain != info.domain {
            throw LMStudioError(
                .invalidArgument,
                "\(what), and \(names[domain] ?? "") was asked for; name another one",
                details: LMStudioErrorDetails(
                    title: what,
                    display: .domainMismatch(
                        path: info.path,
                        actual: info.domain,
                        expected: domain
                    )
                )
            )
        }
    }

    private static func identifier(
        for request: LoadRequest,
        key: String,
        in state: State
    ) throws(LMStudioError) -> String {
        let taken = Set(
            (state.instances.map(\.identifier) + state.loads.map(\.identifier)).map {
                $0.lowercased()
            }
        )
        if let wanted = request.identifier {
            guard !taken.contains(wanted.lowercased()) else {
                throw LMStudioError(
                    .invalidArgument,
                    "a model with the identifier \"\(wanted)\" already exists; unload it or choose another"
                )
            }
            return wanted
        }
        var (identifier, number) = (key, 1)
        while taken.contains(identifier.lowercased()) {
            number += 1
            identifier = "\(key):\(number)"
        }
        return identifier
    }

    private func start(_ operation: LoadOperation) throws(LMStudioError) {
        // It lets go of the host before anybody hears of the end: they may be the last to have it.
        let settle = { @Sendable [weak self] (outcome: Result<ModelInstance, LMStudioError>) in
            self?.take(outcome, of: operation)
                ?? .failure(
                    LMStudioError(
                        .cancelled,
                        "the client was closed while the model was loading"
                    )
                )
        }
        try ModelInstance.load(
            operation.order,
            clock: clock,
            prepare: { [weak self] () throws(LMStudioError) in
                try self?.makeRoom(for: operation)
                _ = operation.report(0)
            },
            progress: { operation.report($0) },
            completion: { operation.complete(settle($0)) }
        )
    }

    /// Puts what was loaded into the list, unless nobody wants it any more.
    private func take(
        _ outcome: Result<ModelInstance, LMStudioError>,
        of operation: LoadOperation
    ) -> Result<ModelInstance, LMStudioError> {
        let outcome = state.withLock { state -> Result<ModelInstance, LMStudioError> in
            state.loads.removeAll { $0 === operation }
            guard case .success(let instance) = outcome else { return outcome }
            guard operation.isJoinable else {
                return .failure(LMStudioError(.cancelled, "loading the model was cancelled"))
            }
            state.instances.append(instance)
            state.evicted[instance.identifier.lowercased()] = nil
            return outcome
        }
        if case .success(let instance) = outcome { watch(instance) }
        return outcome
    }
}
