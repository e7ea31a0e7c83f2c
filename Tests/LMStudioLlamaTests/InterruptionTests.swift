import LMStudio
import LMStudioLlama
import LMStudioTesting
import Testing

extension EngineTests {
    @Suite(.onBothHosts) struct InterruptionTests {
        private static let longPrompt = (0..<2500).map { "word\($0 % 97)" }.joined(separator: " ")

        @Test func cancellingWhileWritingKeepsWhatCame() async throws {
            let model = try await TestModels.client().llm.model()
            let stream = try model.completeStream("Once upon a time", config: .greedy(2000))
            var content = ""
            for try await fragment in stream {
                content += fragment.content
                if content.count > 20 { stream.cancel() }
            }
            let result = try await stream.result()
            #expect(result.stats.stopReason == .userStopped)
            #expect(result.content == content)
        }

        @Test func cancellingWhileThePromptIsReadEndsAtOnce() async throws {
            let model = try await TestModels.client().llm.model(config: .context(16384))
            let steps = Recorder<Double>()
            let stream = try model.completeStream(Self.longPrompt, config: .greedy(8))
            while let event = try await stream.nextEvent() {
                guard case .promptProgress(let progress, _) = event else { continue }
                steps.record(progress)
                if progress > 0 { stream.cancel() }
            }
            let result = try await stream.result()
            #expect(result.stats.stopReason == .userStopped)
            #expect(result.stats.predictedTokensCount == 0)
            #expect(steps.values.count == 2)
            // The engine has not read on: the same prompt finds little of itself in the cache.
            let again = try model.completeStream(Self.longPrompt, config: .greedy(8))
            var found: PromptProgress?
            while found == nil, let event = try await again.nextEvent() {
                if case .promptProgress(_, let counts) = event { found = counts }
            }
            again.cancel()
            let counts = try #require(found)
            #expect(counts.cachedTokensCount >= 512)
            #expect(counts.cachedTokensCount < counts.totalTokensCount / 2)
        }

        @Test func leavingTheLoopLetsTheNextPredictionRun() async throws {
            let model = try await TestModels.client().llm.model()
            for try await _ in try model.completeStream("Once upon a time", config: .greedy(4000)) {
                break
            }
            #expect(
                try await model.complete("My name is", config: .greedy(4)).stats
                    .predictedTokensCount == 4
            )
        }

        @Test func lettingGoOfAStreamStopsIt() async throws {
            let model = try await TestModels.client().llm.model()
            for _ in 0..<20 {
                _ = try model.completeStream("Once upon a time", config: .greedy(4000))
            }
            #expect(
                try await model.complete("My name is", config: .greedy(4)).stats
                    .predictedTokensCount == 4
            )
        }

        @Test func cancellingTheTaskStopsThePrediction() async throws {
            let model = try await TestModels.client().llm.model()
            let (started, continuation) = AsyncStream.makeStream(of: Void.self)
            let task = Task {
                try await model.complete(
                    "Once upon a time",
                    config: .greedy(4000),
                    callbacks: .init(onFirstToken: { continuation.finish() })
                )
            }
            for await _ in started {}
            task.cancel()
            let error = await #expect(throws: LMStudioError.self) { try await task.value }
            #expect(error?.code == .cancelled)
            #expect(
                try await model.complete("My name is", config: .greedy(4)).stats
                    .predictedTokensCount == 4
            )
        }

        @Test func unloadingEndsRunningAndWaitingPredictions() async throws {
            let model = try await TestModels.client().llm.model()
            let running = try model.completeStream("Once upon a time", config: .greedy(4000))
            let waiting = try model.completeStream("My name is", config: .greedy(4000))
            var fragments = running.makeAsyncIterator()
            _ = try await fragments.next()
            try await model.unload()
            while try await fragments.next() != nil {}
            #expect(try await running.result().stats.stopReason == .modelUnloaded)
            #expect(try await waiting.result().stats.stopReason == .modelUnloaded)
        }

        @Test func unloadingEndsAChatWhosePromptIsBeingMade() async throws {
            let host = try TinyStore("a").host()
            try await host.load("a")
            let client = LMStudioClient(host: host)
            let model = LLM(client: client, identifier: "a")
            let messages = (0..<2000).map {
                ChatMessage(role: $0.isMultiple(of: 2) ? .user : .assistant, content: [.text("a")])
            }
            let stream = try model.respondStream(Chat(messages))
            try await model.unload()
            #expect(try await stream.result().stats.stopReason == .modelUnloaded)
        }

        @Test func anUnloadedModelSaysSo() async throws {
            let model = try await TestModels.client().llm.model()
            try await model.unload()
            let error = await #expect(throws: LMStudioError.self) { try await model.complete("x") }
            #expect(error?.code == .modelNotFound)
            #expect(error?.message.contains(TestModels.starterKey) == true)
            await #expect(throws: LMStudioError.self) { try await model.unload() }
        }

        @Test func closingTheClientEndsItsPredictions() async throws {
            let client = try await TestModels.client()
            let model = try await client.llm.model()
            let stream = try model.completeStream("Once upon a time", config: .greedy(4000))
            var fragments = stream.makeAsyncIterator()
            _ = try await fragments.next()
            client.close()
            let error = await #expect(throws: LMStudioError.self) { try await stream.result() }
            #expect(error?.code == .cancelled)
            #expect(throws: LMStudioError.self) { try model.completeStream("x") }
        }

        @Test func manyPredictionsAtOnceEachGetTheirOwnText() async throws {
            let model = try await TestModels.client().llm.model()
            let prompts = BatchingTests.prompts.prefix(4)
            var alone: [String: String] = [:]
            for prompt in prompts {
                alone[prompt] = try await model.complete(prompt, config: .pattern(8)).content
            }
            try await withThrowingTaskGroup(of: (String, String).self) { group in
                for prompt in prompts + prompts {
                    group.addTask {
                        (prompt, try await model.complete(prompt, config: .pattern(8)).content)
                    }
                }
                for try await (prompt, text) in group { #expect(text == alone[prompt]) }
            }
        }
    }
}
