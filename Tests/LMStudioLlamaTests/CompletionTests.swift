import LMStudio
import LMStudioLlama
import LMStudioTesting
import Testing

extension EngineTests {
    @Suite(.onBothHosts) struct CompletionTests {
        private static let longPrompt = (0..<1500).map { "word\($0 % 97)" }.joined(separator: " ")

        @Test func streamedFragmentsAreTheWholeText() async throws {
            let model = try await TestModels.client().llm.model()
            let whole = try await model.complete("My name is", config: .greedy(32))
            let stream = try model.completeStream("My name is", config: .greedy(32))
            var parts: [PredictionFragment] = []
            for try await fragment in stream { parts.append(fragment) }
            #expect(parts.map(\.content).joined() == whole.content)
            #expect(try await stream.result().content == whole.content)
            #expect(parts.allSatisfy { !$0.content.isEmpty })
            #expect(parts.map(\.tokensCount).reduce(0, +) == 32)
        }

        @Test func aResultTellsEverythingAboutItself() async throws {
            let model = try await TestModels.client().llm.model()
            let result = try await model.complete("My name is", config: .greedy(16))
            #expect(result.stats.stopReason == .maxPredictedTokensReached)
            #expect(result.stats.promptTokensCount == 3)
            #expect(result.stats.predictedTokensCount == 16)
            #expect(result.stats.totalTokensCount == 19)
            #expect(result.stats.gpuLayers == 0)
            let first = try #require(result.stats.timeToFirstToken)
            let total = try #require(result.stats.totalTime)
            #expect(first > .zero && total >= first)
            #expect(try #require(result.stats.tokensPerSecond) > 0)
            #expect(result.modelInfo == (try await model.info()))
            #expect(result.modelInfo.model.modelKey == TestModels.starterKey)
            #expect(result.loadConfig.contextLength == 4096)
            #expect(result.predictionConfig == .greedy(16))
        }

        @Test func progressRisesToOneBeforeTheFirstToken() async throws {
            let model = try await TestModels.client().llm.model(config: .context(8192))
            let steps = Recorder<Double>()
            let callbacks = PredictionStream.Callbacks(
                onPromptProgress: { steps.record($0) },
                onFirstToken: { steps.record(2) }
            )
            let result = try await model.complete(
                Self.longPrompt,
                config: .greedy(2),
                callbacks: callbacks
            )
            #expect(try #require(result.stats.promptTokensCount) > 2000)
            #expect(steps.values.first == 0)
            #expect(steps.values.suffix(2) == [1, 2])
            #expect(steps.values.count >= 6)
            #expect(zip(steps.values, steps.values.dropFirst()).allSatisfy { $0 < $1 })
        }

        @Test func twoThousandTokensAreReadInFourSteps() async throws {
            let model = try await TestModels.client().llm.model(config: .context(4096))
            let steps = Recorder<Double>()
            let prompt = "My name is" + String(repeating: " word", count: 1997)
            let result = try await model.complete(
                prompt,
                config: .greedy(1),
                callbacks: .init(onPromptProgress: { steps.record($0) })
            )
            #expect(result.stats.promptTokensCount == 2000)
            #expect(steps.values == [0, 512, 1024, 1536, 2000].map { $0 / 2000 })
        }

        @Test func stopStringsEndTheTextAndAreNotPartOfIt() async throws {
            let model = try await TestModels.client().llm.model()
            var config = PredictionConfig.greedy(40)
            let free = try await model.complete("My name is", config: config).content
            // A stop string that begins in the middle of one token and ends in another.
            let start = free.index(free.startIndex, offsetBy: free.count / 2)
            let stop = String(free[start...].prefix(7))
            config.stopStrings = ["never written", stop]
            let result = try await model.complete("My name is", config: config)
            #expect(result.stats.stopReason == .stopStringFound)
            #expect(result.stats.stopString == stop)
            let end = try #require(free.firstRange(of: stop)).lowerBound
            #expect(result.content == String(free[..<end]))
        }

        @Test(arguments: [42, UInt32.max])
        func theSameSeedGivesTheSameText(seed: UInt32) async throws {
            let model = try await TestModels.client().llm.model()
            var config = PredictionConfig(maxTokens: 24, seed: seed)
            let first = try await model.complete("Once upon a time", config: config).content
            #expect(try await model.complete("Once upon a time", config: config).content == first)
            config.seed = 43
            #expect(try await model.complete("Once upon a time", config: config).content != first)
        }

