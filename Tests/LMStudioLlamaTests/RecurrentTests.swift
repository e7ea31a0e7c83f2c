import LMStudio
import LMStudioCore
import LMStudioTesting
import Testing

@testable import LMStudioLlama

extension EngineTests {
    /// A model whose sequences are one state each, which cannot be taken back.
    @Suite struct RecurrentTests {
        private static let stories = ["hello", "the", "my"].map {
            [String](repeating: $0, count: 24).joined(separator: " ")
        }
        /// Begins with what the first story becomes.
        private static let longer = stories[0] + " hello hello"

        private let directory: TemporaryDirectory
        private let file: String
        private let load = LoadConfig.parallel(4, context: 512)

        init() throws {
            directory = try TemporaryDirectory()
            file = try directory.write(TinyModel.recurrent().bytes(), to: "mamba.gguf")
        }

        private func text(_ prompt: String) throws -> String {
            try LoopBench.alone(file, load, prompt, .pattern(12)).text
        }

        @Test func aPromptGoesOnFromAStateThatIsWhole() throws {
            let bench = try LoopBench(file, load)
            _ = bench.submit(Self.stories[0], .pattern(1))
            bench.finishAll()
            let second = bench.submit(Self.longer, .pattern(12))
            bench.finishAll()
            #expect(try #require(second.cached) > 16)
            #expect(try second.text == text(Self.longer))
        }

        @Test func anInterruptionSpoilsNobody() throws {
            let bench = try LoopBench(file, load)
            _ = bench.submit(Self.stories[0], .pattern(1))
            bench.finishAll()
            let running = Self.stories.dropFirst().map { bench.submit($0, .pattern(12)) }
            bench.step()
            bench.interruptedStep()
            // The state of an idle slot may have been moved, and not in all layers.
            let later = bench.submit(Self.longer, .pattern(12))
            bench.finishAll()
            #expect(later.cached == 0)
            #expect(try later.text == text(Self.longer))
            for (story, run) in zip(Self.stories.dropFirst(), running) {
                #expect(try run.text == text(story))
            }
        }

        @Test func cancellingOneDoesNotInterruptTheOthers() throws {
            let model = try LlamaModel(
                path: file,
                layout: ModelLayout(layers: 2),
                config: LoadConfig()
            ) { _ in true }
            let context = try LlamaContext(model: model, length: 512, config: load)
            context.interruptForOne()
            context.clearBatch()
            _ = context.addToBatch([5, 6, 7], at: 0, sequence: 0, logitsCount: 1)
            guard case .done = context.decode() else {
                Issue.record("the decode was interrupted")
                return
            }
        }
    }
}
