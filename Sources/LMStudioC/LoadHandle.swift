import LMStudio
import LMStudioWire
import Synchronization

/// What an `lms_load` stands for.
final class LoadHandle: ClosableWork {
    /// Its steps are the shares done, its end is the instance's identifier.
    typealias Work = BackgroundWork<Double, String>

    private let work = Work(cancelled: "loading the model was cancelled")
    private let notes = Mutex<[LentText]>([])
    let owner: ClientHandle
    let warnings: [LentText]
    private let domain: ModelDomain

    init(owner: ClientHandle, request: LoadRequest, timeouts: Timeouts, warnings: [String]) {
        self.owner = owner
        self.warnings = warnings.map(LentText.init)
        domain = request.domain ?? .llm
        let client = owner.client
        work.start { [weak self] () throws(LMStudioError) in
            let info = try await client.load(request, timeouts: timeouts) { [weak self] event in
                self?.note(event)
            }
            return info.identifier
        }
    }

    private func note(_ event: LoadEvent) {
        if case .progress(let share) = event {
            work.tell(share)
        } else if let json = event.json {
            let text = LentText(json.text)
            notes.withLock { $0.append(text) }
        }
    }

    /// Ends the load here and now.
    func cancel() {
        work.cancel()
    }

    /// What happened apart from progress.
    var steps: [LentText] {
        notes.withLock { $0 }
    }

    /// The next share done, or that the model is ready; `nil` if the time is over.
    func next(within milliseconds: Int64) throws(LMStudioError) -> Work.Event? {
        try work.next(within: milliseconds)
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
        guard let end = work.end else {
            throw LMStudioError(
                .invalidState,
                "the model is still loading; call lms_load_next() until LMS_END"
            )
        }
        return try end.get()
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
