import LMStudio
import LMStudioTesting
import Testing

@testable import LMStudioLlama

/// Prompts that go another way than the last one did, of models that cannot go back by themselves.
@Suite struct CheckpointTests {
    /// What keeps a model from going back.
    enum Memory: CaseIterable {
        case window, state

        var model: GGUFWriter {
            switch self {
            case .window: TinyModel.windowed(8)
            case .state: TinyModel.recurrent()
            }
        }
    }

    private static let words = [String](repeating: "hello", count: 60)
    private static let prompt = words.joined(separator: " ")

    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func bench(
        _ memory: Memory,
        _ limit: Int? = nil,
        slots: Int = 1
    ) throws -> LoopBench {
        let path = "\(memory).gguf"
        try directory.write(memory.model.bytes(), to: path)
        var load = LoadConfig.parallel(slots, context: 1024)
        (load.physicalBatchSize, load.contextCheckpoints) = (16, limit)
        return try LoopBench("\(directory.path)/\(path)", load)
    }

    /// Reads a prompt, writes so much after it that there is no way back, and reads another one.
    private func run(
        _ memory: Memory,
        limit: Int?,
        _ prompt: String
    ) throws -> (cached: Int, told: Int, text: String) {
        let bench = try bench(memory, limit)
        let first = bench.submit(Self.prompt, .pattern(300))
        bench.finishAll()
        let told = try #require(try first.outcome?.get().promptTokensCount)
        let second = bench.submit(prompt, .pattern(16))
        bench.finishAll()
        return (try #require(second.cached), told, second.text)
    }

    private func alone(_ memory: Memory, _ prompt: String) throws -> String {
        let bench = try bench(memory)
        let run = bench.submit(prompt, .pattern(16))
        bench.finishAll()
        return run.text
    }

    @Test(arguments: Memory.allCases)
    func aPromptThatGoesOnOtherwiseIsNotReadAgain(memory: Memory) throws {
        let other = Self.prompt + " my name is"
        let text = try alone(memory, other)
        let with = try run(memory, limit: nil, other)
        #expect(with.cached == (memory == .state ? with.told - 4 : with.told))
        #expect(with.text == text)
        let without = try run(memory, limit: 0, other)
        #expect(without.cached == 0)
        #expect(without.text == text)
    }

    @Test(arguments: Memory.allCases, [8, 19])
    func anotherQuestionIsNotReadFromTheBeginning(memory: Memory, length: Int) throws {
        let other = Self.words.dropLast(length).joined(separator: " ") + " my name is"
        let with = try run(memory, limit: nil, other)
        // A state is saved a micro-batch before the end, a window where a batch of 16 ended before that.
        #expect(with.cached == (memory == .state ? with.told - 20 : 32))
        #expect(with.text == (try alone(memory, other)))
        // Of too many the first ones go.
        #expect(try run(memory, limit: 1, other).cached == 0)
    }

    @Test(arguments: Memory.allCases)
    func theSamePromptIsNotReadAgain(memory: Memory) throws {
        let with = try run(memory, limit: nil, Self.prompt)
        #expect(with.cached == with.told - (memory == .state ? 4 : 1))
        #expect(with.text == (try alone(memory, Self.prompt)))
    }

    @Test func batchesOfAWindowAreWhole() throws {
        let bench = try bench(.window)
        let run = bench.submit(Self.prompt, .pattern(1))
        bench.finishAll()
        #expect(run.read == [0, 16, 32, 48, 61])
    }

    @Test func theLatestStandsForThoseThatItReaches() {
        var kept: [Checkpoint] = []
        for counts in [5...5, 8...10, 9...20, 30...30, 25...40] {
            kept.keep(Checkpoint(counts: counts, bytes: []), limit: 3)
        }
        #expect(kept.map(\.counts) == [8...10, 9...20, 25...40])
        kept.keep(Checkpoint(counts: 9...50, bytes: []), limit: 3)
        #expect(kept.map(\.counts) == [8...10, 9...50])
    }

    @Test func aSequenceThatHasLessInCommonIsNotTakenBackFurther() {
        let checkpoint = Checkpoint(counts: 9...20, bytes: [1])
        #expect(checkpoint.limited(to: 8) == nil)
        #expect(checkpoint.limited(to: 9)?.counts == 9...9)
        #expect(checkpoint.limited(to: 30) == checkpoint)
    }

    @Test(arguments: Memory.allCases)
    func whatWasWrittenStaysWhereThereIsRoom(memory: Memory) throws {
        let bench = try bench(memory, slots: 2)
        let first = bench.submit(Self.prompt, .pattern(300))
        bench.finishAll()
        let told = try #require(try first.outcome?.get().promptTokensCount)
        let other = Self.prompt + " my name is"
        let second = bench.submit(other, .pattern(16))
        bench.finishAll()
        #expect(second.cached == (memory == .state ? told - 4 : told))
        #expect(second.text == (try alone(memory, other)))
        // The first prompt and its answer, and the second one.
        #expect(bench.loop.slots.idleCount > 2 * told + 300)
    }

    @Test func aModelThatCanGoBackHasNone() throws {
        try directory.write(TinyModel().bytes(), to: "tiny.gguf")
        let tiny = try LoopBench("\(directory.path)/tiny.gguf", LoadConfig())
        #expect(tiny.context.checkpointLimit == 0)
        let windowed = try bench(.window)
        #expect(windowed.context.checkpointLimit == 8)
        #expect(Checkpoint.places(of: 100, in: windowed.context) == [65...80, 100...100])
        #expect(Checkpoint.places(of: 20, in: windowed.context) == [20...20])
        #expect(Checkpoint.places(of: 16, in: windowed.context) == [])
        let recurrent = try bench(.state)
        #expect(Checkpoint.places(of: 100, in: recurrent.context) == [80...80, 96...96])
        #expect(Checkpoint.places(of: 20, in: recurrent.context) == [])
    }
}
