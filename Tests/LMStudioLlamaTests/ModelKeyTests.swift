import LMStudioCore
import Testing

@testable import LMStudioLlama

@Suite struct ModelKeyTests {
    private func candidate(
        _ path: String,
        _ quantization: String? = nil,
        bits: Int = 4,
        domain: ModelDomain = .llm,
        size: Int64 = 1
    ) -> ModelKey.Candidate {
        .init(
            path: path,
            domain: domain,
            quantization: quantization.map { .init(name: $0, bits: bits) },
            sizeBytes: size
        )
    }

    private func keys(_ candidates: [ModelKey.Candidate]) -> [String] {
        ModelKey.assign(candidates).map(\.key)
    }

    @Test(arguments: [
        (ModelStore.starterPath, ModelStore.starterKey),
        (
            "bartowski/Llama-3.2-1B-Instruct-GGUF/Llama-3.2-1B-Instruct-Q4_K_M.gguf",
            "llama-3.2-1b-instruct"
        ),
        (
            "hugging-quants/Llama-3.2-1B-Instruct-Q8_0-GGUF/llama-3.2-1b-instruct-q8_0.gguf",
            "llama-3.2-1b-instruct"
        ),
        ("unsloth/gpt-oss-20b-GGUF/gpt-oss-20b-UD-Q4_K_XL.gguf", "gpt-oss-20b"),
        ("a/Model-GGUF/model-00001-of-00003.gguf", "model"),
        ("a/Model-F16/Model.gguf", "model"),
        ("a/Model.v2.IQ2_XXS/x.gguf", "model.v2"),
        ("a/GGUF/x.gguf", "gguf"),
        ("a/Big-1B/Q4_K_M/Big-1B-Q4_K_M.gguf", "big-1b"),
        ("Solo-GGUF/x.gguf", "solo"),
        ("Solo-7B-Q4_0.gguf", "solo-7b"),
    ])
    func formsKeysOfRepositories(path: String, key: String) {
        #expect(keys([candidate(path)]) == [key])
    }

    @Test(arguments: [
        (
            "nomic-ai/nomic-embed-text-v1.5-GGUF/nomic-embed-text-v1.5.Q4_K_M.gguf",
            "text-embedding-nomic-embed-text-v1.5"
        ),
        ("a/text-embedding-b-GGUF/b.gguf", "text-embedding-b"),
    ])
    func marksEmbeddingModels(path: String, key: String) {
        #expect(keys([candidate(path, domain: .embedding)]) == [key])
    }

    @Test(arguments: [
        ("SmolLM2-135M-Instruct.Q4_1.gguf", "Q4_1"),
        ("qwen2.5-0.5b-instruct-q4_k_m.gguf", "Q4_K_M"), ("a_Q8_0.gguf", "Q8_0"),
        ("a-BF16-00001-of-00002.gguf", "BF16"), ("a-i1-IQ3_XXS.gguf", "I1-IQ3_XXS"),
        ("a-UD-Q2_K_XL.GGUF", "UD-Q2_K_XL"),
        ("a-TQ1_0.gguf", "TQ1_0"), ("a-mxfp4.gguf", "MXFP4"), ("model.gguf", nil),
        ("qwen3-4b.gguf", nil), ("Q4_K_M.gguf", nil),
        (".gguf", nil), ("", nil), ("Q9-q.gguf", nil),
    ])
    func readsQuantizationsInNames(fileName: String, quantization: String?) {
        #expect(ModelKey.quantization(fileName: fileName) == quantization)
    }

    @Test func variantsOfAModelAreNamedAfterTheirQuantization() {
        let names = ModelKey.assign([
            candidate("a/M-GGUF/M-Q2_K.gguf", "Q2_K", bits: 2),
            candidate("a/M-GGUF/M-Q4_K_M.gguf", "Q4_K_M", bits: 4),
            candidate("a/M-GGUF/M-Q8_0.gguf", "Q8_0", bits: 8),
            candidate("b/Other-GGUF/Other-Q8_0.gguf", "Q8_0", bits: 8),
        ])
        #expect(names.map(\.key) == ["m@q2_k", "m@q4_k_m", "m@q8_0", "other"])
        #expect(names.map(\.plain) == ["m", "m", "m", "other"])
        #expect(names.map(\.isPreferred) == [false, true, false, true])
    }

    @Test func repositoriesForEachQuantizationOfOnePublisherHoldVariants() {
        let names = keys([
            candidate("a/M-Q4_0-GGUF/m-q4_0.gguf", "Q4_0"),
            candidate("a/M-Q8_0-GGUF/m-q8_0.gguf", "Q8_0", bits: 8),
        ])
        #expect(names == ["m@q4_0", "m@q8_0"])
    }