        @Test func theLoadsSeedIsThePredictionsDefault() async throws {
            var load = LoadConfig()
            load.seed = 7
            let model = try await TestModels.client().llm.model(config: load)
            let config = PredictionConfig(maxTokens: 24)
            let first = try await model.complete("Once upon a time", config: config).content
            #expect(try await model.complete("Once upon a time", config: config).content == first)
        }

        @Test func samplingOptionsThatLeaveOneTokenAreGreedy() async throws {
            let model = try await TestModels.client().llm.model()
            let greedy = try await model.complete("The sky is", config: .greedy(16)).content
            var topK = PredictionConfig(maxTokens: 16, temperature: 1.5, seed: 1)
            topK.topK = 1
            var topP = PredictionConfig(maxTokens: 16, temperature: 1.5, seed: 1)
            (topP.topP, topP.minP, topP.topK) = (0, nil, 0)
            var minP = PredictionConfig(maxTokens: 16, temperature: 1.5, seed: 1)
            (minP.minP, minP.topP, minP.topK) = (1, nil, 0)
            for config in [topK, topP, minP] {
                #expect(try await model.complete("The sky is", config: config).content == greedy)
            }
        }

        @Test func penaltiesChangeTheText() async throws {
            let model = try await TestModels.client().llm.model()
            var none = PredictionConfig.greedy(48)
            none.repeatPenalty = nil
            let plain = try await model.complete("one two one two one two", config: none).content
            var presence = none
            presence.presencePenalty = 5
            var frequency = none
            frequency.frequencyPenalty = 5
            var repeats = none
            repeats.repeatPenalty = 1.8
            for config in [presence, frequency, repeats] {
                #expect(
                    try await model.complete("one two one two one two", config: config).content
                        != plain
                )
            }
        }

        @Test func theEndOfTheContextEndsTheText() async throws {
            let model = try await TestModels.client().llm.model(config: .context(32))
            var config = PredictionConfig.greedy(nil)
            (config.repeatPenalty, config.contextOverflowPolicy) = (nil, .stopAtLimit)
            let result = try await model.complete("1, 2, 3, 4, 5, 6, 7, 8,", config: config)
            #expect(result.stats.stopReason == .contextLengthReached)
            // The last token is drawn from the full context and need not fit into it.
            #expect(result.stats.totalTokensCount == 33)
        }

        @Test func theModelsOwnEndEndsTheText() async throws {
            let model = try await TestModels.client().llm.model()
            let prompt = "<|im_start|>user\nSay hi.<|im_end|>\n<|im_start|>assistant\n"
            let result = try await model.complete(prompt, config: .greedy(400))
            #expect(result.stats.stopReason == .eosFound)
            #expect(!result.content.contains("<|im_end|>"))
        }

        @Test func aPromptMayHoldAnyCharacter() async throws {
            let model = try await TestModels.client().llm.model()
            for prompt in ["a\u{0}b", "👩‍👩‍👧‍👦", "\u{FFFD}", "\n", String(repeating: " ", count: 300)] {
                let result = try await model.complete(prompt, config: .greedy(4))
                #expect(try #require(result.stats.promptTokensCount) > 0)
            }
        }

        @Test func tokensBeginWithTheModelsOwnOnceAndOnlyOnce() async throws {
            let gemma = try await TestModels.client().llm.model(TestModels.gemmaFile)
            let tokens = try await gemma.tokenize("Hello world")
            #expect(tokens.first == 2)
            #expect(try await gemma.tokenize("<bos>Hello world") == tokens)
            let starter = try await TestModels.client().llm.model(TestModels.starterKey)
            #expect(try await starter.tokenize("Hello").count == 1)
            #expect(try await starter.countTokens("") == 0)
        }

        @Test func aLargeVocabularySamplesAsASmallOne() async throws {
            let gemma = try await TestModels.client().llm.model(TestModels.gemmaFile)
            let config = PredictionConfig(maxTokens: 12, seed: 3)
            let first = try await gemma.complete("The capital of France is", config: config)
            #expect(
                try await gemma.complete("The capital of France is", config: config).content
                    == first.content
            )
        }
    }
}

extension LoadConfig {
    static func context(_ length: Int) -> LoadConfig {
        var config = LoadConfig()
        config.contextLength = length
        return config
    }
}
