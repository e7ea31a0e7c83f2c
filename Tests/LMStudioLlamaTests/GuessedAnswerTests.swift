import LMStudio
import LMStudioCore
import LMStudioTesting
import Testing

@testable import LMStudioLlama

extension EngineTests {
    /// Guesses across the end of the thinking, where the form of the answer begins or a budget ends.
    @Suite struct GuessedAnswerTests {
        /// The model thinks and answers as it has read, so that both are guessed.
        private static let text =
            (1...3).map { _ in
                """
                <think>
                The black cat sat on the old mat and ate a fish, and so it is glad.
                </think>
                {"animal": "black cat", "place": "the old mat", "food": "fish"}

                """
            }.joined() + "<think>\n"

        private func both(
            _ config: PredictionConfig
        ) throws -> (guessed: LoopBench.Run, plain: LoopBench.Run) {
            let prompt = PreparedPrompt(
                text: Self.text,
                stopStrings: [],
                splitter: ReasoningSplitter(ReasoningParsing(), after: Self.text),
                plan: config.answerPlan(nil, thinking: .begun)
            )
            let runs = try [config, LookupTests.plain(config)].map {
                try LoopBench.alone(
                    TestModels.starterFile,
                    .parallel(1, context: 1024),
                    prompt,
                    $0
                )
            }
            let types = runs.map { $0.fragments.map(\.reasoningType) }
            #expect(types[0] == types[1])
            #expect(runs[0].text == runs[1].text)
            #expect(runs[0].tokenCount == runs[1].tokenCount)
            #expect(runs[0].stopReason == runs[1].stopReason)
            #expect(runs[1].drafts == nil)
            return (runs[0], runs[1])
        }

        private func config(animal: String) -> PredictionConfig {
            var config = LookupTests.repeating(120)
            config.structured = .json(
                schema: #"""
                    {"type": "object", "additionalProperties": false, "required": ["animal", "place"],
                     "properties": {"animal": {"const": "\#(animal)"}, "place": {"type": "string"}}}
                    """#
            )
            return config
        }

        private func answer(_ run: LoopBench.Run) -> String {
            run.fragments.filter { $0.reasoningType == .none }.map(\.content).joined()
        }

        @Test func aFormBeginsWithinAGuess() throws {
            let (guessed, _) = try both(config(animal: "black cat"))
            #expect(guessed.stopReason == .eosFound)
            let isDrafted = Set(guessed.fragments.filter(\.containsDrafted).map(\.reasoningType))
            #expect(isDrafted.isSuperset(of: [.reasoning, .none]))
            #expect(answer(guessed).contains(#""animal":"#))
        }

        @Test func aFormThatWantsAnotherTokenEndsAGuess() throws {
            let (guessed, _) = try both(config(animal: "red fox"))
            let drafts = try #require(guessed.drafts)
            #expect(drafts.acceptedCount > 0)
            #expect(drafts.rejectedCount > 0)
            #expect(answer(guessed).contains("red fox"))
            #expect(!answer(guessed).contains("black cat"))
        }

        @Test(arguments: [8, 10, 12])
        func aBudgetEndsTheThinkingWithinAGuess(budget: Int) throws {
            var config = config(animal: "black cat")
            config.reasoningBudget = budget
            let (guessed, _) = try both(config)
            let thinking = guessed.fragments.filter { $0.reasoningType == .reasoning }
            #expect(thinking.reduce(0) { $0 + $1.tokensCount } == budget)
            #expect(thinking.contains { $0.containsDrafted })
            #expect(try #require(guessed.drafts).rejectedCount > 0)
            #expect(answer(guessed).contains("black cat"))
        }
    }
}
