import LMStudio
import LMStudioCore
import LMStudioTesting
import Testing

@testable import LMStudioLlama

extension EngineTests {
    /// Guesses from the text itself, on prompts that are copied.
    @Suite struct LookupTests {
        /// The model goes on with what it has read, but for the number, so that some guesses are wrong.
        static let copying = (1...5).map {
            "Day \($0): the black cat sat on the old mat and ate a fish.\n"
        }.joined()
        private static let load = LoadConfig.parallel(4, context: 1024)

        static func plain(_ config: PredictionConfig) -> PredictionConfig {
            var config = config
            config.speculativeDecoding.maxTokensToDraft = 0
            return config
        }

        /// A config that ends after the first days, in the middle of what is guessed.
        private static var ending: PredictionConfig {
            var config = PredictionConfig.pattern(120)
            config.stopStrings = [" 8: the black cat sat on"]
            return config
        }

        private func both(
            _ config: PredictionConfig,
            _ file: String = TestModels.starterFile,
            _ prompt: String = copying,
            _ load: LoadConfig = load
        ) throws -> (guessed: LoopBench.Run, plain: LoopBench.Run) {
            let guessed = try LoopBench.alone(file, load, prompt, config)
            return (guessed, try LoopBench.alone(file, load, prompt, Self.plain(config)))
        }

        @Test(arguments: BatchingTests.files)
        func copiedTextIsTheSameInFewerSteps(file: String) throws {
            let (guessed, plain) = try both(.pattern(120), file)
            #expect(guessed.text == plain.text)
            #expect(guessed.tokenCount == plain.tokenCount)
            let drafts = try #require(guessed.drafts)
            #expect(drafts.acceptedCount > 60)
            #expect(drafts.rejectedCount > 0)
            #expect(drafts.modelKey == nil)
            #expect(plain.drafts == nil)
            let bench = try LoopBench(file, Self.load)
            _ = bench.submit(Self.copying, .pattern(120))
            var steps = 0
            while bench.step() { steps += 1 }
            #expect(steps < 70)
        }

        @Test func sampledTextIsTheSame() throws {
            var config = PredictionConfig(maxTokens: 80, temperature: 0.4, seed: 3)
            config.repeatPenalty = nil
            let (guessed, plain) = try both(config)
            #expect(guessed.text == plain.text)
            #expect(try #require(guessed.drafts).totalCount > 0)
        }

        @Test func freeTextIsLeftAlone() throws {
            let config = PredictionConfig(maxTokens: 60, temperature: 0.8, seed: 1)
            let (guessed, _) = try both(config, TestModels.starterFile, "Once upon a time")
            #expect(guessed.drafts == nil)
        }

        @Test func fragmentsTellWhatWasGuessed() throws {
            let (guessed, plain) = try both(.pattern(60))
            #expect(guessed.fragments.contains { $0.containsDrafted })
            #expect(guessed.fragments.first?.containsDrafted == false)
            #expect(!plain.fragments.contains { $0.containsDrafted })
        }

        @Test(arguments: [20, 21, 22, 24, 27])
        func theLimitOfTokensIsKept(limit: Int) throws {
            let run = try LoopBench.alone(
                TestModels.starterFile,
                Self.load,
                Self.copying,
                .pattern(limit)
            )
            #expect(run.tokenCount == limit)
            #expect(run.stopReason == .maxPredictedTokensReached)
        }

        @Test(arguments: ["cat sat on the", "Day 8", "ate a fish.\nDay 7"])
        func aStopStringEndsWithinAGuess(stop: String) throws {
            var config = PredictionConfig.pattern(120)
            config.stopStrings = [stop]
            let (guessed, plain) = try both(config)
            #expect(guessed.stopReason == .stopStringFound)
            #expect(guessed.text == plain.text)
            #expect(guessed.tokenCount == plain.tokenCount)
        }

        @Test func whatIsIgnoredLiesBehindTheEnd() throws {
            let drafts = try #require(try both(Self.ending).guessed.drafts)
            #expect(drafts.ignoredCount > 0)
            #expect(drafts.totalCount >= drafts.acceptedCount + drafts.ignoredCount)
        }

        @Test func whatAGuessLeftDoesNotDisturbTheNextPrediction() throws {
            let bench = try LoopBench(TestModels.starterFile, Self.load)
            let first = bench.submit(Self.copying, Self.ending)
            bench.finishAll()
            #expect(try #require(first.drafts).ignoredCount > 0)
            let second = bench.submit(Self.copying, Self.plain(Self.ending))
            bench.finishAll()
            #expect(try #require(second.cached) > 0)
            #expect(second.text == first.text)
        }

        @Test func cancellingBetweenGuessesKeepsWhatCame() throws {
            let bench = try LoopBench(TestModels.starterFile, Self.load)
            let run = bench.submit(Self.copying, .pattern(120))
            for _ in 0..<30 { bench.step() }
            bench.cancel(run)
            #expect(run.stopReason == .userStopped)
            #expect(try #require(run.drafts).acceptedCount > 0)
            let all = try both(.pattern(120)).plain.text
            #expect(all.hasPrefix(run.text))
        }

        @Test func aFullContextEndsWhereItDoesWithout() throws {
            let load = LoadConfig.parallel(1, context: 250)
            var config = PredictionConfig.pattern(nil)
            config.contextOverflowPolicy = .stopAtLimit
            let (guessed, plain) = try both(config, TestModels.starterFile, Self.copying, load)
            #expect(guessed.stopReason == plain.stopReason)
            #expect(guessed.tokenCount == plain.tokenCount)
            #expect(guessed.text == plain.text)
        }

        @Test(arguments: [ContextOverflowPolicy.rollingWindow, .truncateMiddle])
        func aContextThatOverflowsGoesOn(policy: ContextOverflowPolicy) throws {
            let load = LoadConfig.parallel(1, context: 160)
            var config = PredictionConfig.pattern(300)
            config.contextOverflowPolicy = policy
            let (guessed, plain) = try both(config, TestModels.starterFile, Self.copying, load)
            #expect(guessed.tokenCount == 300)
            #expect(plain.tokenCount == 300)
        }

        @Test func aGrammarHoldsForGuessesToo() throws {
            var config = PredictionConfig.pattern(150)
            config.structured = .grammar(
                #"root ::= ("Day " [0-9]+ ": the black cat sat on the " ("old" | "new") " mat" [a-z ]* ".\n"){5}"#
            )
            let (guessed, plain) = try both(config)
            #expect(guessed.text == plain.text)
            #expect(guessed.stopReason == plain.stopReason)
            #expect(try #require(guessed.drafts).acceptedCount > 0)
        }

        @Test func probabilitiesAreToldForGuessesToo() throws {
            var config = PredictionConfig.pattern(60)
            config.logProbs = 1
            let (guessed, plain) = try both(config)
            let tokens = [guessed, plain].map { $0.fragments.flatMap(\.tokens).map(\.id) }
            #expect(tokens[0] == tokens[1])
            #expect(tokens[0].count == 60)
        }

        @Test func severalPredictionsAtOnceAreNotGuessed() throws {
            let bench = try LoopBench(TestModels.starterFile, Self.load)
            let runs = (0..<2).map { _ in bench.submit(Self.copying, .pattern(60)) }
            bench.finishAll()
            for run in runs { #expect(run.drafts == nil) }
        }
    }
}
