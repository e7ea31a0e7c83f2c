public import CLMStudio
import LMStudio
import LMStudioWire

private func borrow(_ model: OpaquePointer?) throws(LMStudioError) -> EmbeddingModelHandle {
    try Handles.borrow(model, as: EmbeddingModelHandle.self, "model")
}

@_cdecl("lms_load_embedding_model")
public func loadEmbeddingModel(
    _ load: OpaquePointer?,
    _ model: UnsafeMutablePointer<OpaquePointer?>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> lms_status {
    reporting(to: error) { () throws(LMStudioError) in
        let model = try outHandle(model, "model")
        let handle = try Handles.borrow(load, as: LoadHandle.self, "load")
        model.pointee = Handles.add(
            EmbeddingModelHandle(try handle.identifier(of: .embedding), of: handle.owner)
        )
        return LMS_OK
    }
}

@_cdecl("lms_client_embedding_model")
public func clientEmbeddingModel(
    _ client: OpaquePointer?,
    _ modelKey: UnsafePointer<CChar>?,
    _ config: lms_text,
    _ model: UnsafeMutablePointer<OpaquePointer?>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> lms_status {
    reporting(to: error) { () throws(LMStudioError) in
        let model = try outHandle(model, "model")
        let owner = try Handles.borrow(client, as: ClientHandle.self, "client")
        let identifier = try load(modelKey, config, .embedding, of: owner)
        model.pointee = Handles.add(EmbeddingModelHandle(identifier, of: owner))
        return LMS_OK
    }
}

@_cdecl("lms_client_embedding_model_handle")
public func clientEmbeddingModelHandle(
    _ client: OpaquePointer?,
    _ identifier: UnsafePointer<CChar>?,
    _ model: UnsafeMutablePointer<OpaquePointer?>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> lms_status {
    reporting(to: error) { () throws(LMStudioError) in
        let model = try outHandle(model, "model")
        let (owner, identifier) = try instance(client, identifier)
        model.pointee = Handles.add(EmbeddingModelHandle(identifier, of: owner))
        return LMS_OK
    }
}

@_cdecl("lms_embedding_model_identifier")
public func embeddingModelIdentifier(_ model: OpaquePointer?) -> lms_text {
    Handles.find(model, as: EmbeddingModelHandle.self)?.identifier.text ?? .none
}

@_cdecl("lms_embedding_model_info")
public func embeddingModelInfo(
    _ model: OpaquePointer?,
    _ options: UnsafePointer<lms_call_options>?,
    _ json: UnsafeMutablePointer<lms_text>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> lms_status {
    reporting(to: error) { () throws(LMStudioError) in
        let json = try outText(json, "json")
        let model = try borrow(model).model
        let timeouts = try timeouts(options)
        let answer = try BackgroundCall.run(on: model.client.taskExecutor) {
            () throws(LMStudioError) in
            try await model.info(timeouts: timeouts).json
        }
        json.pointee = copyOut(answer.text)
        return LMS_OK
    }
}

@_cdecl("lms_embedding_model_load_config_begin")
public func embeddingModelLoadConfigBegin(
    _ model: OpaquePointer?,
    _ options: UnsafePointer<lms_call_options>?,
    _ call: UnsafeMutablePointer<OpaquePointer?>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> lms_status {
    reporting(to: error) { () throws(LMStudioError) in
        let call = try outHandle(call, "call")
        let model = try borrow(model).model
        let timeouts = try timeouts(options)
        _ = try model.client.host()
        call.pointee = Handles.add(
            CallHandle(model.client) { () throws(LMStudioError) in
                try await model.loadConfig(timeouts: timeouts).json.text
            }
        )
        return LMS_OK
    }
}

@_cdecl("lms_embedding_model_embed")
public func embeddingModelEmbed(
    _ model: OpaquePointer?,
    _ texts: UnsafePointer<lms_text>?,
    _ count: Int,
    _ options: UnsafePointer<lms_call_options>?,
    _ embeddings: UnsafeMutablePointer<OpaquePointer?>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> lms_status {
    reporting(to: error) { () throws(LMStudioError) in
        let embeddings = try outHandle(embeddings, "embeddings")
        let handle = try borrow(model)
        let texts = try strings(texts, count, "texts")
        let timeouts = try timeouts(options)
        _ = try handle.owner.client.host()
        let work = EmbeddingsHandle(texts, handle.model, timeouts)
        handle.owner.track(work)
        embeddings.pointee = Handles.add(work)
        return LMS_OK
    }
}

@_cdecl("lms_embeddings_wait")
public func embeddingsWait(
    _ embeddings: OpaquePointer?,
    _ timeoutMilliseconds: Int64,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> lms_status {
    reporting(to: error) { () throws(LMStudioError) in
        let handle = try Handles.borrow(embeddings, as: EmbeddingsHandle.self, "embeddings")
        return try handle.wait(within: timeoutMilliseconds) == nil ? LMS_PENDING : LMS_OK
    }
}

@_cdecl("lms_embeddings_cancel")
public func embeddingsCancel(_ embeddings: OpaquePointer?) {
    Handles.find(embeddings, as: EmbeddingsHandle.self)?.cancel()
}

private func find(_ embeddings: OpaquePointer?) -> LentVectors? {
    Handles.find(embeddings, as: EmbeddingsHandle.self)?.vectors
}

@_cdecl("lms_embeddings_count")
public func embeddingsCount(_ embeddings: OpaquePointer?) -> Int {
    find(embeddings)?.count ?? 0
}

@_cdecl("lms_embeddings_dimension")
public func embeddingsDimension(_ embeddings: OpaquePointer?) -> Int {
    find(embeddings)?.dimension ?? 0
}

@_cdecl("lms_embeddings_vector")
public func embeddingsVector(_ embeddings: OpaquePointer?, _ index: Int) -> UnsafePointer<Float>? {
    find(embeddings)?.vector(at: index)
}

@_cdecl("lms_embeddings_free")
public func embeddingsFree(_ embeddings: OpaquePointer?) {
    Handles.remove(embeddings, as: EmbeddingsHandle.self)?.cancel()
}

@_cdecl("lms_embedding_model_unload")
public func embeddingModelUnload(
    _ model: OpaquePointer?,
    _ options: UnsafePointer<lms_call_options>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> lms_status {
    reporting(to: error) { () throws(LMStudioError) in
        let model = try borrow(model).model
        let timeouts = try timeouts(options)
        try BackgroundCall.run(on: model.client.taskExecutor) { () throws(LMStudioError) in
            try await model.unload(timeouts: timeouts)
        }
        return LMS_OK
    }
}

@_cdecl("lms_embedding_model_free")
public func embeddingModelFree(_ model: OpaquePointer?) {
    _ = Handles.remove(model, as: EmbeddingModelHandle.self)
}
