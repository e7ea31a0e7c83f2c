import LMStudio
import LMStudioTesting
import Synchronization
import Testing

@Suite struct PredictionBatchTests {
    private static func model(
        _ ending: ScriptedHost.Ending = .finished(.eosFound)
    ) async throws -> (LLM, ScriptedHost) {
        var script = ScriptedHost.Script()
        script.ending = ending
        let host = ScriptedHost(script: script)
        return (try await LMStudioClient(host: host).llm.model(), host)
    }

    @Test func everyPromptReachesTheHostWithTheConfiguration() async throws {
        let (model, host) = try await Self.model()
        let prompts = (0..<1000).map { "prompt \($0)" }
        let config = PredictionConfig(maxTokens: 3)
        let results = try await model.completeMany(prompts, config: config)
        #expect(results.map(\.content) == prompts.map { _ in "Hello world" })
        let made = host.record.predictions
        #expect(Set(made.map(\.input)) == Set(prompts.map { .text($0) }))
        #expect(made.allSatisfy { $0.config == config })
    }

    @Test func noPromptsGiveNoResults() async throws {
        let (model, host) = try await Self.model()
        #expect(try await model.completeMany([]) == [])
        #expect(try await model.respondMany([]) == [])
        #expect(host.record.predictions == [])
    }

    @Test func theHostHasOnlySoManyInHand() async throws {
        let (model, host) = try await Self.model(.stopped)
        let task = Task {
            try await model.completeMany([String](repeating: "Hi", count: 10_000))
        }
        await host.wait { $0.predictions.count == PredictionBatch.sizeInHand }
        task.cancel()
        let error = await #expect(throws: LMStudioError.self) { try await task.value }
        #expect(error?.code == .cancelled)
        #expect(host.record.predictions.count == PredictionBatch.sizeInHand)
        #expect(host.record.stops == PredictionBatch.sizeInHand)
    }

    @Test func aBadPromptIsNamedBeforeAnythingRuns() async throws {
        let (model, host) = try await Self.model()
        let error = await #expect(throws: LMStudioError.self) {
            try await model.completeMany(["a", "", "c"])
        }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.hasPrefix("prompts[1]: ") == true)
        #expect(host.record.predictions == [])
    }

    @Test func aBadPromptLeavesTheOthersAloneWhereEachIsWanted() async throws {
        let (model, _) = try await Self.model()
        let outcomes = try await model.completeEach(["a", "", "c"])
        #expect(outcomes.map { (try? $0.get())?.content } == ["Hello world", nil, "Hello world"])
        let answers = try await model.respondEach(["a", Chat()])
        #expect(answers.map { (try? $0.get())?.content } == ["Hello world", nil])
    }

    @Test func theFirstFailureIsThrown() async throws {
        let (model, _) = try await Self.model(.failed(LMStudioError(.engine, "no luck")))
        let error = await #expect(throws: LMStudioError.self) {
            try await model.respondMany(["a", "b"])
        }
        #expect(error?.code == .engine)
        #expect(error?.message.hasSuffix("]: no luck") == true)
        let outcomes = try await model.completeEach(["a", "b"])
        #expect(outcomes.allSatisfy { (try? $0.get()) == nil })
    }

    @Test func callbacksKnowThePlaces() async throws {
        let (model, _) = try await Self.model()
        let shares = Recorder<String>()
        let ends = Recorder<Int>()
        let callbacks = LLM.BatchCallbacks(
            onPromptProgress: { shares.record("\($0) \($1)") },
            onEnd: { index, _ in ends.record(index) }
        )
        _ = try await model.completeMany(["a", "b"], callbacks: callbacks)
        #expect(shares.values.sorted() == ["0 0.0", "0 1.0", "1 0.0", "1 1.0"])
        #expect(ends.values.sorted() == [0, 1])
    }

    @Test func closingTheClientEndsAll() async throws {
        let (model, host) = try await Self.model(.stopped)
        let task = Task { try await model.completeEach(["a", "b"]) }
        await host.wait { $0.predictions.count == 2 }
        model.client.close()
        let error = await #expect(throws: LMStudioError.self) { try await task.value }
        #expect(error?.code == .invalidState)
    }

    @Test func silenceOfAllIsATimeout() async throws {
        let (model, host) = try await Self.model(.stopped)
        let error = await #expect(throws: LMStudioError.self) {
            try await model.completeMany(
                ["a", "b"],
                timeouts: Timeouts(idle: .milliseconds(50))
            )
        }
        #expect(error?.code == .timedOut)
        #expect(host.record.stops == 2)
    }

    @Test func whatHasEndedInTimeIsKeptWhereEachIsWanted() async throws {
        let (model, host) = try await Self.model(.stopped)
        let ends = Recorder<String>()
        let outcomes = try await model.completeEach(
            ["a", "", "c"],
            callbacks: .init(onEnd: { index, outcome in
                if case .failure(let error) = outcome { ends.record("\(index) \(error.code)") }
            }),
            timeouts: Timeouts(idle: .seconds(1))
        )
        #expect(host.record.stops == 2)
        let errors = outcomes.map { outcome -> LMStudioError? in
            if case .failure(let error) = outcome { error } else { nil }
        }
        #expect(errors.map { $0?.code } == [.timedOut, .invalidArgument, .timedOut])
        #expect(errors[2]?.message.hasPrefix("prompts[2]: ") == true)
        #expect(ends.values.count == 3)
    }
}
