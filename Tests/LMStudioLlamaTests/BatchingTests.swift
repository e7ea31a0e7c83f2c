import LMStudio
import LMStudioCore
import LMStudioTesting
import Testing

@testable import LMStudioLlama

extension EngineTests {
    @Suite struct BatchingTests {
        /// Texts that go on in one way only: a neighbour's tokens would show, other roundings do not.
        static let prompts = [
            "1, 2, 3, 4, 5, 6, 7, 8, 9, 10,", "10, 20, 30, 40, 50, 60, 70,",
            "5, 10, 15, 20, 25, 30, 35, 40,", "one two one two one two one two one",
            "red blue red blue red blue red blue red", "100, 101, 102, 103, 104, 105,",
            "la la la la la la la la la la", "the cat sat. the cat sat. the cat sat. the cat",
        ]
        private static let longPrompt = (0..<1000).map { "word\($0 % 97)" }.joined(separator: " ")
        static var files: [String] { [TestModels.starterFile, TestModels.gemmaFile] }

        @Test(arguments: files, [true, false])
        func eightPredictionsOnFourSlotsAreThoseOfEachAlone(file: String, isUnified: Bool) throws {
            let load = LoadConfig.parallel(4, context: 2048, isUnified: isUnified)
            let bench = try LoopBench(file, load)
            let runs = Self.prompts.map { bench.submit($0, .pattern(12)) }
            bench.finishAll()
            var sureLength = 0
            for (prompt, run) in zip(Self.prompts, runs) {
                let sure = try LoopBench.sureText(file, load, prompt, .pattern(12))
                #expect(run.text.hasPrefix(sure), "\(prompt)")
                #expect(run.stopReason != nil)
                sureLength += sure.count
            }
            #expect(sureLength > 30)
        }

        @Test func cancellingOneOfFourLeavesTheOthersAsTheyAre() throws {
            let load = LoadConfig.parallel(4, context: 1024)
            let bench = try LoopBench(TestModels.starterFile, load)
            let runs = Self.prompts.prefix(4).map { bench.submit($0, .pattern(24)) }
            for _ in 0..<8 { bench.step() }
            bench.cancel(runs[1])
            #expect(runs[1].stopReason == .userStopped)
            bench.finishAll()
            for index in [0, 2, 3] {
                let alone = try LoopBench.alone(
                    TestModels.starterFile,
                    load,
                    Self.prompts[index],
                    .pattern(24)
                )
                #expect(runs[index].text == alone.text)
            }
        }

        @Test func anUnloadKeepsTheTextThatWasHeldBack() throws {
            let load = LoadConfig.parallel(1, context: 256)
            let file = TestModels.starterFile
            var config = LookupTests.plain(.pattern(8))
            let text = try LoopBench.alone(file, load, Self.prompts[0], config).text
            let bench = try LoopBench(file, load)
            config.maxTokens = 100
            // It may become a stop string as long as nothing else comes.
            config.stopStrings = [text + "…"]
            let run = bench.submit(Self.prompts[0], config)
            for _ in 0..<4 { bench.step() }
            #expect(run.text.isEmpty)
            bench.cancel(run, .modelUnloaded)
            #expect(run.stopReason == .modelUnloaded)
            #expect(!run.text.isEmpty && text.hasPrefix(run.text))
        }

        @Test func aFailureTouchesNobodyElse() throws {
            let bench = try LoopBench(TestModels.starterFile, .parallel(4, context: 256))
            let good = bench.submit("My name is", .greedy(16))
            let empty = bench.submit("", .greedy(16))
            var config = PredictionConfig.greedy(16)
            config.contextOverflowPolicy = .stopAtLimit
            let tooLong = bench.submit(Self.longPrompt, config)
            bench.finishAll()
            #expect(good.tokenCount == 16)
            for run in [empty, tooLong] {
                #expect(throws: LMStudioError.self) { try #require(run.outcome).get() }
            }
        }

