import LMStudio
import LMStudioLlama
import LMStudioTesting
import Testing

extension EngineTests {
    @Suite(.onBothHosts) struct RespondTests {
        private static let chat = Chat(
            "What is the capital of France?",
            system: "You answer in one sentence."
        )

        /// The prompt of the chat by the model's own template.
        private static let prompt =
            "<|im_start|>system\nYou answer in one sentence.<|im_end|>\n"
            + "<|im_start|>user\nWhat is the capital of France?<|im_end|>\n<|im_start|>assistant\n"

        @Test func anAnswerIsTheCompletionOfTheTemplatesText() async throws {
            let model = try await TestModels.client().llm.model()
            #expect(try await model.applyPromptTemplate(Self.chat) == Self.prompt)
            let answer = try await model.respond(Self.chat, config: .greedy(48))
            let completion = try await model.complete(Self.prompt, config: .greedy(48))
            #expect(answer.content == completion.content)
            #expect(answer.content.contains("Paris"))
            #expect(answer.stats.promptTokensCount == completion.stats.promptTokensCount)
            #expect(answer.stats.stopReason == .eosFound)
            #expect(answer.nonReasoningContent == answer.content)
            #expect(answer.reasoningContent == "")
        }

        @Test func aChatGoesOn() async throws {
            let model = try await TestModels.client().llm.model()
            var chat: Chat = "My name is Anna."
            chat.append(.assistant(try await model.respond(chat, config: .greedy(24)).content))
            chat.append(.user("What is my name?"))
            let answer = try await model.respond(chat, config: .greedy(24))
            #expect(answer.content.contains("Anna"))
        }

        @Test func aTokenThatBeginsTextsIsNotRepeated() async throws {
            let gemma = try await TestModels.client().llm.model(TestModels.gemmaFile)
            var config = PredictionConfig.greedy(4)
            config.promptTemplate = PromptTemplate(
                .jinja("{{ bos_token }}{{ messages[0].content }}")
            )
            let answer = try await gemma.respond("Hello world", config: config)
            let completion = try await gemma.complete("Hello world", config: .greedy(4))
            #expect(answer.stats.promptTokensCount == completion.stats.promptTokensCount)
            #expect(answer.content == completion.content)
        }

        @Test func stopStringsOfTheTemplateEndTheText() async throws {
            let model = try await TestModels.client().llm.model()
            var config = PredictionConfig.greedy(48)
            let free = try await model.respond(Self.chat, config: config).content
            config.promptTemplate = PromptTemplate(
                .jinja(
                    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n"
                        + "{% endfor %}{{ '<|im_start|>assistant\n' }}"
                ),
                stopStrings: ["Paris"]
            )
            let result = try await model.respond(Self.chat, config: config)
            #expect(result.stats.stopReason == .stopStringFound)
            #expect(result.stats.stopString == "Paris")
            let end = try #require(free.firstRange(of: "Paris")).lowerBound
            #expect(result.content == String(free[..<end]))
            #expect(result.predictionConfig.stopStrings == [])
        }

        @Test func thinkingIsToldFromTheAnswerByItsMarks() async throws {
            let model = try await TestModels.client().llm.model()
            let free = try await model.respond(Self.chat, config: .greedy(48)).content
            // Marks that begin and end within tokens.
            let start = free.index(free.startIndex, offsetBy: 5)
            let middle = free.index(free.startIndex, offsetBy: free.count / 2)
            let (startString, endString) = (
                String(free[start...].prefix(5)), free[middle...].prefix(6)
            )
            var config = PredictionConfig.greedy(48)
            config.reasoningParsing = ReasoningParsing(
                startString: startString,
                endString: String(endString)
            )
            var types: [PredictionFragment.ReasoningType] = []
            let stream = try model.respondStream(Self.chat, config: config)
            var tokens = 0
            for try await fragment in stream {
                if types.last != fragment.reasoningType { types.append(fragment.reasoningType) }
                tokens += fragment.tokensCount
            }
            let result = try await stream.result()
            #expect(result.content == free)
            #expect(types == [.none, .reasoningStartTag, .reasoning, .reasoningEndTag, .none])
            #expect(tokens == result.stats.predictedTokensCount)
            #expect(
                free == String(free[..<start]) + startString + result.reasoningContent + endString
                    + result.nonReasoningContent.dropFirst(5)
            )
        }

        @Test func aPromptThatBeginsTheThinkingIsHeeded() async throws {
            let model = try await TestModels.client().llm.model()
            var config = PredictionConfig.greedy(16)
            config.reasoningParsing = ReasoningParsing(
                startString: "<|im_start|>assistant",
                endString: "France"
            )
            let result = try await model.respond(Self.chat, config: config)
            #expect(result.reasoningContent == "The capital of ")
            #expect(result.nonReasoningContent == String(result.content.dropFirst(21)))
            config.reasoningParsing = ReasoningParsing(
                isEnabled: false,
                startString: "<|im_start|>assistant",
                endString: "France"
            )
            let plain = try await model.respond(Self.chat, config: config)
            #expect(plain.content == result.content)
            #expect(plain.nonReasoningContent == result.content)
        }

        @Test func aCompletionIsLookedThroughForThinkingWhereItIsAskedFor() async throws {
            let model = try await TestModels.client().llm.model()
            var config = PredictionConfig.greedy(16)
            config.reasoningParsing = ReasoningParsing(startString: "is", endString: "of")
            let result = try await model.complete("The capital of France", config: config)
            let free = try await model.complete("The capital of France", config: .greedy(16))
            #expect(result.content == free.content)
            #expect(free.reasoningContent == "")
            let start = try #require(free.content.firstRange(of: "is"))
            let thinking = free.content[start.upperBound...]
            let end = thinking.firstRange(of: "of")?.lowerBound ?? thinking.endIndex
            #expect(result.reasoningContent == String(thinking[..<end]))
        }

        @Test func aFaultOfTheChatComesThroughTheStream() async throws {
            let model = try await TestModels.client().llm.model()
            #expect(throws: LMStudioError.self) { try model.respondStream(Chat()) }
            var config = PredictionConfig()
            config.promptTemplate = PromptTemplate(.jinja("{{ raise_exception('no') }}"))
            let error = try await #require(throws: LMStudioError.self) {
                try await model.respond("Hi", config: config)
            }
            #expect(error.code == HostTrait.refusal)
            #expect(error.message == "the prompt template fails: line 1: Jinja Exception: no")
            // The instance is free for the next one.
            _ = try await model.respond("Hi", config: .greedy(1))
        }

        @Test func aChatLongerThanTheContextIsCutOrRefused() async throws {
            let model = try await TestModels.client().llm.model(config: .context(64))
            let chat = Chat(String(repeating: "word ", count: 100))
            var strict = PredictionConfig.greedy(4)
            strict.contextOverflowPolicy = .stopAtLimit
            let config = strict
            let error = try await #require(throws: LMStudioError.self) {
                try await model.respond(chat, config: config)
            }
            #expect(error.code == HostTrait.refusal)
            #expect(error.message.contains("64"))
            // LM Studio's default for chats leaves out the middle.
            let cut = try await model.respond(chat, config: .greedy(4))
            #expect(try #require(cut.stats.promptTokensCount) <= 64)
        }
    }
}
