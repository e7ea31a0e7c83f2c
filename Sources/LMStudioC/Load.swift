public import CLMStudio
import LMStudio
import LMStudioWire

private var defaults: lms_load_options {
    lms_load_options(
        struct_size: MemoryLayout<lms_load_options>.size,
        model_key: nil,
        identifier: nil,
        config: .none,
        ttl_ms: -1,
        new_instance: 0,
        domain: LMS_DOMAIN_LLM,
        timeout_ms: Int64(LMS_TIMEOUT_DEFAULT),
        idle_timeout_ms: Int64(LMS_TIMEOUT_DEFAULT),
        verify: 0
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
    let domains = [LMS_DOMAIN_LLM: ModelDomain.llm, LMS_DOMAIN_EMBEDDING: .embedding]
    guard (0...1).contains(options.new_instance), (0...1).contains(options.verify),
        let domain = domains[options.domain]
    else {
        throw LMStudioError(
            .invalidArgument,
            "new_instance and verify must be 0 or 1 and domain LMS_DOMAIN_LLM or LMS_DOMAIN_EMBEDDING, not "
                + "\(options.new_instance), \(options.verify) and \(options.domain); "
                + "set the struct up with lms_load_options_init()"
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
        domain: domain,
        timeToLive: options.ttl_ms < 0
            ? nil : .milliseconds(min(options.ttl_ms, Timeouts.longest)),
        reusesLoaded: options.new_instance == 0,
        verifiesConfig: options.verify == 1
    )
    let timeouts = try Timeouts(milliseconds: options.timeout_ms, idle: options.idle_timeout_ms)
    let handle = LoadHandle(
        owner: owner,
        request: request,
        timeouts: timeouts,
        warnings: warnings
    )
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
        switch try handle.next(within: timeoutMilliseconds) {
        case nil: return LMS_PENDING
        case .end: return LMS_END
        case .step(let done):
            progress?.pointee = done
            return LMS_OK
        }
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
    LLMHandle.add(to: llm, error) { () throws(LMStudioError) in
        try instance(of: load, for: .llm)
    }
}

/// The instance that a finished load gave.
func instance(
    of load: OpaquePointer?,
    for domain: ModelDomain
) throws(LMStudioError) -> (owner: ClientHandle, identifier: String) {
    let load = try Handles.borrow(load, as: LoadHandle.self, "load")
    return (load.owner, try load.identifier(of: domain))
}

@_cdecl("lms_load_warning")
public func loadWarning(_ load: OpaquePointer?, _ index: Int) -> lms_text {
    Handles.find(load, as: LoadHandle.self)?.warnings.text(at: index) ?? .none
}

@_cdecl("lms_load_step")
public func loadStep(_ load: OpaquePointer?, _ index: Int) -> lms_text {
    Handles.find(load, as: LoadHandle.self)?.steps.text(at: index) ?? .none
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
    LLMHandle.add(to: llm, error) { () throws(LMStudioError) in
        try load(modelKey, config, .llm, of: client)
    }
}

/// Gets a model and waits until it is ready.
func load(
    _ modelKey: UnsafePointer<CChar>?,
    _ config: lms_text,
    _ domain: ModelDomain,
    of client: OpaquePointer?
) throws(LMStudioError) -> (owner: ClientHandle, identifier: String) {
    let owner = try Handles.borrow(client, as: ClientHandle.self, "client")
    var options = defaults
    (options.model_key, options.config) = (modelKey, config)
    options.domain = domain == .embedding ? LMS_DOMAIN_EMBEDDING : LMS_DOMAIN_LLM
    let handle = try begin(options, of: owner)
    while case .step = try handle.next(within: -1) {}
    return (owner, try handle.identifier(of: domain))
}

extension [LentText] {
    /// The text of an index that may be past the end.
    func text(at index: Int) -> lms_text {
        indices.contains(index) ? self[index].text : .none
    }
}
