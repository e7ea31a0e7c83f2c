import LMStudio
import LMStudioCore
import LMStudioTesting
import Testing

@testable import LMStudioLlama

extension EngineTests {
    @Suite(.onBothHosts) struct PrefixCacheTests {
        private static let sentences = (0..<60).map {
            "In the year \(1000 + $0) the king had \(20 + $0) horses."
        }
        private static let story = sentences.joined(separator: " ")
        private static var files: [String] { BatchingTests.files }

        @Test(arguments: files)
        func aPromptThatBeginsLikeTheLastOneIsNotReadAgain(file: String) throws {
            let load = LoadConfig.parallel(4, context: 4096)
            let bench = try LoopBench(file, load)
            let first = bench.submit(Self.story, .pattern(16))
            bench.finishAll()
            #expect(first.cached == 0)
            let total = try #require(try first.outcome?.get().promptTokensCount)
            let longer = Self.story + first.text
            for (prompt, known) in [(Self.story, total - 1), (longer, total)] {
                let run = bench.submit(prompt, .pattern(16))
                bench.finishAll()
                #expect(try #require(run.cached) >= known)
                #expect(run.read.first == 0)
                let sure = try LoopBench.sureText(file, load, prompt, .pattern(16))
                #expect(!sure.isEmpty && run.text.hasPrefix(sure))
            }
        }

        @Test(arguments: files, [1, 30, 55])
        func aTextThatDivergesGoesOnFromWhereItDoes(file: String, sentences: Int) throws {
            // Longer than Gemma's window of 512 tokens, which it cannot be taken back beyond.
            let load = LoadConfig.parallel(1, context: 4096)
            let bench = try LoopBench(file, load)
            _ = bench.submit(Self.story, .pattern(1))
            bench.finishAll()
            let prompt = Self.sentences.prefix(sentences).joined(separator: " ") + " In the year"
            let run = bench.submit(prompt, .pattern(16))
            bench.finishAll()
            let sure = try LoopBench.sureText(file, load, prompt, .pattern(16))
            #expect(!sure.isEmpty && run.text.hasPrefix(sure))
        }

        @Test func theStoryOfARunningPredictionIsShared() throws {
            let load = LoadConfig.parallel(2, context: 4096)
            let file = TestModels.starterFile
            let alone = try LoopBench.alone(file, load, Self.story, .pattern(24))
            let bench = try LoopBench(file, load)
            let first = bench.submit(Self.story, .pattern(24))
            while first.text.isEmpty { bench.step() }
            let second = bench.submit(Self.story, .pattern(24))
            bench.step()
            let total = try #require(try alone.outcome?.get().promptTokensCount)
            #expect(second.cached == total - 1)
            bench.finishAll()
            #expect(first.text == alone.text)
            #expect(second.text == alone.text)
        }

        @Test func aDividedContextSharesNothingBetweenSlots() throws {
            let load = LoadConfig.parallel(2, context: 8192, isUnified: false)
            let bench = try LoopBench(TestModels.starterFile, load)
            let first = bench.submit(Self.story, .pattern(24))
            while first.text.isEmpty { bench.step() }
            let second = bench.submit(Self.story, .pattern(24))
            bench.finishAll()
            #expect(second.cached == 0)
            #expect(second.text == first.text)
            let third = bench.submit(Self.story, .pattern(24))
            bench.finishAll()
            #expect(try #require(third.cached) > 0)
            #expect(third.text == first.text)
        }

        @Test func whatIsLeftOfOldPromptsMakesRoomForNewOnes() throws {
            let load = LoadConfig.parallel(4, context: 1024)
            let bench = try LoopBench(TestModels.starterFile, load)
            let prompts = (0..<5).map { number in
                (0..<100).map { "\(number) sheep, \($0) wolves" }.joined(separator: ", ")
            }
            for prompt in prompts.map({ String($0.prefix(1200)) }) {
                let run = bench.submit(prompt, .pattern(8))
                bench.finishAll()
                let alone = try LoopBench.alone(TestModels.starterFile, load, prompt, .pattern(8))
                #expect(run.text == alone.text)
            }
        }

        /// How many tokens of a prompt of some hundred equal words were known, for each of some words.
        private func cached(_ words: [Int], context: Int) throws -> [Int] {
            let directory = try TemporaryDirectory()
            let file = try directory.write(TinyModel().bytes(), to: "tiny.gguf")
            let bench = try LoopBench(file, .parallel(4, context: context))
            return try words.map { word in
                var prompt = ""
                while try bench.context.model.tokenize(prompt).count < 100 { prompt += "\(word) " }
                let run = bench.submit(prompt, .pattern(1))
                bench.finishAll()
                return try #require(run.cached)
            }
        }

        @Test func theSlotThatWasLeftFirstGoesFirst() throws {
            // The fifth prompt takes the slot of the first, the first one's next turn that of the third.
            let cached = try cached([0, 1, 2, 3, 4, 1, 0, 2, 1, 4], context: 2048)
            #expect(cached.indices.filter { cached[$0] > 90 } == [5, 8, 9])
            #expect(cached.count { $0 == 0 } == 7)
        }

        @Test func theCellsThatWereLeftFirstMakeRoomFirst() throws {
            // There is room for two prompts.
            let cached = try cached([0, 1, 2, 1, 0, 1, 2], context: 256)
            #expect(cached.indices.filter { cached[$0] > 90 } == [3, 5])
            #expect(cached.count { $0 == 0 } == 5)
        }

        @Test func theCountsReachTheCaller() async throws {
            let model = try await TestModels.client().llm.model()
            _ = try await model.complete(Self.story, config: .greedy(1))
            let stream = try model.completeStream(Self.story, config: .greedy(1))
            var seen: [(Double, PromptProgress)] = []
            while let event = try await stream.nextEvent() {
                if case .promptProgress(let share, let counts?) = event {
                    seen.append((share, counts))
                }
            }
            let total = try #require(try await stream.result().stats.promptTokensCount)
            #expect(seen.map(\.0) == [0, 1])
            #expect(seen.map(\.1.cachedTokensCount) == [total - 1, total - 1])
            #expect(seen.map(\.1.processedTokensCount) == [0, 1])
            #expect(seen.allSatisfy { $0.1.totalTokensCount == total })
        }
    }
}
