import LMStudio
import LMStudioTesting
import LMStudioWire
import Testing

@testable import LMStudioLlama

extension EngineTests {
    /// Calls by a small model, which makes them only where it must.
    @Suite(.onBothHosts) struct ToolCallTests {
        private static let weather = ToolDefinition(
            name: "get_weather",
            description: "Tells the weather in a city.",
            parameters:
                #"{"type":"object","properties":{"city":{"type":"string","maxLength":20},"unit":{"enum":["C","F"]}},"required":["city","unit"]}"#
        )
        private static let time = ToolDefinition(name: "get_time", description: "Tells the time.")

        private func config(_ choice: ToolChoice, maxTokens: Int = 96) -> PredictionConfig {
            var config = PredictionConfig.greedy(maxTokens)
            config.tools = [Self.weather, Self.time]
            config.toolChoice = choice
            return config
        }

        @Test func aCallThatIsRequiredIsMade() async throws {
            let model = try await TestModels.client().llm.model()
            let events = Recorder<ToolCallEvent>()
            var config = config(.tool("get_weather"))
            config.toolCallStopStrings = ["[END_TOOL_REQUEST]\n"]
            let result = try await model.respond(
                "What is the weather in Paris?",
                config: config,
                callbacks: .init(onToolCall: { events.record($0) })
            )
            let call = try #require(result.toolCalls.first)
            #expect(call.name == "get_weather")
            let arguments = try JSONValue(parsing: call.arguments ?? "", as: "arguments")
            #expect(arguments["city"]?.string?.isEmpty == false)
            #expect(["C", "F"].contains(arguments["unit"]?.string))
            #expect(!result.content.contains("TOOL_REQUEST"))
            #expect(events.values.prefix(2) == [.started(id: nil), .named("get_weather")])
            var pieces = ""
            for case .argumentFragment(let piece) in events.values.prefix(while: { event in
                if case .ended = event { false } else { true }
            }) {
                pieces += piece
            }
            #expect(pieces == call.arguments)
        }

        @Test func eitherToolMayBeRequired() async throws {
            let model = try await TestModels.client().llm.model()
            let result = try await model.respond("What time is it?", config: config(.required))
            #expect(!result.toolCalls.isEmpty)
            #expect(result.toolCalls.allSatisfy { ["get_weather", "get_time"].contains($0.name) })
            #expect(Set(result.toolCalls.map(\.id)).count == result.toolCalls.count)
        }

        @Test func withoutAChoiceTheModelMayAnswer() async throws {
            let model = try await TestModels.client().llm.model()
            let chat: Chat = "What is the capital of France?"
            let none = try await model.respond(chat, config: config(.none, maxTokens: 24))
            let plain = try await model.respond(chat, config: .greedy(24))
            #expect(none.content == plain.content)
            #expect(none.toolCalls == [])
            let auto = try await model.respond(chat, config: config(.auto, maxTokens: 24))
            #expect((auto.stats.promptTokensCount ?? 0) > (plain.stats.promptTokensCount ?? 0) + 50)
        }

        @Test func aCallThatIsCutFails() async throws {
            let model = try await TestModels.client().llm.model()
            let events = Recorder<ToolCallEvent>()
            let result = try await model.respond(
                "What is the weather in Paris?",
                config: config(.tool("get_weather"), maxTokens: 12),
                callbacks: .init(onToolCall: { events.record($0) })
            )
            guard case .failed(_, let rawContent)? = events.values.last else {
                Issue.record("\(events.values)")
                return
            }
            #expect(rawContent?.hasPrefix("[TOOL_REQUEST]") == true)
            #expect(result.toolCalls == [])
            #expect(result.stats.stopReason == .maxPredictedTokensReached)
        }

        @Test func aCallThatIsCutBehindItsArgumentsFailsToo() async throws {
            let model = try await TestModels.client().llm.model()
            var reasons: [String] = []
            for limit in stride(from: 30, to: 50, by: 4) {
                let events = Recorder<ToolCallEvent>()
                _ = try await model.respond(
                    "What is the weather in Paris?",
                    config: config(.tool("get_weather"), maxTokens: limit),
                    callbacks: .init(onToolCall: { events.record($0) })
                )
                switch events.values.last {
                case .ended(_, let text)?: #expect(text?.hasPart("[END_TOOL_REQUEST]") == true)
                case .failed(let reason, _)?: reasons.append(reason)
                default: Issue.record("\(events.values)")
                }
            }
            #expect(reasons.contains("the answer ended within the call of get_weather"))
        }

        @Test func aTextThatEndsACallIsTheStopReason() async throws {
            let model = try await TestModels.client().llm.model()
            var config = PredictionConfig.greedy(24)
            let free = try await model.respond("Count to five.", config: config).content
            let stop = String(free.dropFirst(8).prefix(4))
            config.toolCallStopStrings = [stop]
            let result = try await model.respond("Count to five.", config: config)
            #expect(result.stats.stopReason == .toolCalls)
            #expect(result.stats.stopString == stop)
            #expect(free.hasPrefix(result.content) && result.content.count <= 8)
        }

        @Test func aCompletionCannotCallTools() async throws {
            let model = try await TestModels.client().llm.model()
            let error = await #expect(throws: LMStudioError.self) {
                try await model.complete("Hello", config: config(.auto))
            }
            #expect(error?.code == HostTrait.refusal)
            #expect(error?.message.contains("respond") == true)
        }

        @Test func aManualTemplateCannotTellOfTools() async throws {
            let model = try await TestModels.client().llm.model()
            var config = config(.auto)
            config.promptTemplate = PromptTemplate(.manual(PromptTemplate.Manual()))
            let error = await #expect(throws: LMStudioError.self) {
                try await model.respond("Hello", config: config)
            }
            #expect(error?.code == HostTrait.refusal)
        }
    }
}
