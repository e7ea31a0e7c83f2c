public import CLMStudio
import LMStudio
import LMStudioWire

/// An open client, and the identifier of one of its instances.
func instance(
    _ client: OpaquePointer?,
    _ identifier: UnsafePointer<CChar>?
) throws(LMStudioError) -> (owner: ClientHandle, identifier: String) {
    let owner = try Handles.borrow(client, as: ClientHandle.self, "client")
    let identifier = try required(identifier, "identifier")
    guard !identifier.isEmpty else {
        throw LMStudioError(.invalidArgument, "identifier is empty")
    }
    _ = try owner.client.host()
    return (owner, identifier)
}

@_cdecl("lms_client_llm_handle")
public func clientLLMHandle(
    _ client: OpaquePointer?,
    _ identifier: UnsafePointer<CChar>?,
    _ llm: UnsafeMutablePointer<OpaquePointer?>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> lms_status {
    LLMHandle.add(to: llm, error) { () throws(LMStudioError) in
        try instance(client, identifier)
    }
}

@_cdecl("lms_llm_identifier")
public func llmIdentifier(_ llm: OpaquePointer?) -> lms_text {
    Handles.find(llm, as: LLMHandle.self)?.identifier.text ?? .none
}

@_cdecl("lms_llm_info")
public func llmInfo(
    _ llm: OpaquePointer?,
    _ options: UnsafePointer<lms_call_options>?,
    _ json: UnsafeMutablePointer<lms_text>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> lms_status {
    describe(llm, options, json, error) { (llm: LLM, timeouts) throws(LMStudioError) in
        try await llm.info(timeouts: timeouts).json
    }
}

@_cdecl("lms_llm_load_config")
public func llmLoadConfig(
    _ llm: OpaquePointer?,
    _ options: UnsafePointer<lms_call_options>?,
    _ json: UnsafeMutablePointer<lms_text>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> lms_status {
    describe(llm, options, json, error) { (llm: LLM, timeouts) throws(LMStudioError) in
        try await llm.loadConfig(timeouts: timeouts).json
    }
}

@_cdecl("lms_llm_load_config_begin")
public func llmLoadConfigBegin(
    _ llm: OpaquePointer?,
    _ options: UnsafePointer<lms_call_options>?,
    _ call: UnsafeMutablePointer<OpaquePointer?>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> lms_status {
    beginDescribing(llm, options, call, error) { (llm: LLM, timeouts) throws(LMStudioError) in
        try await llm.loadConfig(timeouts: timeouts).json
    }
}

@_cdecl("lms_llm_tokenize")
public func llmTokenize(
    _ llm: OpaquePointer?,
    _ text: lms_text,
    _ options: UnsafePointer<lms_call_options>?,
    _ tokens: UnsafeMutablePointer<Int32>?,
    _ capacity: Int,
    _ count: UnsafeMutablePointer<Int>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> lms_status {
    reporting(to: error) { () throws(LMStudioError) in
        let count = try out(count, "count")
        count.pointee = 0
        guard tokens != nil || capacity == 0, capacity >= 0 else {
            throw LMStudioError(
                .invalidArgument,
                "tokens has a capacity of \(UInt(bitPattern: capacity)); give an array, and its size"
            )
        }
        let text = try text.string("text")
        let found = try ask(llm, options) { (llm: LLM, timeouts) throws(LMStudioError) in
            try await llm.tokenize(text, timeouts: timeouts)
        }
        for (index, token) in found.prefix(capacity).enumerated() { tokens?[index] = token }
        count.pointee = found.count
        return LMS_OK
    }
}

@_cdecl("lms_llm_unload")
public func llmUnload(
    _ llm: OpaquePointer?,
    _ options: UnsafePointer<lms_call_options>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> lms_status {
    reporting(to: error) { () throws(LMStudioError) in
        try ask(llm, options) { (llm: LLM, timeouts) throws(LMStudioError) in
            try await llm.unload(timeouts: timeouts)
        }
        return LMS_OK
    }
}

@_cdecl("lms_llm_free")
public func llmFree(_ llm: OpaquePointer?) {
    _ = Handles.remove(llm, as: LLMHandle.self)
}
