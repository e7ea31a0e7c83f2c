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

        /// Repeats what it reads; one thread, which waits for no other one.
        static func repeating(_ maxTokens: Int?) -> PredictionConfig {
            var config = PredictionConfig.pattern(maxTokens)
            config.cpuThreads = 1
            return config
        }

        static func plain(_ config: PredictionConfig) -> PredictionConfig {
            var config = config
            config.speculativeDecoding.maxTokensToDraft = 0
            return config
        }

        /// A config that ends after the first days, in the middle of what is guessed.
        private static var ending: PredictionConfig {
            var config = Self.repeating(64)
            config.stopStrings = [" 8: the black cat sat on the old"]
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
            let (guessed, plain) = try both(Self.repeating(64), file)
            #expect(guessed.text == plain.text)
            #expect(guessed.tokenCount == plain.tokenCount)
            let drafts = try #require(guessed.drafts)
            #expect(drafts.acceptedCount > 16)
            #expect(drafts.rejectedCount > 0)
            #expect(drafts.modelKey == nil)
            #expect(plain.drafts == nil)
            let bench = try LoopBench(file, Self.load)
            _ = bench.submit(Self.copying, Self.repeating(64))
            var steps = 0
            while bench.step() { steps += 1 }
            #expect(steps < 54)
        }

        @Test func sampledTextIsTheSame() throws {
            var config = PredictionConfig(maxTokens: 48, temperature: 0.4, seed: 3)
            config.cpuThreads = 1
            config.repeatPenalty = nil
            let (guessed, plain) = try both(config)
            #expect(guessed.text == plain.text)
            #expect(try #require(guessed.drafts).totalCount > 0)
        }

        @Test func freeTextIsLeftAlone() throws {
            var config = PredictionConfig(maxTokens: 40, temperature: 0.8, seed: 1)
            config.cpuThreads = 1
            let file = TestModels.starterFile
            let guessed = try LoopBench.alone(file, Self.load, "Once upon a time", config)
            #expect(guessed.drafts == nil)
        }

        @Test func fragmentsTellWhatWasGuessed() throws {
            let (guessed, plain) = try both(Self.repeating(60))
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
                Self.repeating(limit)
            )
            #expect(run.tokenCount == limit)
            #expect(run.stopReason == .maxPredictedTokensReached)
        }

        @Test(arguments: ["cat sat on the", "Day 8", "ate a fish.\nDay 7"])
        func aStopStringEndsWithinAGuess(stop: String) throws {
            var config = Self.repeating(64)
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
            let run = bench.submit(Self.copying, Self.repeating(64))
            for _ in 0..<28 { bench.step() }
            bench.cancel(run)
            #expect(run.stopReason == .userStopped)
            #expect(try #require(run.drafts).acceptedCount > 0)
            let all = try LoopBench.alone(
                TestModels.starterFile,
                Self.load,
                Self.copying,
                Self.plain(Self.repeating(64))
            ).text
            #expect(all.hasPrefix(run.text))
        }

        @Test func aFullContextEndsWhereItDoesWithout() throws {
            let load = LoadConfig.parallel(1, context: 160)
            var config = Self.repeating(nil)
            config.contextOverflowPolicy = .stopAtLimit
            let (guessed, plain) = try both(config, TestModels.starterFile, Self.copying, load)
            #expect(guessed.stopReason == plain.stopReason)
            #expect(guessed.tokenCount == plain.tokenCount)
            #expect(guessed.text == plain.text)
        }

        @Test(arguments: [ContextOverflowPolicy.rollingWindow, .truncateMiddle])
        func aContextThatOverflowsGoesOn(policy: ContextOverflowPolicy) throws {
            let load = LoadConfig.parallel(1, context: 160)
            var config = Self.repeating(100)
            config.contextOverflowPolicy = policy
            let (guessed, plain) = try both(config, TestModels.starterFile, Self.copying, load)
            #expect(guessed.tokenCount == 100)
            #expect(plain.tokenCount == 100)
        }

        @Test func aGrammarHoldsForGuessesToo() throws {
            var config = Self.repeating(90)
            config.structured = .grammar(
                #"root ::= ("Day " [0-9]+ ": the black cat sat on the " ("old" | "new") " mat" [a-z ]* ".\n"){3}"#
            )
            let (guessed, plain) = try both(config)
            #expect(guessed.text == plain.text)
            #expect(guessed.stopReason == plain.stopReason)
            #expect(try #require(guessed.drafts).acceptedCount > 0)
        }

        @Test func probabilitiesAreToldForGuessesToo() throws {
            var config = Self.repeating(60)
            config.logProbs = 1
            let (guessed, plain) = try both(config)
            let tokens = [guessed, plain].map { $0.fragments.flatMap(\.tokens).map(\.id) }
            #expect(tokens[0] == tokens[1])
            #expect(tokens[0].count == 60)
        }

        @Test func severalPredictionsAtOnceAreNotGuessed() throws {
            let bench = try LoopBench(TestModels.starterFile, Self.load)
            let runs = (0..<2).map { _ in bench.submit(Self.copying, Self.repeating(60)) }
            bench.finishAll()
            for run in runs { #expect(run.drafts == nil) }
        }
    }
}
