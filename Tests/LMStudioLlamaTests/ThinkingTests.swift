import LMStudio
import LMStudioTesting
import LMStudioWire
import Testing

@testable import LMStudioLlama

extension EngineTests {
    /// Thinking that is bounded, and forms that begin after it.
    @Suite(.onBothHosts) struct ThinkingTests {
        /// ChatML whose answers begin with thinking.
        private static let template = PromptTemplate(
            .jinja(TemplateFamily.chatML.template + "{{ '<think>\\n' }}")
        )

        private func config(_ budget: Int?, maxTokens: Int = 48) -> PredictionConfig {
            var config = PredictionConfig.greedy(maxTokens)
            config.promptTemplate = Self.template
            config.reasoningBudget = budget
            return config
        }

        @Test(arguments: [0, 1, 7])
        func thinkingEndsWithItsBudget(budget: Int) async throws {
            let model = try await TestModels.client().llm.model()
            let stream = try model.respondStream("What is 1 + 2?", config: config(budget))
            var count = 0
            var hasEnded = false
            for try await fragment in stream {
                if fragment.reasoningType == .reasoning { count += fragment.tokensCount }
                if fragment.reasoningType == .reasoningEndTag { hasEnded = true }
            }
            #expect(hasEnded)
            #expect(count == budget)
            let result = try await stream.result()
            #expect(result.content.contains("</think>"))
            #expect(!result.reasoningContent.contains("</think>"))
        }

        @Test func withoutABudgetItGoesOn() async throws {
            let model = try await TestModels.client().llm.model()
            let result = try await model.respond("What is 1 + 2?", config: config(nil))
            #expect(result.nonReasoningContent == "" || result.reasoningContent != "")
        }

        @Test func aFormBeginsAfterTheThinking() async throws {
            let model = try await TestModels.client().llm.model()
            var config = config(6, maxTokens: 80)
            config.structured = .json(
                schema:
                    #"{"type":"object","properties":{"sum":{"type":"integer","maximum":99}},"required":["sum"],"additionalProperties":false}"#
            )
            let result = try await model.respond("What is 1 + 2?", config: config)
            #expect(!result.reasoningContent.isEmpty)
            #expect(!result.reasoningContent.hasPrefix("{"))
            let answer = try JSONValue(parsing: result.nonReasoningContent, as: "answer")
            #expect(answer["sum"]?.int != nil)
            #expect(result.stats.stopReason == .eosFound)
        }

        /// Also where a template begins the thinking though it is told not to.
        @Test(arguments: [nil, false] as [Bool?])
        func aFormComesWhereTheModelWouldEndWhileItThinks(enableThinking: Bool?) async throws {
            let model = try await TestModels.client().llm.model()
            let question: Chat = "What is the capital of France?"
            let plain = try await model.respond(question, config: config(nil))
            #expect(plain.stats.stopReason == .eosFound)
            #expect(plain.nonReasoningContent == "")
            var config = config(nil, maxTokens: 96)
            config.enableThinking = enableThinking
            config.structured = .json(
                schema:
                    #"{"type":"object","properties":{"city":{"enum":["Paris","Rome"]}},"required":["city"]}"#
            )
            let result = try await model.respond(question, config: config)
            #expect(result.reasoningContent == plain.reasoningContent)
            let answer = try JSONValue(parsing: result.nonReasoningContent, as: "answer")
            #expect(answer["city"]?.string != nil)
            #expect(result.stats.stopReason == .eosFound)
        }

        @Test func aCallBeginsAfterTheThinking() async throws {
            let model = try await TestModels.client().llm.model()
            var config = config(5, maxTokens: 96)
            config.tools = [ToolCallReaderTests.add]
            config.toolChoice = .required
            let result = try await model.respond("What is 1 + 2?", config: config)
            #expect(!result.reasoningContent.isEmpty)
            #expect(result.toolCalls.first?.name == "add")
        }
    }
}
