public import CLMStudio
import LMStudio
import LMStudioWire

/// Begins a batch of what `predictions` makes of a model, options and whether it keeps going.
private func begin(
    _ llm: OpaquePointer?,
    _ config: lms_text,
    _ options: UnsafePointer<lms_complete_options>?,
    _ batch: UnsafeMutablePointer<OpaquePointer?>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?,
    _ predictions: (PredictionOrder) throws(LMStudioError) -> PredictionBatch
) -> lms_status {
    reporting(to: error) { () throws(LMStudioError) in
        let batch = try outHandle(batch, "batch")
        let order = try PredictionOrder(llm, config, options)
        let work = BatchHandle(try predictions(order), order)
        order.handle.owner.track(work)
        batch.pointee = Handles.add(work)
        return LMS_OK
    }
}

@_cdecl("lms_llm_complete_many")
public func llmCompleteMany(
    _ llm: OpaquePointer?,
    _ prompts: UnsafePointer<lms_text>?,
    _ count: Int,
    _ config: lms_text,
    _ options: UnsafePointer<lms_complete_options>?,
    _ keepGoing: Int32,
    _ batch: UnsafeMutablePointer<OpaquePointer?>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> lms_status {
    begin(llm, config, options, batch, error) { order throws(LMStudioError) in
        try order.handle.model.completions(
            strings(prompts, count, "prompts"),
            config: order.config,
            preset: order.preset,
            keepsGoing: keepGoing != 0
        )
    }
}

@_cdecl("lms_llm_respond_many")
public func llmRespondMany(
    _ llm: OpaquePointer?,
    _ chats: UnsafePointer<lms_text>?,
    _ count: Int,
    _ config: lms_text,
    _ options: UnsafePointer<lms_complete_options>?,
    _ keepGoing: Int32,
    _ batch: UnsafeMutablePointer<OpaquePointer?>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> lms_status {
    begin(llm, config, options, batch, error) { order throws(LMStudioError) in
        let chats = try array(chats, count, "chats").map { text in
            Result { () throws(LMStudioError) in
                try Chat(json: parseJSON(text, as: "chat"), as: "chat")
            }
        }
        return try order.handle.model.answers(
            chats,
            order.config,
            order.preset,
            keepsGoing: keepGoing != 0
        )
    }
}

@_cdecl("lms_batch_next")
public func batchNext(
    _ batch: OpaquePointer?,
    _ timeoutMilliseconds: Int64,
    _ index: UnsafeMutablePointer<Int>?,
    _ progress: UnsafeMutablePointer<Double>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> lms_status {
    reporting(to: error) { () throws(LMStudioError) in
        index?.pointee = 0
        progress?.pointee = 0
        let handle = try Handles.borrow(batch, as: BatchHandle.self, "batch")
        switch try handle.next(within: timeoutMilliseconds) {
        case nil: return LMS_PENDING
        case .end?: return LMS_END
        case .step((let place, let share))?:
            index?.pointee = place
            progress?.pointee = share
            return LMS_OK
        }
    }
}

private func find(_ batch: OpaquePointer?) -> BatchHandle? {
    Handles.find(batch, as: BatchHandle.self)
}

@_cdecl("lms_batch_count")
public func batchCount(_ batch: OpaquePointer?) -> Int {
    find(batch)?.count ?? 0
}

@_cdecl("lms_batch_result")
public func batchResult(_ batch: OpaquePointer?, _ index: Int) -> OpaquePointer? {
    find(batch)?.result(at: index)
}

@_cdecl("lms_batch_error")
public func batchError(_ batch: OpaquePointer?, _ index: Int) -> OpaquePointer? {
    find(batch)?.error(at: index)
}

@_cdecl("lms_batch_warning")
public func batchWarning(_ batch: OpaquePointer?, _ index: Int) -> lms_text {
    find(batch)?.warnings.text(at: index) ?? .none
}

@_cdecl("lms_batch_cancel")
public func batchCancel(_ batch: OpaquePointer?) {
    find(batch)?.cancel()
}

@_cdecl("lms_batch_free")
public func batchFree(_ batch: OpaquePointer?) {
    Handles.remove(batch, as: BatchHandle.self)?.close()
}
