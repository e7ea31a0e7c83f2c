public import LMStudioCore
import Synchronization

extension LocalHost {
    /// Gets an instance that is loaded, or loads one.
    ///
    /// Without a name it is the first loaded one, else the only model on disk, else the starter
    /// model. The idle time of a request is not counted yet: models stay until they are unloaded.
    public func load(
        _ request: LoadRequest,
        report: @escaping @Sendable (LoadEvent) -> Void
    ) async throws(LMStudioError) -> ModelInstanceInfo {
        try request.config.validate()
        if request.identifier == "" || request.model == "" {
            throw LMStudioError(
                .invalidArgument,
                "a model's name must not be empty; leave it out for any model"
            )
        }
        while true {
            switch try begin(request) {
            case .loaded(let instance):
                report(.progress(1))
                return instance.info
            case .loading(let operation):
                guard let instance = try await operation.wait(progress: { report(.progress($0)) }) else { continue }
                return instance.info
            case .ending(let operation):
                // The last one who waited for this model has given up; its thread is about to see it.
                _ = try? await operation.wait { _ in }
                if Task.isCancelled {
                    throw LMStudioError(.cancelled, "loading the model was cancelled")
                }
            }
        }
    }

    private enum Begun {
        case loaded(ModelInstance)
        case loading(LoadOperation)
        case ending(LoadOperation)
    }

    private func begin(_ request: LoadRequest) throws(LMStudioError) -> Begun {
        if request.reusesLoaded, let instance = loaded(request.model) { return .loaded(instance) }
        let stored =
            if let name = request.model { try store.find(name) } else { try store.defaultModel() }
        guard stored.info.domain == .llm else {
            throw LMStudioError(
                .unsupported,
                "\"\(stored.info.modelKey)\" is an embedding model; only language models run in this process"
            )
        }
        return try state.withLock { state throws(LMStudioError) in
            if request.reusesLoaded {
                if let instance = state.instances.first(where: {
                    $0.info.model.path == stored.info.path
                }) {
                    return .loaded(instance)
                }
                if let operation = state.loads.first(where: { $0.path == stored.info.path }) {
                    return operation.isJoinable ? .loading(operation) : .ending(operation)
                }
            }
            let identifier = try Self.identifier(for: request, key: stored.info.modelKey, in: state)
            let operation = LoadOperation(path: stored.info.path, identifier: identifier)
            try start(operation, stored, request.config)
            state.loads.append(operation)
            return .loading(operation)
        }
    }

    private func loaded(_ name: String?) -> ModelInstance? {
        state.withLock { state in
            guard let name else { return state.instances.first }
            return Self.named(name, in: state.instances)
        }
    }

    private static func identifier(
        for request: LoadRequest,
        key: String,
        in state: State
    ) throws(LMStudioError) -> String {
        let taken = Set(
            (state.instances.map(\.info.identifier) + state.loads.map(\.identifier)).map {
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

    private func start(
        _ operation: LoadOperation,
        _ stored: StoredModel,
        _ config: LoadConfig
    ) throws(LMStudioError) {
        _ = operation.report(0)
        try ModelInstance.load(
            stored,
            as: operation.identifier,
            config: config,
            progress: { operation.report($0) },
            completion: { [weak self] outcome in
                var outcome = outcome
                if let self {
                    state.withLock { state in
                        state.loads.removeAll { $0 === operation }
                        guard case .success(let instance) = outcome else { return }
                        if operation.isJoinable {
                            state.instances.append(instance)
                        } else {
                            outcome = .failure(
                                LMStudioError(.cancelled, "loading the model was cancelled")
                            )
                        }
                    }
                } else {
                    outcome = .failure(
                        LMStudioError(
                            .cancelled,
                            "the client was closed while the model was loading"
                        )
                    )
                }
                operation.complete(outcome)
            }
        )
    }
}
