import CLMStudio
import LMStudio
import LMStudioWire

/// What an `lms_llm` or an `lms_embedding_model` stands for.
final class ModelHandle<Model: LoadedModel>: Sendable {
    let model: Model
    let owner: ClientHandle
    let identifier: LentText

    init(_ identifier: String, of owner: ClientHandle) {
        model = Model(client: owner.client, identifier: identifier)
        self.owner = owner
        self.identifier = LentText(identifier)
    }

    /// What the headers call the parameter.
    private static var parameter: String { Model.domain == .llm ? "llm" : "model" }

    static func borrow(_ pointer: OpaquePointer?) throws(LMStudioError) -> ModelHandle {
        try Handles.borrow(pointer, as: ModelHandle.self, parameter)
    }

    /// Fills in a new handle for the instance that `find` names.
    static func add(
        to handle: UnsafeMutablePointer<OpaquePointer?>?,
        _ error: UnsafeMutablePointer<OpaquePointer?>?,
        _ find: () throws(LMStudioError) -> (owner: ClientHandle, identifier: String)
    ) -> lms_status {
        reporting(to: error) { () throws(LMStudioError) in
            let handle = try outHandle(handle, parameter)
            let (owner, identifier) = try find()
            handle.pointee = Handles.add(ModelHandle(identifier, of: owner))
            return LMS_OK
        }
    }
}

typealias LLMHandle = ModelHandle<LLM>
typealias EmbeddingModelHandle = ModelHandle<EmbeddingModel>

/// Asks a model something and waits for the answer.
func ask<Model: LoadedModel, Answer: Sendable>(
    _ model: OpaquePointer?,
    _ options: UnsafePointer<lms_call_options>?,
    _ work: @escaping @Sendable (Model, Timeouts) async throws(LMStudioError) -> Answer
) throws(LMStudioError) -> Answer {
    let model = try ModelHandle<Model>.borrow(model).model
    let timeouts = try timeouts(options)
    return try BackgroundCall.run(on: model.client.taskExecutor(beginsHere: true)) {
        () throws(LMStudioError) in
        try await work(model, timeouts)
    }
}

/// Answers with what a model says of itself, as JSON.
func describe<Model: LoadedModel>(
    _ model: OpaquePointer?,
    _ options: UnsafePointer<lms_call_options>?,
    _ json: UnsafeMutablePointer<lms_text>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?,
    _ work: @escaping @Sendable (Model, Timeouts) async throws(LMStudioError) -> JSONValue
) -> lms_status {
    reporting(to: error) { () throws(LMStudioError) in
        let json = try outText(json, "json")
        json.pointee = copyOut(try ask(model, options, work).text)
        return LMS_OK
    }
}

/// Begins a call that answers with what a model says of itself, as JSON.
func beginDescribing<Model: LoadedModel>(
    _ model: OpaquePointer?,
    _ options: UnsafePointer<lms_call_options>?,
    _ call: UnsafeMutablePointer<OpaquePointer?>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?,
    _ work: @escaping @Sendable (Model, Timeouts) async throws(LMStudioError) -> JSONValue
) -> lms_status {
    reporting(to: error) { () throws(LMStudioError) in
        let call = try outHandle(call, "call")
        let handle = try ModelHandle<Model>.borrow(model)
        let timeouts = try timeouts(options)
        let model = handle.model
        _ = try model.client.host()
        call.pointee = Handles.add(
            CallHandle(handle.owner, beginsHere: true) { () throws(LMStudioError) in
                try await work(model, timeouts).text
            }
        )
        return LMS_OK
    }
}
