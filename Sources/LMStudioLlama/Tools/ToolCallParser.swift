import CLlama
import LMStudioCore

/// llama.cpp's parser of the calls that a template's model writes.
///
/// `@unchecked Sendable`: it belongs to one prediction. The task that prepares the prompt makes it and
/// hands it to the scheduler's thread; nobody else has it.
final class ToolCallParser: @unchecked Sendable {
    /// What some text holds; of its last call there may be a beginning only.
    struct Message {
        var content = ""
        var thinking = ""
        var calls: [ToolCallRequest] = []
    }

    private let pointer: OpaquePointer
    /// What calls may be, as GBNF; `nil`: not known.
    let grammar: String?
    /// The end of the prompt, if the grammar's texts begin with it.
    let prefix: String
    /// Whether it reads all that is written, the thinking too; otherwise from a trigger on.
    let readsAll: Bool
    /// Texts that calls begin with; none if the answer must begin with a call.
    let triggers: [String]
    /// Texts that are to be shown though the model may have control tokens for them.
    let marks: [String]
    /// Texts that end an answer.
    let stopStrings: [String]

    /// Takes a parser of the bridge over.
    init(_ pointer: OpaquePointer) {
        self.pointer = pointer
        let text = String(cllama_tool_parser_grammar(pointer))
        grammar = text.isEmpty ? nil : text
        prefix = String(cllama_tool_parser_prefix(pointer))
        readsAll = cllama_tool_parser_reads_all(pointer)
        triggers = Self.texts { cllama_tool_parser_trigger(pointer, $0) }
        marks = Self.texts { cllama_tool_parser_mark(pointer, $0) }
        stopStrings = Self.texts { cllama_tool_parser_stop(pointer, $0) }
    }

    deinit {
        cllama_tool_parser_free(pointer)
    }

    private static func texts(_ text: (Int) -> cllama_text) -> [String] {
        var texts: [String] = []
        while true {
            let next = String(text(texts.count))
            if next.isEmpty { return texts }
            texts.append(next)
        }
    }

    /// Reads what was written until now.
    ///
    /// - Parameters:
    ///   - text: all of it, or all from a trigger on.
    ///   - isPartial: whether more may follow.
    /// - Returns: what it holds; the reason if it is no answer with calls.
    func parse(_ text: [UInt8], isPartial: Bool) -> Result<Message, LMStudioError> {
        let (parsed, reason) = LlamaReason.collect { error, capacity in
            let isParsed = text.withUnsafeBytes { bytes in
                bytes.withMemoryRebound(to: CChar.self) {
                    cllama_tool_parser_parse(
                        pointer,
                        cllama_text(data: $0.baseAddress, length: $0.count),
                        isPartial,
                        error,
                        capacity
                    )
                }
            }
            return isParsed ? pointer : nil
        }
        guard parsed != nil else {
            let reason = reason.isEmpty ? "there is no memory to read it" : reason
            return .failure(LMStudioError(.engine, reason))
        }
        return .success(
            Message(
                content: String(cllama_tool_parser_content(pointer)),
                thinking: String(cllama_tool_parser_thinking(pointer)),
                calls: (0..<cllama_tool_parser_call_count(pointer)).map { index in
                    let id = String(cllama_tool_parser_call_id(pointer, index))
                    return ToolCallRequest(
                        id: id.isEmpty ? nil : id,
                        name: String(cllama_tool_parser_call_name(pointer, index)),
                        arguments: String(cllama_tool_parser_call_arguments(pointer, index))
                    )
                }
            )
        )
    }
}
