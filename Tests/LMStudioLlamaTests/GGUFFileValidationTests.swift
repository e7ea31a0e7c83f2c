import LMStudioCore
import LMStudioTesting
import Testing

@testable import LMStudioLlama

/// What is refused before llama.cpp gets a file, each case seen to end its process or to be refused by it.
@Suite struct GGUFFileValidationTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func read(_ writer: GGUFWriter) throws -> GGUFFile {
        try GGUFFile(path: directory.write(writer.bytes(), to: "model.gguf"))
    }

    private func refusal(_ body: () throws -> Void) throws -> String {
        let error = try #require(throws: LMStudioError.self, performing: body)
        #expect(error.code == .engine)
        return error.message
    }

    // MARK: Tensors

    private static let damage: [(String, @Sendable (inout GGUFWriter.Tensor) -> Void, String)] = [
        ("type", { $0.type = 99 }, "has the unknown type 99"),
        ("removed type", { $0.type = 4 }, "has the unknown type 4"),
        (
            "blocks",
            {
                $0.type = 2; $0.dimensions = [33, 1]
            }, "33 elements, which are not whole blocks"
        ),
        (
            "size", { $0.dimensions = [1 << 20, 1 << 20] },
            "it ends in the middle of the data of tensor"
        ),
        ("bytes", { $0.dimensions = [1 << 62] }, "not whole blocks of its type or are too many"),
    ]

    @Test(arguments: damage.map(\.0))
    func refusesDamagedTensors(_ name: String) throws {
        let (_, change, reason) = try #require(Self.damage.first { $0.0 == name })
        var writer = TinyModel().writer()
        change(&writer.tensors[20])
        let file = try read(writer)
        let message = try refusal { try file.validateTensors() }
        #expect(message.contains("blk.1.ffn_down.weight"))
        #expect(message.contains(reason))
    }

    @Test(arguments: [
        [UInt64](repeating: 1, count: 5), [1 << 32, 1 << 32], [.max], [0, 1 << 40, 1 << 40],
    ])
    func refusesImpossibleDimensions(_ dimensions: [UInt64]) throws {
        var writer = TinyModel().writer()
        writer.tensors[3].dimensions = dimensions
        let message = try refusal { _ = try read(writer) }
        #expect(message.contains("tensor \"blk.0.attn_norm.weight\""))
    }

    @Test func refusesATensorThatIsThereTwice() throws {
        var writer = TinyModel().writer()
        writer.tensors[4].name = writer.tensors[3].name
        #expect(
            try refusal { _ = try read(writer) }.contains(
                "holds tensor \"blk.0.attn_norm.weight\" twice"
            )
        )
    }

    @Test func refusesDataOutOfPlace() throws {
        var writer = TinyModel().writer()
        writer.tensors[3].dimensions = [64]
        let file = try read(writer)
        #expect(
            try refusal { try file.validateTensors() }.contains(
                "the data of tensor \"blk.0.attn_q.weight\" begin at byte"
            )
        )
    }

    @Test func saysHowMuchOfADownloadIsMissing() throws {
        let bytes = TinyModel().bytes()
        let path = try directory.write(Array(bytes.dropLast(1_000)), to: "model.gguf")
        let message = try refusal { try GGUFFile(path: path).validateTensors() }
        #expect(
            message.contains(
                "it has \(bytes.count - 1_000) bytes, at least \(bytes.count) are needed"
            )
        )
        #expect(message.contains("the download may be incomplete"))
    }

    @Test(arguments: [("blk.0.attn_q.weight", 26), ("output.weight", 9), ("output_norm.weight", 1)])
    func refusesTypesThatNothingCanBeComputedWith(name: String, type: UInt32) throws {
        var writer = TinyModel().writer()
        let index = try #require(writer.tensors.firstIndex { $0.name == name })
        try read(writer).validateWeights()
        writer.tensors[index].type = type
        let file = try read(writer)
        #expect(try refusal { try file.validateWeights() }.contains("\"\(name)\" has type \(type)"))
    }

    // MARK: Hyper-parameters

    private static let impossible: [[(String, UInt32)]] = [
        [("context_length", 0)], [("block_count", 0)], [("block_count", 513)],
        [("nextn_predict_layers", 3)],
        [("expert_used_count", 1)], [("expert_count", 8)],
        [("expert_count", 1025), ("expert_used_count", 2)],
        [("expert_count", 8), ("expert_used_count", 9)], [("expert_group_count", 1)],
        [
            ("expert_count", 8), ("expert_used_count", 2), ("expert_group_count", 3),
            ("expert_group_used_count", 1),
        ],
        [("expert_count", 8), ("expert_used_count", 2), ("expert_group_count", 4)],
        [("attention.head_count", 0)], [("attention.head_count_kv", 0)],
        [("attention.head_count_kv", 3)],
        [("attention.head_count_kv", 8)], [("embedding_length", 0)], [("feed_forward_length", 0)],
        [("attention.key_length", 16)], [("attention.value_length", 16)],
        [("rope.dimension_count", 7)],
        [("attention.key_length", 7), ("attention.value_length", 7), ("rope.dimension_count", 7)],
    ]

    @Test(arguments: impossible)
    func refusesImpossibleHyperparameters(_ changes: [(String, UInt32)]) throws {
        var writer = TinyModel().writer()
        for (key, value) in changes { writer.set("llama.\(key)", .uint32(value)) }
        let file = try read(writer)
        _ = try refusal { try file.validateHyperparameters() }
    }

    private static let possible: [[(String, GGUFWriter.Value)]] = [
        [
            ("expert_count", .uint32(0)), ("expert_used_count", .uint32(0)),
            ("expert_group_count", .uint32(0)),
        ],
        [
            ("expert_count", .uint32(8)), ("expert_used_count", .uint32(8)),
            ("expert_group_count", .uint32(4)), ("expert_group_used_count", .uint32(2)),
        ],
        [("expert_count", .uint32(8)), ("expert_used_count", .uint32s([2, 0]))],
        [
            ("attention.head_count", .uint32s([4, 0])),
            ("attention.head_count_kv", .uint32s([2, 0])),
        ],
        [("feed_forward_length", .uint32s([64, 0]))],
        [("rope.scaling.type", .string("yarn"))],
        [("attention.head_count_kv", .uint32(1))],
        [
            ("attention.key_length", .uint32(64)), ("attention.value_length", .uint32(64)),
            ("rope.dimension_count", .uint32(64)),
        ],
    ]

    @Test(arguments: possible.indices)
    func leavesPossibleHyperparametersAlone(_ index: Int) throws {
        var writer = TinyModel().writer()
        for (key, value) in Self.possible[index] { writer.set("llama.\(key)", value) }
        try read(writer).validateHyperparameters()
    }

    @Test(arguments: [
        ("mamba", 0, 0), ("deci", 0, 0), ("deepseek2", 16, 1), ("an-unknown-one", 0, 7),
    ])
    func leavesOtherArchitecturesAlone(architecture: String, heads: UInt32, keyHeads: UInt32) throws
    {
        var model = TinyModel()
        model.architecture = architecture
        var writer = model.writer()
        writer.set("\(architecture).attention.head_count", .uint32(heads))
        writer.set("\(architecture).attention.head_count_kv", .uint32(keyHeads))
        try read(writer).validateHyperparameters()
    }

    @Test func refusesValuesThatAreNoNumbers() throws {
        for value in [Float.nan, -1] {
            var writer = TinyModel().writer()
            writer.set("llama.attention.layer_norm_rms_epsilon", .float32(value))
            let file = try read(writer)
            #expect(
                try refusal { try file.validateHyperparameters() }.contains(
                    "layer_norm_rms_epsilon"
                )
            )
        }
        var writer = TinyModel().writer()
        writer.set("llama.rope.scaling.type", .string("cubic"))
        let file = try read(writer)
        #expect(try refusal { try file.validateHyperparameters() }.contains("\"cubic\""))
    }

    // MARK: Vocabulary

    @Test func refusesATokenThatIsThereTwice() throws {
        var writer = TinyModel().writer()
        writer.set("tokenizer.ggml.tokens", .strings(["a", "é", "b", "e\u{301}", "", "", "b"]))
        let file = try read(writer)
        #expect(try refusal { try file.validateVocabulary() }.contains("token \"b\" twice"))
        writer.set("tokenizer.ggml.tokens", .strings(["a", "é", "e\u{301}", "", ""]))
        try read(writer).validateVocabulary()
    }

    @Test func refusesAModelWithoutAVocabulary() throws {
        var writer = TinyModel().writer()
        writer.set("tokenizer.ggml.model", .string("none"))
        #expect(try refusal { try read(writer).validateVocabulary() }.contains("no vocabulary"))
        writer.set("tokenizer.ggml.model", .string("llama"))
        writer.set("tokenizer.ggml.tokens", nil)
        #expect(try refusal { try read(writer).validateVocabulary() }.contains("no vocabulary"))
    }

    @Test func refusesAFirstTokenThatDoesNotExist() throws {
        var writer = TinyModel().writer()
        writer.set("tokenizer.ggml.tokens", .strings(["a"]))
        #expect(try refusal { try read(writer).validateVocabulary() }.contains("first token"))
        writer.set("tokenizer.ggml.add_bos_token", .bool(false))
        try read(writer).validateVocabulary()
        writer.set("tokenizer.ggml.add_bos_token", .bool(true))
        writer.set("tokenizer.ggml.bos_token_id", .uint32(0))
        try read(writer).validateVocabulary()
    }
}
