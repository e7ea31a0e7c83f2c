public import CLMStudio
import LMStudio
import LMStudioWire

@_cdecl("lms_load_embedding_model")
public func loadEmbeddingModel(
    _ load: OpaquePointer?,
    _ model: UnsafeMutablePointer<OpaquePointer?>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> lms_status {
    EmbeddingModelHandle.add(to: model, error) { () throws(LMStudioError) in
        try instance(of: load, for: .embedding)
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
    EmbeddingModelHandle.add(to: model, error) { () throws(LMStudioError) in
        try load(modelKey, config, .embedding, of: client)
    }
}

@_cdecl("lms_client_embedding_model_handle")
public func clientEmbeddingModelHandle(
    _ client: OpaquePointer?,
    _ identifier: UnsafePointer<CChar>?,
    _ model: UnsafeMutablePointer<OpaquePointer?>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> lms_status {
    EmbeddingModelHandle.add(to: model, error) { () throws(LMStudioError) in
        try instance(client, identifier)
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
    describe(model, options, json, error) {
        (model: EmbeddingModel, timeouts) throws(LMStudioError) in
        try await model.info(timeouts: timeouts).json
    }
}

@_cdecl("lms_embedding_model_load_config_begin")
public func embeddingModelLoadConfigBegin(
    _ model: OpaquePointer?,
    _ options: UnsafePointer<lms_call_options>?,
    _ call: UnsafeMutablePointer<OpaquePointer?>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> lms_status {
    beginDescribing(model, options, call, error) {
        (model: EmbeddingModel, timeouts) throws(LMStudioError) in
        try await model.loadConfig(timeouts: timeouts).json
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
        let handle = try EmbeddingModelHandle.borrow(model)
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
        try ask(model, options) { (model: EmbeddingModel, timeouts) throws(LMStudioError) in
            try await model.unload(timeouts: timeouts)
        }
        return LMS_OK
    }
}

@_cdecl("lms_embedding_model_free")
public func embeddingModelFree(_ model: OpaquePointer?) {
    _ = Handles.remove(model, as: EmbeddingModelHandle.self)
}
