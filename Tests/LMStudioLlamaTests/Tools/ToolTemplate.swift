import Foundation
import LMStudio
import Testing

@testable import LMStudioLlama

/// A template that comes with llama.cpp, of models that write calls in a way of their own.
struct ToolTemplate: Sendable, CustomTestStringConvertible {
    /// Its file's name, without the ending.
    var name: String
    /// What ends an answer with calls.
    var end: String
    /// The call's id, where the model gives it one.
    var id: String?

    var testDescription: String { name }

    static let all = [
        ToolTemplate(name: "openai-gpt-oss-120b", end: "<|call|>"),
        ToolTemplate(name: "llama-cpp-deepseek-r1", end: "<｜end▁of▁sentence｜>"),
        ToolTemplate(name: "deepseek-ai-DeepSeek-V3.2", end: "<｜end▁of▁sentence｜>"),
        ToolTemplate(name: "GLM-4.6", end: "<|observation|>"),
        ToolTemplate(name: "moonshotai-Kimi-K2", end: "<|im_end|>", id: "functions.add:0"),
        ToolTemplate(
            name: "CohereForAI-c4ai-command-r7b-12-2024-tool_use",
            end: "<|END_OF_TURN_TOKEN|>"
        ),
        ToolTemplate(name: "Qwen3-Coder", end: "<|im_end|>"),
    ]

    /// The template.
    var source: String {
        get throws { try Self.source(of: name) }
    }

    private static let directory = TestModels.environment("LLAMA") + "/share/templates"

    /// The names of all templates that llama.cpp ships.
    static let names: [String] = {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        return files.filter { $0.hasSuffix(".jinja") }.map { String($0.dropLast(6)) }.sorted()
    }()

    /// The template of that name.
    static func source(of name: String) throws -> String {
        try String(contentsOfFile: "\(directory)/\(name).jinja", encoding: .utf8)
    }

    /// What such a model writes to call `add` with 1 and 2: what its template makes of a call behind the
    /// prompt that asks for it.
    func written(_ template: LlamaTemplate) throws -> String {
        let tools = [ToolCallReaderTests.add, ToolDefinition(name: "now")]
        let call = ToolCallRequest(
            id: "functions.add:0",
            name: "add",
            arguments: #"{"a": 1, "b": 2}"#
        )
        let result = ToolCallResult(content: "3", toolCallID: call.id, name: "add")
        var chat: Chat = "What is 1 + 2?"
        let asked = try template.prompt(of: chat, tools: tools, enablesThinking: template.thinks)
        chat.append(ChatMessage(role: .assistant, content: [.toolCallRequest(call)]))
        chat.append(ChatMessage(role: .tool, content: [.toolCallResult(result)]))
        let called = try template.prompt(of: chat, tools: tools, enablesThinking: template.thinks)
        var common = zip(asked, called).prefix { $0 == $1 }.count
        if asked.prefix(common).hasSuffix("<") { common -= 1 }
        var answer = called.dropFirst(common)
        let end = try #require(answer.firstRange(of: end))
        answer = answer[..<end.lowerBound]
        // What begins the thinking in the prompt is left out of what was said before.
        let isThinking = asked.count > common
        return isThinking && !answer.hasPrefix("</think>") ? "</think>\(answer)" : String(answer)
    }
}
