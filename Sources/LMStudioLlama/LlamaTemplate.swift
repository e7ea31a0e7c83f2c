import CLlama
import LMStudioCore

/// A Jinja template that makes prompts of chats.
///
/// `@unchecked Sendable`: after parsing, it is only read.
final class LlamaTemplate: @unchecked Sendable {
    let pointer: OpaquePointer
    /// Whether it came with the model's file.
    private let isModelsOwn: Bool
    /// Texts that end an answer in this template, where no token of the model does.
    let stopStrings: [String]
    /// The token that a text begins with, as text; empty if there is none.
    let beginning: String
    /// The token that a text ends with, as text; empty if there is none.
    let end: String

    /// Parses a template of a request.
    ///
    /// - Throws: `.invalidArgument` naming the line that is wrong.
    convenience init(_ source: String, for model: LlamaModel) throws(LMStudioError) {
        try self.init(source, for: model, isModelsOwn: false)
    }

    /// Parses a model's own template, or ChatML, LM Studio's choice for a model that has none.
    ///
    /// - Throws: `.invalidArgument` naming the line that is wrong.
    ///
    /// - Parameters:
    ///   - model: the model.
    ///   - tools: whether its template for tools is wanted, if it has one.
    convenience init(of model: LlamaModel, for tools: Bool = false) throws(LMStudioError) {
        let special = tools ? cllama_model_template(model.pointer, "tool_use") : nil
        if let source = special ?? cllama_model_template(model.pointer, nil) {
            try self.init(String(cString: source), for: model, isModelsOwn: true)
        } else {
            try self.init(
                Self.chatML,
                for: model,
                isModelsOwn: false,
                stopStrings: ["<|im_end|>"]
            )
        }
    }

    private init(
        _ source: String,
        for model: LlamaModel,
        isModelsOwn: Bool,
        stopStrings: [String] = []
    ) throws(LMStudioError) {
        let (made, reason) = source.withText { source in
            LlamaReason.collect { cllama_template_create(model.pointer, source, $0, $1) }
        }
        guard let made else { throw Self.faulty(reason, isModelsOwn: isModelsOwn) }
        pointer = made
        self.isModelsOwn = isModelsOwn
        self.stopStrings = stopStrings
        beginning = String(cllama_template_bos(made))
        end = String(cllama_template_eos(made))
    }

    deinit {
        cllama_template_free(pointer)
    }

    /// What it is told of thinking where nobody says: whether llama.cpp knows how it shows that.
    ///
    /// To find out takes a moment the first time.
    var thinks: Bool { cllama_template_thinks(pointer) }

    /// The prompt that asks for an answer.
    ///
    /// - Parameters:
    ///   - chat: texts only.
    ///   - tools: what the model is told of.
    ///   - enablesThinking: what the template is told of it.
    /// - Returns: the text.
    /// - Throws: `.invalidArgument` naming the line of the template that refuses the chat.
    func prompt(
        of chat: Chat,
        tools: [ToolDefinition],
        enablesThinking: Bool
    ) throws(LMStudioError) -> String {
        do throws(LMStudioError) {
            return try apply(to: chat, tools, enablesThinking)
        } catch {
            // Clients send messages in any order; many templates insist on one.
            let ordered = chat.ordered
            guard ordered != chat, let text = try? apply(to: ordered, tools, enablesThinking) else {
                throw error
            }
            return text
        }
    }

    private func apply(
        to chat: Chat,
        _ tools: [ToolDefinition],
        _ enablesThinking: Bool
    ) throws(LMStudioError) -> String {
        let (applied, reason) = LlamaReason.collect { error, capacity in
            guard let filled = LlamaChat.make(chat, tools) else { return nil }
            guard cllama_chat_apply(filled, pointer, enablesThinking, error, capacity) else {
                cllama_chat_free(filled)
                return nil
            }
            return filled
        }
        guard let applied else { throw Self.faulty(reason, isModelsOwn: isModelsOwn) }
        defer { cllama_chat_free(applied) }
        return String(cllama_chat_prompt(applied))
    }

    private static func faulty(_ reason: String, isModelsOwn: Bool) -> LMStudioError {
        let reason = reason.isEmpty ? "no memory" : reason
        return LMStudioError(
            .invalidArgument,
            isModelsOwn
                ? "the model's own prompt template fails: \(reason); change the chat, or give another promptTemplate"
                : "the prompt template fails: \(reason)"
        )
    }

    private static let chatML = """
        {%- for message in messages -%}
        {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' -}}
        {%- endfor -%}
        {%- if add_generation_prompt -%}
        {{- '<|im_start|>assistant\\n' -}}
        {%- endif -%}
        """
}

/// A chat in the form of the bridge.
enum LlamaChat {
    /// Fills one, to be freed by the caller; `nil` if there is no memory.
    static func make(_ chat: Chat, _ tools: [ToolDefinition]) -> OpaquePointer? {
        guard let filled = cllama_chat_create() else { return nil }
        let isFilled =
            chat.messages.allSatisfy { add($0, to: filled) }
            && tools.allSatisfy { tool in
                tool.name.withText { name in
                    (tool.description ?? "").withText { description in
                        (tool.parameters ?? noParameters).withText { parameters in
                            cllama_chat_add_tool(filled, name, description, parameters)
                        }
                    }
                }
            }
        if isFilled { return filled }
        cllama_chat_free(filled)
        return nil
    }

    private static let noParameters = #"{"type":"object","properties":{}}"#

    private static func add(_ message: ChatMessage, to chat: OpaquePointer) -> Bool {
        // A tool's message is one for each of its results.
        let isAdded =
            message.role == .tool
            || message.template.withText {
                cllama_chat_add_message(chat, message.role.rawValue, $0)
            }
        return isAdded && message.content.allSatisfy { add($0, to: chat) }
    }

    private static func add(_ part: ChatMessage.Part, to chat: OpaquePointer) -> Bool {
        switch part {
        case .text, .file: true
        case .toolCallRequest(let request):
            (request.id ?? "").withText { id in
                request.name.withText { name in
                    (request.arguments ?? "{}").withText { arguments in
                        cllama_chat_add_tool_call(chat, id, name, arguments)
                    }
                }
            }
        case .toolCallResult(let result):
            (result.toolCallID ?? "").withText { id in
                (result.name ?? "").withText { name in
                    result.content.withText { content in
                        cllama_chat_add_tool_result(chat, id, name, content)
                    }
                }
            }
        }
    }
}

extension String {
    /// Lends the text to the bridge.
    func withText<Value>(_ body: (cllama_text) -> Value) -> Value {
        var copy = self
        return copy.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) {
                body(cllama_text(data: $0.baseAddress, length: $0.count))
            }
        }
    }

    /// Copies a text of the bridge.
    init(_ text: cllama_text) {
        let bytes = UnsafeRawBufferPointer(start: text.data, count: text.length)
        self = String(decoding: bytes, as: UTF8.self)
    }
}
