import LMStudio
import LMStudioTesting
import Testing

@testable import LMStudioLlama

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

extension EngineTests {
    @Suite struct SavedCacheTests {
        private static let story = (0..<30).map {
            "In the year \(1000 + $0) the king had \(20 + $0) horses."
        }.joined(separator: " ")

        private let directory: TemporaryDirectory
        private let path: String

        init() throws {
            directory = try TemporaryDirectory()
            path = directory.path + "/story.cache"
        }

        private static func model(
            _ file: String = TestModels.starterFile,
            _ change: (inout LoadConfig) -> Void = { _ in }
        ) async throws -> LLM {
            var config = LoadConfig()
            config.contextLength = 2048
            change(&config)
            return try await TestModels.client().llm.model(file, config: config)
        }

        @Test(arguments: BatchingTests.files)
        func anotherInstanceGoesOnFromTheFile(file: String) async throws {
            let model = try await Self.model(file)
            let count = try await model.saveCache(ofPrompt: Self.story, to: path)
            let more = Self.story + " In the year"
            let alone = try await Self.model(file).complete(more, config: .greedy(8))
            let other = try await Self.model(file)
            let loaded = try await other.loadCache(from: path)
            #expect(loaded == LoadedCache(tokensCount: count))
            let result = try await other.complete(more, config: .greedy(8))
            #expect(result.stats.cachedTokensCount == count)
            #expect(result.stats.promptTokensCount == alone.stats.promptTokensCount)
            #expect(result.content == alone.content)
        }

        @Test func aChatGoesOnToo() async throws {
            var chat = Chat()
            chat.append(ChatMessage(role: .user, content: [.text(Self.story)]))
            let count = try await Self.model().saveCache(of: chat, to: path)
            let other = try await Self.model()
            #expect(try await other.loadCache(from: path).tokensCount == count)
            let result = try await other.respond(chat, config: .greedy(2))
            #expect(result.stats.cachedTokensCount == count - 1)
        }

        @Test func aStopStringOfTheTemplateIsNoHindrance() async throws {
            let model = try await LMStudioClient(host: TinyStore("a").host()).llm.model("a")
            var config = PredictionConfig.greedy(1)
            config.promptTemplate = PromptTemplate(.manual(.init()))
            let chat = Chat([.user("hello world")])
            let next = try await model.respond(chat, config: config).content
            config.promptTemplate?.stopStrings = [String(try #require(next.first))]
            let stats = try await model.respond(chat, config: config).stats
            #expect(stats.stopReason == .stopStringFound)
            let count = try await model.saveCache(of: chat, to: path, config: config)
            #expect(try await model.loadCache(from: path).tokensCount == count)
        }

        @Test func otherLoadOptionsAreSaid() async throws {
            try await Self.model().saveCache(ofPrompt: Self.story, to: path)
            let other = try await Self.model { $0.keyCacheType = .q8_0 }
            let loaded = try await other.loadCache(from: path)
            #expect(loaded.tokensCount == 0)
            #expect(loaded.warning?.contains("keys q8_0") == true)
            let result = try await other.complete(Self.story, config: .greedy(1))
            #expect(result.stats.cachedTokensCount == 0)
        }

        @Test func anotherModelIsSaid() async throws {
            try await Self.model().saveCache(ofPrompt: "one two three", to: path)
            let loaded = try await Self.model(TestModels.gemmaFile).loadCache(from: path)
            #expect(loaded.tokensCount == 0)
            #expect(loaded.warning?.contains("another model") == true)
        }

        @Test func aDamagedFileIsIgnored() async throws {
            let host = try TinyStore("a").host()
            let model = try await LMStudioClient(host: host).llm.model("a")
            let count = try await model.saveCache(ofPrompt: "hello world", to: path)
            let bytes = try #require(Self.bytes(of: path))
            #expect(try await model.loadCache(from: path).tokensCount == count)
            var damaged: [ArraySlice<UInt8>] = [
                bytes.dropLast(), bytes.prefix(39), [], bytes[...] + [0],
            ]
            for place in stride(from: 0, to: bytes.count, by: 97) {
                var changed = bytes[...]
                changed[place] ^= 1 << (place % 8)
                damaged.append(changed)
            }
            for bytes in damaged {
                try directory.write(Array(bytes), to: "damaged")
                let loaded = try await model.loadCache(from: directory.path + "/damaged")
                #expect(loaded.tokensCount == 0)
                #expect(loaded.warning?.contains("is ignored: ") == true)
            }
        }

        @Test func lyingSizesAreNotBelieved() async throws {
            let host = try TinyStore("a").host()
            let model = try await LMStudioClient(host: host).llm.model("a")
            try await model.saveCache(ofPrompt: "hello world", to: path)
            let bytes = try #require(Self.bytes(of: path))
            for (place, count) in [(12, 4), (16, 8), (24, 8)] {
                var changed = bytes
                changed.replaceSubrange(
                    place..<(place + count),
                    with: repeatElement(0xFF, count: count)
                )
                try directory.write(changed, to: "lying")
                let loaded = try await model.loadCache(from: directory.path + "/lying")
                #expect(loaded.tokensCount == 0)
            }
        }

        @Test func chatsWithImagesAreNot() async throws {
            let seer = try await Seer()
            let chat = try await seer.chat("Look:", 1)
            let error = await #expect(throws: LMStudioError.self) {
                try await seer.model.saveCache(of: chat, to: path)
            }
            #expect(error?.code == .unsupported)
            #expect(error?.message.contains("cannot be saved") == true)
            #expect(Self.bytes(of: path) == nil)
        }

        @Test func aFileWithAnImageIsRefused() throws {
            let owner = CacheOwner(model: "model", settings: "settings")
            let state = SequenceState(tokens: [5, -1, -1], bytes: [1, 2, 3])
            try CacheFile(owner: owner, state: state).write(to: path)
            let refusal = #expect(throws: CacheFile.Refusal.self) {
                try CacheFile.read(path, for: owner, length: 8, cellBytes: 1)
            }
            #expect(refusal?.reason.contains("an image") == true)
        }

