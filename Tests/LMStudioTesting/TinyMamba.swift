/// A Mamba of some 30,000 random weights, the same each time: what it has read is one state, which cannot
/// be taken back.
package struct TinyMamba: Sendable {
    /// Longest context, tokens.
    package var contextLength: UInt32 = 512
    /// Number of layers, ≥ 1.
    package var layers = 2
    /// Width.
    package var width = 32
    /// Numbers of a state, for each of twice the width.
    package var stateWidth = 8
    /// Where the random weights start from.
    package var seed: UInt64 = 1

    private static let kernelWidth = 4
    private static let rank = 2
    private var innerWidth: Int { 2 * width }

    /// Makes a model that can be changed before it is written.
    package init() {}

    /// The whole file.
    package func bytes() -> [UInt8] {
        let vocabulary = TinyModel.Vocabulary.sentencePiece
        return GGUFWriter(metadata: metadata(vocabulary), tensors: tensors(vocabulary)).bytes()
    }

    private func metadata(
        _ vocabulary: TinyModel.Vocabulary
    ) -> [(key: String, value: GGUFWriter.Value)] {
        [
            ("general.architecture", .string("mamba")),
            ("general.type", .string("model")),
            ("general.name", .string("Tiny Mamba")),
            ("general.file_type", .uint32(0)),
            ("mamba.context_length", .uint32(contextLength)),
            ("mamba.embedding_length", .uint32(UInt32(width))),
            ("mamba.block_count", .uint32(UInt32(layers))),
            ("mamba.feed_forward_length", .uint32(0)),
            ("mamba.attention.head_count", .uint32(0)),
            ("mamba.attention.layer_norm_rms_epsilon", .float32(1e-5)),
            ("mamba.ssm.conv_kernel", .uint32(UInt32(Self.kernelWidth))),
            ("mamba.ssm.inner_size", .uint32(UInt32(innerWidth))),
            ("mamba.ssm.state_size", .uint32(UInt32(stateWidth))),
            ("mamba.ssm.time_step_rank", .uint32(UInt32(Self.rank))),
            ("mamba.vocab_size", .uint32(UInt32(vocabulary.tokens.count))),
        ] + vocabulary.metadata
    }

    private func tensors(_ vocabulary: TinyModel.Vocabulary) -> [GGUFWriter.Tensor] {
        var random = LinearCongruential(seed: seed)
        func tensor(
            _ name: String,
            _ dimensions: Int...,
            base: Float = 0,
            scale: Float = 0.4
        ) -> GGUFWriter.Tensor {
            let numbers = (0..<dimensions.reduce(1, *)).map { _ in base + random.next() * scale }
            return .init(name, dimensions.map(UInt64.init), bytes: GGUFWriter.bytes(of: numbers))
        }
        let count = vocabulary.tokens.count
        var all = [
            tensor("token_embd.weight", width, count, scale: 1),
            tensor("output_norm.weight", width, base: 1, scale: 0),
            tensor("output.weight", width, count, scale: 1),
        ]
        for layer in 0..<layers {
            let name = "blk.\(layer)"
            all += [
                tensor("\(name).attn_norm.weight", width, base: 1, scale: 0),
                tensor("\(name).ssm_in.weight", width, 2 * innerWidth),
                tensor("\(name).ssm_conv1d.weight", Self.kernelWidth, innerWidth),
                tensor("\(name).ssm_conv1d.bias", innerWidth),
                tensor("\(name).ssm_x.weight", innerWidth, Self.rank + 2 * stateWidth),
                tensor("\(name).ssm_dt.weight", Self.rank, innerWidth),
                tensor("\(name).ssm_dt.bias", innerWidth),
                // Negative: a state fades.
                tensor("\(name).ssm_a", stateWidth, innerWidth, base: -1),
                tensor("\(name).ssm_d", innerWidth),
                tensor("\(name).ssm_out.weight", innerWidth, width),
            ]
        }
        return all
    }
}