    @Test func variantsThatLookAlikeAreNamedAfterTheirFiles() {
        let names = keys([
            candidate("a/M-GGUF/x/M-Q8_0.gguf", "Q8_0"),
            candidate("a/M-GGUF/y/M-Q8_0.gguf", "Q8_0"),
        ])
        #expect(Set(names).count == 2)
        #expect(names.allSatisfy { $0.hasPrefix("m@") })
    }

    @Test func modelsOfSeveralPublishersCarryThePublisher() {
        let names = keys([
            candidate("Alice/M-GGUF/M.gguf"), candidate("Bob/M-GGUF/M-Q4_0.gguf", "Q4_0"),
            candidate("Bob/M-GGUF/M-Q8_0.gguf", "Q8_0"),
        ])
        #expect(names == ["alice/m", "bob/m@q4_0", "bob/m@q8_0"])
    }

    @Test func severalModelsInOneRepositoryAreNamedAfterTheirFiles() {
        let names = keys([
            candidate("ggml-org/models/stories15M-q4_0.gguf"),
            candidate("ggml-org/models/stories260K.gguf"),
        ])
        #expect(names == ["stories15m", "stories260k"])
    }

    @Test func theBestVariantIsTheOneWithFourBitsOrALittleMore() {
        let q4KM = candidate("a", "Q4_K_M"), q4 = candidate("b", "Q4_0"),
            q5 = candidate("c", "Q5_0", bits: 5)
        let q3 = candidate("d", "Q3_K_L", bits: 3), f16 = candidate("e", "F16", bits: 16),
            unknown = candidate("f")
        let order = [q4KM, q4, q5, f16, q3, unknown]
        for (better, worse) in zip(order, order.dropFirst()) {
            #expect(ModelKey.isBetter(better, than: worse))
            #expect(!ModelKey.isBetter(worse, than: better))
        }
        #expect(!ModelKey.isBetter(q4, than: q4))
    }

    @Test(arguments: [
        (ModelStore.starterPath, "SmolLM2 135M Instruct"),
        ("a/Llama_3.2-1B-Q8_0-GGUF/x.gguf", "Llama 3.2 1B"),
        ("Solo-7B-Q4_0.gguf", "Solo 7B"), ("a/GGUF/x.gguf", "GGUF"), ("a/-/x.gguf", "-"),
    ])
    func formsNamesToShow(path: String, name: String) {
        #expect(ModelKey.displayName(path: path) == name)
    }

    @Test(arguments: [
        ("m-00001-of-00003.gguf", "m", 1, 3), ("a-b-00012-of-00012.gguf", "a-b", 12, 12),
    ])
    func readsNamesOfSplits(name: String, prefix: String, number: Int, count: Int) throws {
        let split = try #require(SplitName(fileName: name))
        #expect((split.prefix, split.number, split.count) == (prefix, number, count))
        #expect(split.allNames.count == count)
        #expect(split.allNames[number - 1] == name)
    }

    @Test(arguments: [
        "m.gguf", "-00001-of-00003.gguf", "m-0001-of-0003.gguf", "m-00004-of-00003.gguf",
        "m-00000-of-00003.gguf",
        "m-00001-of-00003.bin", "m-0000١-of-00003.gguf", "m-+0001-of-00003.gguf",
    ])
    func otherNamesAreNoSplits(_ name: String) {
        #expect(SplitName(fileName: name) == nil)
    }

    @Test(arguments: [
        (0, nil), (999, "999"), (1_000, "1K"), (40_096, "40K"), (134_515_008, "135M"),
        (999_400_000, "999M"),
        (999_600_000, "1B"), (1_235_814_400, "1.2B"), (6_738_415_616, "6.7B"),
        (7_000_000_000, "7B"), (9_960_000_000, "10B"),
        (70_553_706_496, "71B"), (1_040_000_000_000, "1T"), (UInt64.max, "18446744T"),
    ])
    func writesParameterCounts(count: UInt64, text: String?) {
        #expect(ParameterCount.text(count) == text)
    }

    @Test(arguments: [
        (15, "Q4_K_M", 4), (3, "Q4_1", 4), (7 + 1024, "Q8_0", 8), (32, "BF16", 16),
        (38, "MXFP4", 4),
    ])
    func namesFileTypes(number: Int, name: String, bits: Int) throws {
        let type = try #require(GGUFFileType(number: number))
        #expect((type.name, type.bits) == (name, bits))
    }

    @Test(arguments: [4, 5, 42, -1, Int.max])
    func otherFileTypesAreUnknown(_ number: Int) {
        #expect(GGUFFileType(number: number) == nil)
    }
}
