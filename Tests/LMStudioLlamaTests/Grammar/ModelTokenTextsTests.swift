import CLlama
import LMStudio
import LMStudioTesting
import Testing

@testable import LMStudioLlama

/// The tokens of a model for the forms of answers: made once, and not by the scheduler.
@Suite struct ModelTokenTextsTests {
    private let directory: TemporaryDirectory
    private let bench: LoopBench

    init() throws {
        directory = try TemporaryDirectory()
        try directory.write(TinyModel().bytes(), to: "tiny.gguf")
        bench = try LoopBench(directory.path + "/tiny.gguf", LoadConfig())
    }

    private func prompt(_ grammar: String) -> PreparedPrompt {
        PreparedPrompt(
            text: "hello",
            stopStrings: [],
            plan: AnswerPlan(output: .grammar(grammar))
        )
    }

    @Test func theLoopTakesThoseOfThePrompt() throws {
        let model = bench.context.model
        let token = try #require(model.tokenize("hello").last)
        let count = cllama_model_vocabulary_size(model.pointer)
        let texts = (0..<count).map { $0 == token ? Array("x".utf8) : [] }
        var prompt = prompt("root ::= [a-z] [a-z] [a-z]")
        prompt.vocabulary = TokenTexts(texts, ends: [])
        let run = bench.submit(asItIs: prompt, .greedy(8))
        bench.finishAll()
        // By those of the prompt there is one token that fits, whatever the model calls it.
        #expect(run.tokenCount == 3)
        #expect(run.stopReason == .eosFound)
    }

    @Test func theLoopNeverMakesThem() {
        let run = bench.submit(asItIs: prompt("root ::= [a-z]+"), .greedy(8))
        bench.finishAll()
        let error = #expect(throws: LMStudioError.self) { try run.outcome?.get() }
        #expect(error?.code == .internal)
    }

    @Test func allWhoAskGetTheSame() async {
        let model = bench.context.model
        let texts = await withTaskGroup(of: TokenTexts.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    await withCheckedContinuation { continuation in
                        model.tokenTexts.hand(of: model) { continuation.resume(returning: $0) }
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(Set(texts.map { ObjectIdentifier($0) }).count == 1)
    }

    @Test func formsOfSeveralPredictionsHold() async throws {
        let host = try TinyStore("tiny").host()
        let model = try await LMStudioClient(host: host).llm.model("tiny")
        var config = PredictionConfig.greedy(8)
        config.structured = .grammar(#"root ::= "yes" | "no""#)
        for result in try await model.completeMany(["a", "b", "c"], config: config) {
            #expect(["yes", "no"].contains(result.content))
        }
    }
}