        @Test func filesThatWereReplacedAfterTheLoadAreNotTaken() async throws {
            let model = TinyModel()
            let file = try directory.write(model.bytes(), to: "test/a/a.gguf")
            var config = LoadConfig()
            config.tryMmap = false
            let client = LMStudioClient(host: LocalHost(models: directory.path))
            let earlier = try await client.llm.model("a", config: config)
            let count = try await earlier.saveCache(ofPrompt: "hello world", to: path)
            #expect(remove(file) == 0)
            var other = model
            other.seed = 2
            try directory.write(other.bytes(), to: "test/a/a.gguf")
            let later = try await client.llm.load("a", identifier: "later", config: config)
            #expect(
                try await later.loadCache(from: path).warning?.contains("another model") == true
            )
            let third = try await client.llm.load("a", identifier: "third", config: config)
            #expect(remove(file) == 0)
            try directory.write(model.bytes(), to: "test/a/a.gguf")
            let loaded = try await third.loadCache(from: path)
            #expect(loaded.tokensCount == 0)
            #expect(loaded.warning?.contains("have changed since it was loaded") == true)
            let error = await #expect(throws: LMStudioError.self) {
                try await third.saveCache(ofPrompt: "hello world", to: path)
            }
            #expect(error?.code == .engine)
            #expect(try await earlier.loadCache(from: path).tokensCount == count)
        }

        @Test func aChatIsSavedWithItsTools() async throws {
            let model = try await Self.model()
            var config = PredictionConfig.greedy(1)
            config.tools = [ToolCallReaderTests.add]
            let count = try await model.saveCache(of: "What is 1 + 2?", to: path, config: config)
            let result = try await model.respond("What is 1 + 2?", config: config)
            #expect(result.stats.promptTokensCount == count)
            #expect(result.stats.cachedTokensCount == count - 1)
        }

        @Test func theModelsFileIsLookedAtOnce() async throws {
            let file = try directory.write(TinyModel().bytes(), to: "test/a/a.gguf")
            var config = LoadConfig()
            config.tryMmap = false
            let host = LocalHost(models: directory.path)
            let model = try await LMStudioClient(host: host).llm.model("a", config: config)
            let count = try await model.saveCache(ofPrompt: "hello world", to: path)
            #expect(remove(file) == 0)
            #expect(try await model.saveCache(ofPrompt: "hello world", to: path) == count)
            #expect(try await model.loadCache(from: path).tokensCount == count)
        }

        @Test func whatIsNoFileIsIgnored() async throws {
            let model = try await Self.model()
            for path in ["/nowhere/x", directory.path, "/dev/zero", "a\0b"] {
                let loaded = try await model.loadCache(from: path)
                #expect(loaded.tokensCount == 0)
                #expect(loaded.warning != nil)
            }
        }

        @Test func whatCannotBeWrittenIsAnError() async throws {
            let model = try await Self.model()
            let error = await #expect(throws: LMStudioError.self) {
                try await model.saveCache(ofPrompt: "hello", to: "/nowhere/x")
            }
            #expect(error?.code == .invalidArgument)
            let empty = await #expect(throws: LMStudioError.self) {
                try await model.saveCache(ofPrompt: "", to: path)
            }
            #expect(empty?.code == .invalidArgument)
            #expect(Self.bytes(of: path) == nil)
        }

        @Test func nothingIsDroppedForWhatDoesNotFit() throws {
            let file = try directory.write(TinyModel().bytes(), to: "a.gguf")
            let bench = try LoopBench(file, .parallel(3, context: 512))
            let idle = bench.submit(String(repeating: "hello ", count: 20), .pattern(2))
            bench.finishAll()
            let running = bench.submit(String(repeating: "once ", count: 60), .pattern(100))
            while running.text.isEmpty { bench.step() }
            let restore = bench.restore(
                SequenceState(tokens: [Int32](repeating: 5, count: 500), bytes: [])
            )
            bench.step()
            #expect(restore.hasEnded)
            let again = bench.submit(String(repeating: "hello ", count: 20), .pattern(2))
            bench.finishAll()
            #expect(idle.cached == 0)
            #expect(try #require(again.cached) > 16)
        }

        @Test func cancellingEndsTheWaitForASlot() async throws {
            let model = try await LMStudioClient(host: TinyStore("a").host()).llm.model(
                "a",
                config: .parallel(1, context: 4096)
            )
            try await model.saveCache(ofPrompt: "hello world", to: path)
            let stream = try model.completeStream("once", config: .greedy(4000))
            var fragments = stream.makeAsyncIterator()
            _ = try await fragments.next()
            let path = path
            let load = Task { try await model.loadCache(from: path) }
            load.cancel()
            let error = await #expect(throws: LMStudioError.self) { try await load.value }
            #expect(error?.code == .cancelled)
            stream.cancel()
            #expect(try await stream.result().stats.stopReason == .userStopped)
        }

        @Test func cachesComeAndGoWhileOthersWrite() async throws {
            let host = try TinyStore("a").host()
            let model = try await LMStudioClient(host: host).llm.model("a")
            let path = path
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<16 {
                    group.addTask {
                        let prompt = String(repeating: "\(number) ", count: 20)
                        let path = "\(path).\(number)"
                        let count = try await model.saveCache(ofPrompt: prompt, to: path)
                        _ = try await model.complete(prompt, config: .greedy(20))
                        #expect(try await model.loadCache(from: path).tokensCount == count)
                    }
                }
                try await group.waitForAll()
            }
        }

        @Test func aCacheOfOtherExpertsIsIgnored() async throws {
            let store = try TinyStore()
            var mixture = TinyModel()
            (mixture.experts, mixture.usedExperts) = (4, 2)
            try store.add("mixture", mixture)
            let models = LMStudioClient(host: try store.host()).llm
            try await models.load("mixture").saveCache(ofPrompt: "hello", to: path)
            var config = LoadConfig()
            config.expertCount = 1
            let loaded = try await models.load("mixture", config: config).loadCache(from: path)
            #expect(loaded.tokensCount == 0)
            #expect(loaded.warning?.contains("numExperts 1") == true)
        }

        private static func bytes(of path: String) -> [UInt8]? {
            guard let file = BinaryFile(path: path) else { return nil }
            return file.read(UInt8.self, count: Int(file.size), at: 0)
        }
    }
}