        @Test func aStreamGoesOnBetweenThePiecesOfALongPrompt() throws {
            var load = LoadConfig.parallel(2, context: 4096)
            load.physicalBatchSize = 128
            let bench = try LoopBench(TestModels.starterFile, load)
            let stream = bench.submit("1, 2, 3, 4, 5, 6, 7, 8,", .pattern(200))
            bench.step()
            let long = bench.submit(Self.longPrompt, .greedy(4))
            var pieces = 0
            while long.text.isEmpty {
                let events = stream.events.count
                bench.step()
                pieces += 1
                #expect(stream.events.count > events)
            }
            #expect(pieces > 15)
            #expect(zip(long.read, long.read.dropFirst()).allSatisfy { $1 - $0 <= 127 })
        }

        @Test func twoPromptsShareEachBatch() throws {
            var load = LoadConfig.parallel(3, context: 8192)
            load.physicalBatchSize = 64
            let bench = try LoopBench(TestModels.starterFile, load)
            let first = bench.submit("a " + Self.longPrompt, .greedy(1))
            let second = bench.submit("b " + Self.longPrompt, .greedy(1))
            bench.step()
            #expect(first.read == [0, 32])
            #expect(second.read == [0, 32])
            // A short one leaves the others what it does not need.
            let short = bench.submit("c", .greedy(1))
            bench.step()
            #expect(short.tokenCount == 1)
            #expect(first.read.last == 63 && second.read.last == 64)
            bench.cancel(first)
            bench.cancel(second)
        }

        @Test func thoseThatDoNotFitIntoTheCellsWaitAndLoseNothing() throws {
            // 4 × about 100 tokens do not fit into 256 cells.
            let load = LoadConfig.parallel(4, context: 256)
            let bench = try LoopBench(TestModels.starterFile, load)
            var config = PredictionConfig.pattern(80)
            config.contextOverflowPolicy = .stopAtLimit
            let prompts = (1...4).map { start in
                (start * 100..<start * 100 + 8).map { "\($0)," }.joined(separator: " ")
            }
            let runs = prompts.map { bench.submit($0, config) }
            bench.finishAll()
            for (prompt, run) in zip(prompts, runs) {
                let alone = try LoopBench.alone(TestModels.starterFile, load, prompt, config)
                #expect(run.text == alone.text)
                #expect(run.tokenCount == alone.tokenCount)
                #expect(run.read.sorted() == run.read && Set(run.read).count == run.read.count)
            }
        }

        @Test func aDividedContextGivesEachItsPart() throws {
            let load = LoadConfig.parallel(4, context: 256, isUnified: false)
            var config = PredictionConfig.pattern(nil)
            config.contextOverflowPolicy = .stopAtLimit
            let run = try LoopBench.alone(
                TestModels.starterFile,
                load,
                "1, 2, 3, 4, 5, 6, 7, 8,",
                config
            )
            #expect(run.stopReason == .contextLengthReached)
            let stats = try #require(run.outcome).get()
            #expect(stats.totalTokensCount == 256 / 4 + 1)
        }

        @Test(.onBothHosts) func unloadingEndsAllThatRunAndAllThatWait() async throws {
            let model = try await TestModels.client().llm.model()
            let streams = try (0..<6).map {
                try model.completeStream("\($0), ", config: .pattern(4000))
            }
            var readers = streams.prefix(4).map { $0.makeAsyncIterator() }
            for index in readers.indices { _ = try await readers[index].next() }
            try await model.unload()
            for index in readers.indices {
                while try await readers[index].next() != nil {}
            }
            for stream in streams {
                #expect(try await stream.result().stats.stopReason == .modelUnloaded)
            }
        }

        @Test func tenThousandThatWaitFinishOrAreCancelled() async throws {
            let model = try await TestModels.client().llm.model(config: .parallel(4, context: 1024))
            let streams = try (0..<10_000).map {
                try model.completeStream("Number \($0) is", config: .greedy(2))
            }
            for (index, stream) in streams.enumerated() where index % 250 != 0 { stream.cancel() }
            var finished = 0
            for (index, stream) in streams.enumerated() {
                let result = try await stream.result()
                if index % 250 == 0 {
                    #expect(result.stats.stopReason == .maxPredictedTokensReached)
                    finished += 1
                }
            }
            #expect(finished == 40)
            #expect(try await model.complete("My name is", config: .greedy(4)).content != "")
        }
    }
}
