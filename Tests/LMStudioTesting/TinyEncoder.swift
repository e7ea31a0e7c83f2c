/// A BERT of some 30,000 random weights, the same each time, that llama.cpp computes vectors with.
///
/// Its words are single letters and digits: a word of n of them has n tokens, and each text two more.
package struct TinyEncoder: Sendable {
    /// How llama.cpp is to sum up a text: 0 not at all, 1 the average, 2 the first token, 4 a mark.
    package var pooling: UInt32? = 1
    /// Most tokens of a text.
    package var contextLength: UInt32 = 64
    /// Number of layers, ≥ 1.
    package var layers = 2
    /// Width, a multiple of the heads.
    package var width = 32
    /// Attention heads.
    package var heads = 4
    /// Width of the feed-forward network.
    package var feedForwardWidth = 64
    /// Where the random weights start from.
    package var seed: UInt64 = 1

    /// Makes a model that can be changed before it is written.
    package init() {}

    /// The file, to be changed further or written.
    package func writer() -> GGUFWriter {
        GGUFWriter(metadata: metadata, tensors: tensors())
    }

    /// The whole file.
    package func bytes() -> [UInt8] { writer().bytes() }

    /// As llama.cpp's converter writes BERT's: control tokens at their usual places, then letters that
    /// begin a word and letters that go on with one.
    private var tokens: [String] {
        let control = (0..<104).map { number in
            [0: "[PAD]", 100: "[UNK]", 101: "[CLS]", 102: "[SEP]", 103: "[MASK]"][number]
                ?? "[unused\(number)]"
        }
        let letters = "abcdefghijklmnopqrstuvwxyz0123456789".map(String.init)
        return control + letters.map { "▁" + $0 } + letters
    }

    private var metadata: [(key: String, value: GGUFWriter.Value)] {
        let tokens = tokens
        var all: [(key: String, value: GGUFWriter.Value)] = [
            ("general.architecture", .string("bert")),
            ("general.type", .string("model")),
            ("general.name", .string("Tiny Encoder")),
            ("general.file_type", .uint32(0)),
            ("bert.context_length", .uint32(contextLength)),
            ("bert.embedding_length", .uint32(UInt32(width))),
            ("bert.block_count", .uint32(UInt32(layers))),
            ("bert.feed_forward_length", .uint32(UInt32(feedForwardWidth))),
            ("bert.attention.head_count", .uint32(UInt32(heads))),
            ("bert.attention.layer_norm_epsilon", .float32(1e-12)),
            ("bert.attention.causal", .bool(false)),
            ("tokenizer.ggml.model", .string("bert")),
            ("tokenizer.ggml.pre", .string("default")),
            ("tokenizer.ggml.tokens", .strings(tokens)),
            ("tokenizer.ggml.token_type", .int32s(tokens.indices.map { $0 < 104 ? 3 : 1 })),
            ("tokenizer.ggml.token_type_count", .uint32(2)),
            ("tokenizer.ggml.bos_token_id", .uint32(101)),
            ("tokenizer.ggml.unknown_token_id", .uint32(100)),
            ("tokenizer.ggml.seperator_token_id", .uint32(102)),
            ("tokenizer.ggml.padding_token_id", .uint32(0)),
        ]
        if let pooling { all.append(("bert.pooling_type", .uint32(pooling))) }
        return all
    }

    private func tensors() -> [GGUFWriter.Tensor] {
        var random = LinearCongruential(seed: seed)
        func tensor(_ name: String, _ dimensions: Int..., base: Float = 0) -> GGUFWriter.Tensor {
            let numbers = (0..<dimensions.reduce(1, *)).map { _ in base + random.next() * 0.2 }
            return .init(name, dimensions.map(UInt64.init), bytes: GGUFWriter.bytes(of: numbers))
        }
        func norm(_ name: String) -> [GGUFWriter.Tensor] {
            [tensor("\(name).weight", width, base: 1), tensor("\(name).bias", width)]
        }
        func linear(_ name: String, _ columns: Int, _ rows: Int) -> [GGUFWriter.Tensor] {
            [tensor("\(name).weight", columns, rows), tensor("\(name).bias", rows)]
        }
        var all = [
            tensor("token_embd.weight", width, tokens.count),
            tensor("position_embd.weight", width, Int(contextLength)),
            tensor("token_types.weight", width, 2),
        ]
        all += norm("token_embd_norm")
        for layer in 0..<layers {
            for part in ["attn_q", "attn_k", "attn_v", "attn_output"] {
                all += linear("blk.\(layer).\(part)", width, width)
            }
            all += norm("blk.\(layer).attn_output_norm")
            all += linear("blk.\(layer).ffn_up", width, feedForwardWidth)
            all += linear("blk.\(layer).ffn_down", feedForwardWidth, width)
            all += norm("blk.\(layer).layer_output_norm")
        }
        return all
    }
}
