import LMStudio
import LMStudioCore
import LMStudioTesting
import Testing

@testable import LMStudioLlama

extension EngineTests {
    /// A model whose sequences are one state each, which cannot be taken back.
    @Suite struct RecurrentTests {
        private static let stories = ["hello ", "my name is ", "once "].map {
            String(repeating: $0, count: 12)
        }

        private let directory: TemporaryDirectory
        private let file: String
        private let load = LoadConfig.parallel(4, context: 512)

        init() throws {
            directory = try TemporaryDirectory()
            file = try directory.write(TinyMamba().bytes(), to: "mamba.gguf")
        }

        private func text(_ prompt: String) throws -> String {
            try LoopBench.alone(file, load, prompt, .pattern(12)).text
        }

        @Test func aPromptGoesOnFromAStateThatIsWhole() throws {
            let bench = try LoopBench(file, load)
            let first = bench.submit(Self.stories[0], .pattern(12))
            bench.finishAll()
            let second = bench.submit(Self.stories[0] + first.text + " on", .pattern(12))
            bench.finishAll()
            #expect(try #require(second.cached) > 16)
            #expect(try second.text == text(Self.stories[0] + first.text + " on"))
        }

        @Test func anInterruptionSpoilsNobody() throws {
            let bench = try LoopBench(file, load)
            let idle = bench.submit(Self.stories[0], .pattern(12))
            bench.finishAll()
            let running = Self.stories.dropFirst().map { bench.submit($0, .pattern(12)) }
            bench.step()
            bench.interruptedStep()
            // The state of an idle slot may have been moved, and not in all layers.
            let next = Self.stories[0] + idle.text + " on"
            let later = bench.submit(next, .pattern(12))
            bench.finishAll()
            #expect(later.cached == 0)
            #expect(try later.text == text(next))
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
