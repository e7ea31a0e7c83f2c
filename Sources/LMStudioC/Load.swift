public import CLMStudio
import LMStudio
import LMStudioWire
import Synchronization

/// What an `lms_load` stands for.
final class LoadHandle: Sendable {
    private struct State {
        var progress: [Double] = []
        var outcome: Result<LLM, LMStudioError>?
        var wake: (@Sendable () -> Void)?
    }

    private enum Step {
        case progress(Double)
        case ready
    }

    private let state = Mutex(State())
    private let task = Mutex<Task<Void, Never>?>(nil)
    let warnings: [LentText]

    init(client: LMStudioClient, request: LoadRequest, warnings: [String]) {
        self.warnings = warnings.map(LentText.init)
        let started = Task.detached { [weak self] in
            let outcome: Result<LLM, LMStudioError>
            do throws(LMStudioError) {
                outcome = .success(
                    try await client.llm.load(request) { [weak self] event in
                        guard case .progress(let share) = event else { return }
                        self?.update { $0.progress.append(share) }
                    }
                )
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

    /// The next share done, or `nil` when the model is ready.
    func next(within milliseconds: Int64) throws(LMStudioError) -> Double? {
        let step = try Blocking.next(within: milliseconds, poll: poll) { wake in
            let isReady = state.withLock { state in
                guard state.progress.isEmpty, state.outcome == nil else { return true }
                state.wake = wake
                return false
            }
            if isReady { wake() }
        }
        return switch step {
        case .progress(let progress): progress
        case .ready: nil
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

    func llm() throws(LMStudioError) -> LLM {
        guard let outcome = state.withLock({ $0.outcome }) else {
            throw LMStudioError(
                .invalidState,
                "the model is still loading; call lms_load_next() until LMS_END"
            )
        }
        return try outcome.get()
    }
}

private var defaults: lms_load_options {
    lms_load_options(
        struct_size: MemoryLayout<lms_load_options>.size,
        model_key: nil,
        identifier: nil,
        config: .none,
        ttl_ms: -1,
        new_instance: 0,
        reserved: 0
    )
}

@_cdecl("lms_load_options_init")
public func loadOptionsInit(_ options: UnsafeMutablePointer<lms_load_options>?, _ structSize: Int) {
    Options.fill(options, size: structSize, with: defaults)
}

private func begin(
    _ options: lms_load_options,
    of owner: ClientHandle
) throws(LMStudioError) -> LoadHandle {
    let host = try owner.client.host()
    guard (0...1).contains(options.new_instance), options.reserved == 0 else {
        throw LMStudioError(
            .invalidArgument,
            "new_instance must be 0 or 1 and reserved 0, not \(options.new_instance) and "
                + "\(options.reserved); set the struct up with lms_load_options_init()"
        )
    }
    var warnings: [String] = []
    let request = LoadRequest(
        model: try string(options.model_key, "model_key"),
        identifier: try string(options.identifier, "identifier"),
        config: try LoadConfig(
            json: parseJSON(options.config, as: "config"),
            for: host,
            warnings: &warnings
        ),
        timeToLive: options.ttl_ms < 0 ? nil : .milliseconds(options.ttl_ms),
        reusesLoaded: options.new_instance == 0
    )
    let handle = LoadHandle(client: owner.client, request: request, warnings: warnings)
    owner.track(handle)
    return handle
}

@_cdecl("lms_load_begin")
public func loadBegin(
    _ client: OpaquePointer?,
    _ options: UnsafePointer<lms_load_options>?,
    _ load: UnsafeMutablePointer<OpaquePointer?>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> lms_status {
    reporting(to: error) { () throws(LMStudioError) in
        let load = try outHandle(load, "load")
        let owner = try Handles.borrow(client, as: ClientHandle.self, "client")
        let handle = try begin(try Options.read(options, over: defaults, "options"), of: owner)
        load.pointee = Handles.add(handle)
        return LMS_OK
    }
}

@_cdecl("lms_load_next")
public func loadNext(
    _ load: OpaquePointer?,
    _ timeoutMilliseconds: Int64,
    _ progress: UnsafeMutablePointer<Double>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> lms_status {
    reporting(to: error) { () throws(LMStudioError) in
        progress?.pointee = 0
        let handle = try Handles.borrow(load, as: LoadHandle.self, "load")
        guard let done = try handle.next(within: timeoutMilliseconds) else { return LMS_END }
        progress?.pointee = done
        return LMS_OK
    }
}

@_cdecl("lms_load_cancel")
public func loadCancel(_ load: OpaquePointer?) {
    Handles.find(load, as: LoadHandle.self)?.cancel()
}

@_cdecl("lms_load_llm")
public func loadLLM(
    _ load: OpaquePointer?,
    _ llm: UnsafeMutablePointer<OpaquePointer?>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> lms_status {
    reporting(to: error) { () throws(LMStudioError) in
        let llm = try outHandle(llm, "llm")
        llm.pointee = Handles.add(
            LLMHandle(try Handles.borrow(load, as: LoadHandle.self, "load").llm())
        )
        return LMS_OK
    }
}

@_cdecl("lms_load_warning")
public func loadWarning(_ load: OpaquePointer?, _ index: Int) -> lms_text {
    Handles.find(load, as: LoadHandle.self)?.warnings.text(at: index) ?? .none
}

@_cdecl("lms_load_free")
public func loadFree(_ load: OpaquePointer?) {
    Handles.remove(load, as: LoadHandle.self)?.cancel()
}

@_cdecl("lms_client_llm")
public func clientLLM(
    _ client: OpaquePointer?,
    _ modelKey: UnsafePointer<CChar>?,
    _ config: lms_text,
    _ llm: UnsafeMutablePointer<OpaquePointer?>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> lms_status {
    reporting(to: error) { () throws(LMStudioError) in
        let llm = try outHandle(llm, "llm")
        var options = defaults
        (options.model_key, options.config) = (modelKey, config)
        let owner = try Handles.borrow(client, as: ClientHandle.self, "client")
        let handle = try begin(options, of: owner)
        while try handle.next(within: -1) != nil {}
        llm.pointee = Handles.add(LLMHandle(try handle.llm()))
        return LMS_OK
    }
}

extension [LentText] {
    /// The text of an index that may be past the end.
    func text(at index: Int) -> lms_text {
        indices.contains(index) ? self[index].text : .none
    }
}
