public import CLMStudio
import LMStudio
import LMStudioWire

/// Begins a call about a cache of a model.
private func begin(
    _ llm: OpaquePointer?,
    _ path: UnsafePointer<CChar>?,
    _ options: UnsafePointer<lms_call_options>?,
    _ call: UnsafeMutablePointer<OpaquePointer?>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?,
    _ prepare: (LLM, String, Timeouts) throws(LMStudioError) ->
        @Sendable () async throws(LMStudioError) -> LoadedCache
) -> lms_status {
    reporting(to: error) { () throws(LMStudioError) in
        let call = try outHandle(call, "call")
        let handle = try LLMHandle.borrow(llm)
        let llm = handle.model
        _ = try llm.client.host()
        let work = try prepare(llm, required(path, "path"), timeouts(options))
        call.pointee = Handles.add(
            CallHandle(handle.owner) { () throws(LMStudioError) in try await work().json.text }
        )
        return LMS_OK
    }
}

@_cdecl("lms_llm_save_cache_begin")
public func llmSaveCacheBegin(
    _ llm: OpaquePointer?,
    _ prompt: lms_text,
    _ path: UnsafePointer<CChar>?,
    _ options: UnsafePointer<lms_call_options>?,
    _ call: UnsafeMutablePointer<OpaquePointer?>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> lms_status {
    begin(llm, path, options, call, error) { llm, path, timeouts throws(LMStudioError) in
        let prompt = try prompt.string("prompt")
        return { () throws(LMStudioError) in
            LoadedCache(
                tokensCount: try await llm.saveCache(
                    ofPrompt: prompt,
                    to: path,
                    timeouts: timeouts
                )
            )
        }
    }
}

@_cdecl("lms_llm_save_chat_cache_begin")
public func llmSaveChatCacheBegin(
    _ llm: OpaquePointer?,
    _ chat: lms_text,
    _ config: lms_text,
    _ path: UnsafePointer<CChar>?,
    _ options: UnsafePointer<lms_call_options>?,
    _ call: UnsafeMutablePointer<OpaquePointer?>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> lms_status {
    begin(llm, path, options, call, error) { llm, path, timeouts throws(LMStudioError) in
        let chat = try Chat(json: parseJSON(chat, as: "chat"), as: "chat")
        var warnings: [String] = []
        let config = try PredictionConfig(
            json: parseJSON(config, as: "config"),
            for: llm.client.host(),
            warnings: &warnings
        )
        return { [warnings] () throws(LMStudioError) in
            LoadedCache(
                tokensCount: try await llm.saveCache(
                    of: chat,
                    to: path,
                    config: config,
                    timeouts: timeouts
                ),
                warning: warnings.first
            )
        }
    }
}

@_cdecl("lms_llm_load_cache_begin")
public func llmLoadCacheBegin(
    _ llm: OpaquePointer?,
    _ path: UnsafePointer<CChar>?,
    _ options: UnsafePointer<lms_call_options>?,
    _ call: UnsafeMutablePointer<OpaquePointer?>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> lms_status {
    begin(llm, path, options, call, error) { llm, path, timeouts in
        { () throws(LMStudioError) in
            try await llm.loadCache(from: path, timeouts: timeouts)
        }
    }
}
