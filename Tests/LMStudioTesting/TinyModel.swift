/// A llama model of about 40,000 random weights, the same each time, that llama.cpp loads and runs.
///
/// It writes nonsense, fast, and does not stop by itself: the logits of its control tokens are zero,
/// far below the highest.
package struct TinyModel: Sendable {
    /// How text is cut into tokens; both know all bytes.
    package enum Tokenizer: Sendable, CaseIterable {
        /// SentencePiece, as Llama 2: a space before the text, bytes as `<0x0A>`.
        case sentencePiece
        /// Byte pairs, as GPT-2.
        case bytePairs
    }

    /// `general.architecture`; the tensors are those of `llama` in any case.
    package var architecture = "llama"
    /// `general.name`.
    package var name = "Tiny Test"
    /// How text is cut into tokens.
    package var tokenizer = Tokenizer.sentencePiece
    /// Longest context, tokens.
    package var contextLength: UInt32 = 512
    /// Number of layers, ≥ 1.
    package var layers = 2
    /// Width, a multiple of twice the heads.
    package var width = 32
    /// Attention heads, a multiple of the heads of keys and values.
    package var heads = 4
    /// Attention heads of keys and values.
    package var keyHeads = 2
    /// Width of the feed-forward network.
    package var feedForwardWidth = 64
    /// Experts that its feed-forward networks are made of; 0: one network, no experts.
    package var experts = 0
    /// Experts that take part in each token.
    package var usedExperts = 0
    /// Jinja, or none.
    package var chatTemplate: String?
    /// Where the random weights start from.
    package var seed: UInt64 = 1

    /// Makes a model that can be changed before it is written.
    package init() {}

    /// The file, to be changed further or written.
    package func writer() -> GGUFWriter {
        let vocabulary = tokenizer == .sentencePiece ? Vocabulary.sentencePiece : .bytePairs
        return GGUFWriter(metadata: metadata(vocabulary), tensors: tensors(vocabulary))
    }

    /// The whole file.
    package func bytes() -> [UInt8] { writer().bytes() }

    private func metadata(_ vocabulary: Vocabulary) -> [(key: String, value: GGUFWriter.Value)] {
        var all: [(key: String, value: GGUFWriter.Value)] = [
            ("general.architecture", .string(architecture)),
            ("general.type", .string("model")),
            ("general.name", .string(name)),
            ("general.file_type", .uint32(0)),
            ("\(architecture).context_length", .uint32(contextLength)),
            ("\(architecture).embedding_length", .uint32(UInt32(width))),
            ("\(architecture).block_count", .uint32(UInt32(layers))),
            ("\(architecture).feed_forward_length", .uint32(UInt32(feedForwardWidth))),
            ("\(architecture).attention.head_count", .uint32(UInt32(heads))),
            ("\(architecture).attention.head_count_kv", .uint32(UInt32(keyHeads))),
            ("\(architecture).attention.layer_norm_rms_epsilon", .float32(1e-5)),
            ("\(architecture).rope.dimension_count", .uint32(UInt32(width / heads))),
            ("\(architecture).vocab_size", .uint32(UInt32(vocabulary.tokens.count))),
        ]
        if experts > 0 {
            all.append(("\(architecture).expert_count", .uint32(UInt32(experts))))
            all.append(("\(architecture).expert_used_count", .uint32(UInt32(usedExperts))))
        }
        all += vocabulary.metadata
        if let chatTemplate { all.append(("tokenizer.chat_template", .string(chatTemplate))) }
        return all
    }

    private func tensors(_ vocabulary: Vocabulary) -> [GGUFWriter.Tensor] {
        var random = LinearCongruential(seed: seed)
        func matrix(_ name: String, _ columns: Int, _ rows: Int, scale: Float) -> GGUFWriter.Tensor
        {
            let numbers = (0..<(columns * rows)).map { _ in random.next() * scale }
            return .init(
                name,
                [UInt64(columns), UInt64(rows)],
                bytes: GGUFWriter.bytes(of: numbers)
            )
        }
        func ones(_ name: String) -> GGUFWriter.Tensor {
            let numbers = [Float](repeating: 1, count: width)
            return .init(name, [UInt64(width)], bytes: GGUFWriter.bytes(of: numbers))
        }
        let keyWidth = width / heads * keyHeads
        var output = matrix("output.weight", width, vocabulary.tokens.count, scale: 1)
        for (index, token) in vocabulary.tokens.enumerated()
        where token.type != .normal && token.type != .byte {
            let row = index * width * 4
            output.bytes.replaceSubrange(
                row..<(row + width * 4),
                with: repeatElement(0, count: width * 4)
            )
        }
        var all = [
            matrix("token_embd.weight", width, vocabulary.tokens.count, scale: 1),
            ones("output_norm.weight"), output,
        ]
        for layer in 0..<layers {
            all += [
                ones("blk.\(layer).attn_norm.weight"),
                matrix("blk.\(layer).attn_q.weight", width, width, scale: 0.4),
                matrix("blk.\(layer).attn_k.weight", width, keyWidth, scale: 0.4),
                matrix("blk.\(layer).attn_v.weight", width, keyWidth, scale: 0.4),
                matrix("blk.\(layer).attn_output.weight", width, width, scale: 0.4),
                ones("blk.\(layer).ffn_norm.weight"),
            ]
            let shapes = [
                ("gate", width, feedForwardWidth), ("up", width, feedForwardWidth),
                ("down", feedForwardWidth, width),
            ]
            for (part, columns, rows) in shapes {
                let name = "blk.\(layer).ffn_\(part)"
                guard experts > 0 else {
                    all.append(matrix("\(name).weight", columns, rows, scale: 0.4))
                    continue
                }
                var tensor = matrix("\(name)_exps.weight", columns, rows * experts, scale: 0.4)
                tensor.dimensions = [columns, rows, experts].map { UInt64($0) }
                all.append(tensor)
            }
            if experts > 0 {
                all.append(matrix("blk.\(layer).ffn_gate_inp.weight", width, experts, scale: 1))
            }
        }
        return all
    }
}

/// Knuth's MMIX generator: the same numbers on each machine.
struct LinearCongruential {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// A number in -1..<1.
    mutating func next() -> Float {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Float(state >> 40) / Float(1 << 23) - 1
    }
}
