import LMStudio
import LMStudioCore
import LMStudioTesting
import Testing

@testable import LMStudioLlama

extension EngineTests {
    @Suite struct VisionTests {
        /// Two hundred letters, which a later prompt that begins with them need not read again.
        private static let preface = String(repeating: "Once upon a time ", count: 12)

        @Test(.onBothHosts, arguments: TinyProjector.Kind.allCases)
        func theSameImageGivesTheSameAnswerAndAnotherOneAnother(
            kind: TinyProjector.Kind
        ) async throws {
            let seer = try await Seer(kind)
            let (first, other) = (try await seer.chat("Look:", 1), try await seer.chat("Look:", 3))
            let answer = try await seer.text(first)
            let again = try await Seer(kind)
            #expect(try await again.text(again.chat("Look:", 1)) == answer)
            #expect(try await seer.text(other) != answer)
            #expect(try await seer.text(seer.chat("Look:")) != answer)
            #expect(try await seer.text(first) == answer)
        }

        @Test(.onBothHosts, arguments: TinyProjector.Kind.allCases)
        func anImageTakesTheTokensOfItsVectors(kind: TinyProjector.Kind) async throws {
            let seer = try await Seer(kind)
            var sizes: [Int] = []
            for chat in [try await seer.chat("Look:", 1), try await seer.chat("Look:", 1, 2)] {
                let (result, read) = try await seer.answer(chat)
                sizes.append(try #require(result.stats.promptTokensCount))
                let counts = try #require(read.last)
                #expect(counts.totalTokensCount == sizes.last)
                #expect(counts.cachedTokensCount + counts.processedTokensCount == sizes.last)
            }
            // Some models want words around each image.
            let wordCount = sizes[1] - sizes[0] - seer.vectorCount
            #expect(kind == .llava ? wordCount == 0 : wordCount > 0)
            let size = try #require(
                try await seer.answer(seer.chat("Look:")).result.stats.promptTokensCount
            )
            #expect(abs(sizes[0] - size - seer.vectorCount - wordCount) <= 2)
        }

        @Test(arguments: TinyProjector.Kind.allCases)
        func imagesAreReadInTheirOrder(kind: TinyProjector.Kind) async throws {
            let seer = try await Seer(kind)
            let forth = try await seer.text(seer.chat("Look:", 1, "and", 3))
            let back = try await seer.text(seer.chat("Look:", 3, "and", 1))
            #expect(forth != back)
        }

        @Test(arguments: TinyProjector.Kind.allCases)
        func aSecondTurnReadsNeitherTextNorImageAgain(kind: TinyProjector.Kind) async throws {
            let seer = try await Seer(kind)
            var chat = try await seer.chat(Self.preface, 1, "What is it?")
            let (first, _) = try await seer.answer(chat)
            chat.append(.assistant(first.content))
            let image = try await seer.client.prepareImage(TestImage.png(pattern: 5))
            chat.append(ChatMessage(role: .user, content: [.text("And this?"), .file(image)]))
            let (second, read) = try await seer.answer(chat)
            let cached = try #require(read.first).cachedTokensCount
            #expect(try cached >= #require(first.stats.promptTokensCount) - 8)
            let fresh = try await Seer(kind)
            let images = try await fresh.chat(1, 5).files
            let same = Chat(
                zip(chat.messages, [images.first, nil, images.last]).map { message, image in
                    ChatMessage(
                        role: message.role,
                        content: message.content.map { part in
                            if case .file = part, let image { .file(image) } else { part }
                        }
                    )
                }
            )
            #expect(try await fresh.text(same) == second.content)
        }

        @Test func textBehindImagesIsNotGuessed() async throws {
            let seer = try await Seer()
            let words = try await seer.chat(Self.preface)
            let image = try await seer.chat(Self.preface, 1, "What is it?")
            // What repeats the preface is guessed.
            var config = PredictionConfig.pattern(64)
            config.structured = .grammar(#"root ::= ("Once upon a time "){6}"#)
            #expect(try await seer.answer(words, config).result.stats.drafts != nil)
            #expect(try await seer.answer(image, config).result.stats.drafts == nil)
            config = .pattern(16)
            let alone = try await seer.text(image)
            config.speculativeDecoding.draftModel = seer.model.identifier
            config.speculativeDecoding.numDraftTokensExact = 2
            #expect(try await seer.answer(words, config).result.stats.drafts != nil)
            let (result, _) = try await seer.answer(image, config)
            #expect(result.stats.drafts == nil)
            #expect(result.content == alone)
        }

        @Test(.onBothHosts) func anotherImageBehindTheSameTextIsRead() async throws {
            let seer = try await Seer()
            let (_, _) = try await seer.answer(seer.chat(Self.preface, 1, "What is it?"))
            let (other, read) = try await seer.answer(seer.chat(Self.preface, 2, "What is it?"))
            let cached = try #require(read.first).cachedTokensCount
            #expect(cached > 0)
            #expect(try cached <= #require(other.stats.promptTokensCount) - seer.vectorCount)
            let fresh = try await Seer()
            let chat = try await fresh.chat(Self.preface, 2, "What is it?")
            #expect(try await fresh.text(chat) == other.content)
        }

        @Test(arguments: TinyProjector.Kind.allCases)
        func predictionsBesideEachOtherSeeTheirOwnImages(kind: TinyProjector.Kind) async throws {
            let seer = try await Seer(kind)
            var (chats, alone): ([Chat], [String]) = ([], [])
            for pattern in 1...4 {
                let chat = try await seer.chat(Self.preface, pattern, "What is it?")
                chats.append(chat)
                let fresh = try await Seer(kind)
                let same = try await fresh.chat(Self.preface, pattern, "What is it?")
                alone.append(try await fresh.answer(same, .pattern(8)).result.content)
            }
            let together = try await withThrowingTaskGroup(of: (Int, String).self) { group in
                for (index, chat) in chats.enumerated() {
                    group.addTask {
                        (index, try await seer.answer(chat, .pattern(8)).result.content)
                    }
                }
                return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
            }
            #expect(together.sorted { $0.key < $1.key }.map(\.value) == alone)
        }

        @Test(arguments: WebPSample.all)
        func aWebPShowsItsPixels(sample: WebPSample) async throws {
            let seer = try await Seer()
            let png = TestImage.png(width: 8, height: 6)
            let isSame = try await seer.text(seer.chat(sample.bytes)) == seer.text(seer.chat(png))
            #expect(isSame == sample.isExact)
        }

        @Test func largeImagesAreShrunk() async throws {
            let seer = try await Seer()
            let large = try await seer.client.prepareImage(
                TestImage.png(width: 1500, height: 900, pattern: 2)
            )
            let chat = Chat([ChatMessage(role: .user, content: [.text("Look:"), .file(large)])])
            var texts: [String: String] = [:]
            for side in ["false", "1024", "24", "1"] {
                var config = PredictionConfig.pattern(16)
                config.others["userMaxImageDimensionPixels"] = side
                texts[side] = try await seer.answer(chat, config).result.content
            }
            #expect(try await seer.text(chat) == texts["1024"])
            #expect(texts["24"] != texts["false"])
            #expect(texts["1"] != texts["24"])
        }
    }
}
