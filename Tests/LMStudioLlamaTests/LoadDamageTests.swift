import LMStudio
import LMStudioLlama
import LMStudioTesting
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

extension EngineTests {
    /// What a caller is told of files that would end the process if llama.cpp got them.
    @Suite struct LoadDamageTests {
        private let directory: TemporaryDirectory
        private let client: LMStudioClient

        init() throws {
            directory = try TemporaryDirectory()
            client = LMStudioClient(host: LocalHost(models: directory.path))
        }

        /// The error of a load of a file, which is no reason not to load the next one.
        private func refusal(_ path: String) async throws -> LMStudioError {
            let error = await #expect(throws: LMStudioError.self) {
                _ = try await client.llm.model(path)
            }
            let sound = try directory.write(TinyModel().bytes(), to: "test/sound/sound.gguf")
            #expect(try await client.llm.model(sound).countTokens("a") > 0)
            return try #require(error)
        }

        private func refusal(_ bytes: [UInt8]) async throws -> LMStudioError {
            try await refusal(directory.write(bytes, to: "test/damaged/damaged.gguf"))
        }

        /// Reading on behind the end of a mapped file would be the end of the process.
        @Test func aFileThatIsCutWhileItsModelIsLoadedIsRefused() async throws {
            let bytes = TinyModel().bytes()
            let path = try directory.write(bytes, to: "test/cut/cut.gguf")
            var unmapped = LoadConfig()
            unmapped.tryMmap = false
            let model = try await client.llm.load(path, identifier: "mapped")
            let other = try await client.llm.load(path, identifier: "read", config: unmapped)
            // In place, as programs write that know no better.
            let file = open(path, O_WRONLY | O_TRUNC)
            #expect(file >= 0)
            close(file)
            let error = await #expect(throws: LMStudioError.self) {
                _ = try await model.complete("a", config: .greedy(1))
            }
            #expect(error?.code == .invalidState)
            #expect(error?.message.contains("cut.gguf") == true)
            #expect(error?.message.contains("was cut from \(bytes.count) to 0 bytes") == true)
            _ = try await other.complete("a", config: .greedy(1))
            try await model.unload()
        }

        private static let others: [(String, @Sendable () -> [UInt8], String)] = [
            ("a web page", { Array("<html>".utf8) }, "it is not a GGUF file"),
            ("nothing", { [] }, "it has only 0 bytes"),
            (
                "half a header", { Array(TinyModel().bytes().prefix(2_000)) },
                "the download may be incomplete"
            ),
            (
                "almost all", { TinyModel().bytes().dropLast() },
                "it ends in the middle of the data of tensor"
            ),
        ]

        @Test(arguments: others.map(\.0))
        func refusesWhatIsNoWholeModel(_ name: String) async throws {
            let (_, bytes, reason) = try #require(Self.others.first { $0.0 == name })
            let error = try await refusal(bytes())
            #expect(error.code == .engine)
            #expect(error.message.contains("cannot use model file"))
            #expect(error.message.contains(reason))
            #expect(error.message.contains("damaged.gguf"))
        }

        private static let damage: [(String, @Sendable (inout GGUFWriter) -> Void, String)] = [
            ("a tensor's type", { $0.tensors[20].type = 99 }, "has the unknown type 99"),
            ("a tensor's shape", { $0.tensors[3].dimensions = [64] }, "begin at byte"),
            (
                "a tensor's size", { $0.tensors[20].dimensions = [1 << 20, 1 << 20] },
                "it ends in the middle of the data of tensor \"blk.1.ffn_down.weight\""
            ),
            (
                "a weight's type", { $0.tensors[4].type = 26 },
                "has type 26, with which nothing can be computed"
            ),
            (
                "attention heads", { $0.set("llama.attention.head_count", .uint32(0)) },
                "\"llama.attention.head_count\" is 0, but only"
            ),
            (
                "experts", { $0.set("llama.expert_count", .uint32(1_025)) },
                "\"llama.expert_count\" is 1025, but only"
            ),
            (
                "no vocabulary", { $0.set("tokenizer.ggml.tokens", nil) },
                "it has no vocabulary"
            ),
            (
                "a token twice", { $0.set("tokenizer.ggml.tokens", .strings(["a", "b", "b"])) },
                "holds token \"b\" twice"
            ),
            (
                "the first token", { $0.set("tokenizer.ggml.tokens", .strings(["a"])) },
                "it wants a first token"
            ),
        ]

        @Test(arguments: damage.map(\.0))
        func refusesDamage(_ name: String) async throws {
            let (_, change, reason) = try #require(Self.damage.first { $0.0 == name })
            var writer = TinyModel().writer()
            change(&writer)
            let error = try await refusal(writer.bytes())
            #expect(error.code == .engine)
            #expect(error.message.contains("cannot use model file"))
            #expect(error.message.contains(reason))
            #expect(error.message.contains("damaged.gguf"))
        }

        // MARK: Split models

        /// A model in two parts, each of which may be changed.
        private func split(
            parts: Int = 2,
            _ change: (_ number: Int, inout GGUFWriter) -> Void = { _, _ in }
        ) throws -> String {
            let tensors = TinyModel().writer().tensors
            for (index, range) in [0..<10, 10..<tensors.count].prefix(parts).enumerated() {
                var writer = TinyModel().writer()
                if index > 0 { writer.metadata.removeAll { !$0.key.hasPrefix("general.") } }
                writer.tensors = Array(tensors[range])
                writer.set("split.no", .uint16(UInt16(index)))
                writer.set("split.count", .uint16(2))
                writer.set("split.tensors.count", .int32(Int32(tensors.count)))
                change(index + 1, &writer)
                try directory.write(writer.bytes(), to: "test/s/s-0000\(index + 1)-of-00002.gguf")
            }
            return directory.path + "/test/s/s-00001-of-00002.gguf"
        }

        @Test func soundPartsAreLoaded() async throws {
            let model = try await client.llm.model(split())
            #expect(try await model.countTokens("a") > 0)
        }

        @Test func refusesAModelWithoutItsSecondPart() async throws {
            let error = try await refusal(split(parts: 1))
            #expect(error.code == .modelNotFound)
            #expect(error.message.contains("part 2 of 2 of model"))
        }

        @Test(arguments: [
            (1, "split.count", GGUFWriter.Value.uint16(3), "say that it is part 1 of 3"),
            (2, "split.no", .uint16(4), "say that it is part 5 of 2"),
            (2, "split.no", .uint32(1), "\"split.no\" has the wrong type"),
        ])
        func refusesPartsThatAreNotWhatTheirNamesSay(
            number: Int,
            key: String,
            value: GGUFWriter.Value,
            reason: String
        ) async throws {
            let error = try await refusal(split { if $0 == number { $1.set(key, value) } })
            #expect(error.code == .engine)
            #expect(error.message.contains(reason))
        }

        @Test func refusesADamagedSecondPart() async throws {
            let tensor = try await refusal(split { if $0 == 2 { $1.tensors[3].type = 99 } })
            #expect(tensor.message.contains("s-00002-of-00002.gguf"))
            #expect(tensor.message.contains("has the unknown type 99"))
            let weight = try await refusal(split { if $0 == 2 { $1.tensors[3].type = 26 } })
            #expect(weight.message.contains("with which nothing can be computed"))
        }
    }
}
