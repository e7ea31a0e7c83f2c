import LMStudio
import LMStudioWire
import Synchronization

/// What an `lms_load` stands for.
final class LoadHandle: ClosableWork {
    private struct State {
        var progress: [Double] = []
        var steps: [LentText] = []
        var outcome: Result<String, LMStudioError>?
        var wake: (@Sendable () -> Void)?
    }

    /// What a wait gives.
    enum Step {
        case progress(Double)
        case ready
    }

    private let state = Mutex(State())
    private let task = Mutex<Task<Void, Never>?>(nil)
    private let waiter = Waiter()
    let owner: ClientHandle
    let warnings: [LentText]
    private let domain: ModelDomain

    init(owner: ClientHandle, request: LoadRequest, timeouts: Timeouts, warnings: [String]) {
        self.owner = owner
        self.warnings = warnings.map(LentText.init)
        domain = request.domain ?? .llm
        let client = owner.client
        let started = Task.detached { [weak self] in
            let outcome: Result<String, LMStudioError>
            do throws(LMStudioError) {
                let info = try await client.load(request, timeouts: timeouts) {
                    [weak self] event in
                    self?.note(event)
                }
                outcome = .success(info.identifier)
            } catch {
                outcome = .failure(error)
            }
            self?.update { $0.outcome = $0.outcome ?? outcome }
        }
        task.withLock { $0 = started }
    }

    deinit {
        task.withLock { $0?.cancel() }
    }

    private func note(_ event: LoadEvent) {
        if case .progress(let share) = event {
            update { $0.progress.append(share) }
        } else if let json = event.json {
            let text = LentText(json.text)
            state.withLock { $0.steps.append(text) }
        }
    }

    private func update(_ change: (inout State) -> Void) {
        let wake = state.withLock { state in
            change(&state)
            return state.wake.take()
        }
        wake?()
    }

    /// Ends the load here and now.
    func cancel() {
        update {
            $0.outcome =
                $0.outcome ?? .failure(LMStudioError(.cancelled, "loading the model was cancelled"))
        }
        task.withLock { $0?.cancel() }
    }

    /// What happened apart from progress.
    var steps: [LentText] {
        state.withLock { $0.steps }
    }

    /// The next share done, or that the model is ready; `nil` if the time is over.
    func next(within milliseconds: Int64) throws(LMStudioError) -> Step? {
        try waiter.next(within: milliseconds, poll: poll) { wake in
            let isReady = state.withLock { state in
                guard state.progress.isEmpty, state.outcome == nil else { return true }
                state.wake = wake
                return false
            }
            if isReady { wake() }
        }
    }

    private func poll() throws(LMStudioError) -> Step? {
        let result: Result<Step?, LMStudioError> = state.withLock { state in
            if case .failure(let error) = state.outcome { return .failure(error) }
            if !state.progress.isEmpty { return .success(.progress(state.progress.removeFirst())) }
            return .success(state.outcome == nil ? nil : .ready)
        }
        return try result.get()
    }

    /// The identifier of the loaded instance.
    ///
    /// - Throws: `.invalidState` if it is not ready; `.invalidArgument` if the load is for another
    ///   kind of model; why it could not be loaded.
    func identifier(of wanted: ModelDomain) throws(LMStudioError) -> String {
        guard wanted == domain else {
            throw LMStudioError(
                .invalidArgument,
                "the load is of a model of type \(domain.rawValue), not \(wanted.rawValue); see lms_load_options.domain"
            )
        }
        guard let outcome = state.withLock({ $0.outcome }) else {
            throw LMStudioError(
                .invalidState,
                "the model is still loading; call lms_load_next() until LMS_END"
            )
        }
        return try outcome.get()
    }
}

extension LoadEvent {
    /// The step as `lms_load_step()` tells it; `nil` for progress.
    fileprivate var json: JSONValue? {
        switch self {
        case .progress:
            nil
        case .unloadingOther(let info):
            .object(["type": .string("unloadingOther"), "info": info.json])
        case .loading(let info, let identifier, let ambiguous):
            .object([
                "type": .string("loading"), "info": info.json, "identifier": .string(identifier),
                "ambiguous": .array(ambiguous.map { .string($0) }),
            ])
        }
    }
}
