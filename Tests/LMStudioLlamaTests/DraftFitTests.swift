import LMStudio
import LMStudioCore
import LMStudioTesting
import Testing

@testable import LMStudioLlama

extension EngineTests {
    /// Draft models that fit nearly.
    @Suite struct DraftFitTests {
        /// A model with some more tokens than others of its family, which it likes best.
        private static func withMoreTokens(_ count: Int) -> [UInt8] {
            let model = TinyModel()
            var writer = model.writer()
            for (key, value) in writer.metadata {
                switch value {
                case .strings(let texts) where key == "tokenizer.ggml.tokens":
                    writer.set(key, .strings(texts + (0..<count).map { "<more\($0)>" }))
                case .int32s(let types) where key == "tokenizer.ggml.token_type":
                    writer.set(key, .int32s(types + repeatElement(1, count: count)))
                case .float32s(let scores) where key == "tokenizer.ggml.scores":
                    writer.set(key, .float32s(scores + repeatElement(-1000, count: count)))
                case .uint32(let size) where key == "llama.vocab_size":
                    writer.set(key, .uint32(size + UInt32(count)))
                default: break
                }
            }
            for index in writer.tensors.indices
            where ["token_embd.weight", "output.weight"].contains(writer.tensors[index].name) {
                let rows = (0..<count).flatMap {
                    [Float](repeating: $0 % 2 == 0 ? 10 : -10, count: model.width)
                }
                writer.tensors[index].dimensions[1] += UInt64(count)
                writer.tensors[index].bytes += GGUFWriter.bytes(of: rows)
            }
            return writer.bytes()
        }

        /// A GPT-2, which has learned its positions one by one.
        private static func withPositions(_ count: UInt32) -> [UInt8] {
            var model = TinyModel()
            model.architecture = "gpt2"
            model.tokenizer = .bytePairs
            model.contextLength = count
            model.keyHeads = model.heads
            var writer = model.writer()
            writer.set("gpt2.attention.layer_norm_epsilon", .float32(1e-5))
            func tensor(_ name: String, _ dimensions: Int...) -> GGUFWriter.Tensor {
                let numbers = [Float](repeating: 0.01, count: dimensions.reduce(1, *))
                let bytes = GGUFWriter.bytes(of: numbers)
                return .init(name, dimensions.map(UInt64.init), bytes: bytes)
            }
            let replaced = ["attn_q.", "attn_k.", "attn_v.", "ffn_gate."]
            writer.tensors.removeAll { tensor in replaced.contains { tensor.name.contains($0) } }
            let width = model.width
            writer.tensors += [
                tensor("position_embd.weight", width, Int(count)),
                tensor("output_norm.bias", width),
            ]
            for layer in 0..<model.layers {
                let name = "blk.\(layer)"
                writer.tensors += [
                    tensor("\(name).attn_qkv.weight", width, 3 * width),
                    tensor("\(name).attn_qkv.bias", 3 * width),
                    tensor("\(name).ffn_up.bias", model.feedForwardWidth),
                ]
                writer.tensors += ["attn_norm", "attn_output", "ffn_norm", "ffn_down"].map {
                    tensor("\(name).\($0).bias", width)
                }
            }
            return writer.bytes()
        }

        @Test func tokensThatOnlyTheDraftModelHasAreNotGuessed() throws {
            let directory = try TemporaryDirectory()
            let file = try directory.write(TinyModel().bytes(), to: "model.gguf")
            let other = try directory.write(Self.withMoreTokens(64), to: "draft.gguf")
            let weights = try LlamaModel(path: other, layers: 2, config: LoadConfig()) { _ in true }
            var prompt = PreparedPrompt(text: "hello my name is", stopStrings: [])
            prompt.draft = DraftModel(weights, key: "draft")
            var config = PredictionConfig.pattern(8)
            let load = LoadConfig.parallel(1, context: 256)
            let alone = try LoopBench.alone(file, load, "hello my name is", config)
            config.speculativeDecoding.numDraftTokensExact = 4
            let run = try LoopBench.alone(file, load, prompt, config)
            #expect(run.text == alone.text)
            #expect(run.tokenCount == 8)
            let target = try LlamaModel(path: file, layers: 2, config: LoadConfig()) { _ in true }
            try prompt.draft?.check(for: target, key: "model")
        }

        @Test func aDraftModelOfFewerPositionsIsRefused() async throws {
            let directory = try TemporaryDirectory()
            var model = TinyModel()
            model.tokenizer = .bytePairs
            try directory.write(model.bytes(), to: "test/model/model.gguf")
            try directory.write(Self.withPositions(64), to: "test/draft/draft.gguf")
            let client = LMStudioClient(host: LocalHost(models: directory.path))
            let short = try await client.llm.load("model", config: .context(64))
            try await short.preloadDraftModel("draft")
            let long = try await client.llm.load("model", config: .context(65))
            let error = await #expect(throws: LMStudioError.self) {
                try await long.preloadDraftModel("draft")
            }
            #expect(error?.code == .invalidArgument)
            for part in ["\"draft\"", "64", "65"] {
                #expect(error?.message.contains(part) == true)
            }
        }
    }
}
