import LMStudio
import LMStudioCore
import LMStudioTesting
import Testing

@testable import LMStudioLlama

extension EngineTests {
    @Suite struct VisionRefusalTests {
        @Test func aModelWithoutVisionRefusesImages() async throws {
            let store = try TinyStore("blind")
            let client = LMStudioClient(host: try store.host())
            let model = try await client.llm.model("blind")
            #expect(try await model.info().model.vision == false)
            let image = try await client.prepareImage(TestImage.png(), name: "photo.png")
            let error = try await #require(throws: LMStudioError.self) {
                try await model.respond(
                    Chat([ChatMessage(role: .user, content: [.file(image)])])
                )
            }
            #expect(error.code == .unsupported)
            #expect(error.message.contains("photo.png"))
            #expect(error.message.contains("no vision"))
        }

        @Test func whatIsNoImageIsRefusedByName() async throws {
            let seer = try await Seer()
            let png = TestImage.png()
            let files: [(content: [UInt8], reason: String)] = [
                (Array(png.prefix(20)), "damaged"), (Array(png.prefix(60)), "decoded"),
                (TestImage.header(width: 50_000, height: 1), "50000 × 1 pixels"),
                (TestImage.header(width: 30_000, height: 30_000), "30000 × 30000 pixels"),
                (TestImage.header(width: 0, height: 4), "no pixels"),
                (Array("RIFF    WEBPVP8 ".utf8), "damaged"),
                (Array(WebPSample.lossy.bytes.dropLast(4)), "ends in the middle"),
                ([0xFF, 0xD8, 0xFF, 0xE0, 0, 0], "damaged"),
            ]
            for (content, reason) in files {
                let image = try await seer.client.prepareImage(content, name: "odd.png")
                let chat = Chat([ChatMessage(role: .user, content: [.file(image)])])
                let error = try await #require(throws: LMStudioError.self) {
                    try await seer.text(chat)
                }
                #expect(error.code == .invalidArgument)
                #expect(error.message.contains("odd.png"))
                #expect(error.message.contains(reason), "\(error.message)")
            }
            #expect(try await !seer.text(seer.chat("Look:", 1)).isEmpty)
        }

        /// Wherever a file is cut or wrong, it is refused, or shows something else. (Its first twelve bytes
        /// say that it is an image.)
        @Test(arguments: WebPSample.all)
        func aDamagedWebPHarmsNobody(sample: WebPSample) async throws {
            let seer = try await Seer()
            var refused = 0
            for offset in sample.bytes.indices.dropFirst(12) {
                var wrong = sample.bytes
                wrong[offset] ^= 0xFF
                for bytes in [Array(sample.bytes.prefix(offset)), wrong] {
                    do {
                        _ = try await seer.answer(seer.chat(bytes), .pattern(1))
                    } catch let error as LMStudioError {
                        #expect(error.code == .invalidArgument, "\(offset): \(error.message)")
                        refused += 1
                    }
                }
            }
            #expect(refused > sample.bytes.count - 12)
            #expect(try await !seer.text(seer.chat(sample.bytes)).isEmpty)
        }

        /// Each byte of the sizes, in all places where a file says them.
        @Test(arguments: [
            (WebPSample.lossyAlpha, 24), (.lossyAlpha, 27), (.animation, 24), (.animation, 58),
            (.animation, 61),
        ])
        func aWebPThatSaysTwoSizesIsRefused(sample: WebPSample, offset: Int) async throws {
            let seer = try await Seer()
            var bytes = sample.bytes
            bytes[offset] -= 1
            let error = try await #require(throws: LMStudioError.self) {
                try await seer.text(seer.chat(bytes))
            }
            #expect(error.message.contains("cannot be decoded"), "\(error.message)")
        }

        @Test func filesGoWithTheirClient() async throws {
            let seer = try await Seer()
            let image = try await seer.client.prepareImage(TestImage.png())
            let other = LMStudioClient(host: try seer.client.host())
            let model = try await other.llm.model()
            let error = try await #require(throws: LMStudioError.self) {
                try await model.respond(Chat([ChatMessage(role: .user, content: [.file(image)])]))
            }
            #expect(error.code == .invalidArgument)
            #expect(error.message.contains("hand it over again"))
        }

        @Test func documentsAreRefused() async throws {
            let seer = try await Seer()
            let text = try await seer.client.prepareImage(Array("Hello".utf8), name: "a.txt")
            let error = try await #require(throws: LMStudioError.self) {
                try await seer.text(Chat([ChatMessage(role: .user, content: [.file(text)])]))
            }
            #expect(error.code == .unsupported)
            #expect(error.message.contains("a.txt"))
        }

        @Test func aChatWithImagesThatIsTooLongIsNotCut() async throws {
            let seer = try await Seer(load: .context(96))
            let long = try await seer.chat(String(repeating: "Once upon a time ", count: 12), 1)
            let error = try await #require(throws: LMStudioError.self) { try await seer.text(long) }
            #expect(error.message.contains("a chat with images is not cut"))
            let (result, _) = try await seer.answer(seer.chat("", 1), .pattern(nil))
            #expect(result.stats.stopReason == .contextLengthReached)
        }

        @Test func anImageThatMustBeReadAtOnceNeedsALargeBatch() async throws {
            var load = LoadConfig.context(256)
            load.physicalBatchSize = 3
            load.maxParallelPredictions = 1
            let seer = try await Seer(.gemma3, load: load)
            let error = try await #require(throws: LMStudioError.self) {
                try await seer.text(seer.chat("Look:", 1))
            }
            #expect(error.code == .engine)
            #expect(error.message.contains("physicalBatchSize"))
            #expect(try await !seer.text(seer.chat("Look:")).isEmpty)
        }

        @Test func aTemplateThatHidesImagesIsRefused() async throws {
            let seer = try await Seer()
            var config = PredictionConfig.pattern(4)
            config.promptTemplate = PromptTemplate(.jinja("Hello"))
            let error = try await #require(throws: LMStudioError.self) {
                try await seer.answer(seer.chat("Look:", 1), config)
            }
            #expect(error.code == .invalidArgument)
            #expect(error.message.contains("template"))
        }

        @Test func aDamagedProjectorIsNamed() async throws {
            var strange = TinyProjector().writer()
            strange.set("clip.projector_type", .string("crystal-ball"))
            var blind = TinyProjector().writer()
            blind.tensors.removeAll { $0.name == "v.patch_embd.weight" }
            var cut = TinyProjector().writer()
            cut.tensors.removeAll { $0.name == "v.blk.1.attn_k.weight" }
            let files: [(bytes: [UInt8], reason: String)] = [
                (blind.bytes(), "v.patch_embd.weight"),
                (cut.bytes(), "v.blk.1.attn_k.weight"),
                (Array(TinyProjector().bytes().dropLast(100)), "ends in the middle"),
                (strange.bytes(), "crystal-ball"),
            ]
            for (bytes, reason) in files {
                let store = try TinyStore("seer")
                try store.addProjector(bytes, to: "seer")
                let client = LMStudioClient(host: try store.host())
                let error = try await #require(throws: LMStudioError.self) {
                    try await client.llm.model("seer")
                }
                #expect(error.code == .engine)
                #expect(error.message.contains("mmproj-seer.gguf"))
                #expect(error.message.contains(reason), "\(error.message)")
            }
        }

        @Test func aProjectorForAnotherModelIsRefused() async throws {
            let store = try TinyStore("seer")
            var projector = TinyProjector()
            projector.modelWidth = 48
            try store.addProjector(projector.bytes(), to: "seer")
            let client = LMStudioClient(host: try store.host())
            let error = try await #require(throws: LMStudioError.self) {
                try await client.llm.model("seer")
            }
            #expect(error.message.contains("mismatch"))
        }

        @Test func aFileOutsideTheStoreSeesToo() async throws {
            let directory = try TemporaryDirectory()
            let path = try directory.write(TinyModel().bytes(), to: "seer.gguf")
            try directory.write(TinyProjector().bytes(), to: "mmproj.gguf")
            let client = try await TestModels.client()
            let model = try await client.llm.model(path)
            #expect(try await model.info().model.vision)
        }
    }
}
