// Models that do not remember everything they have read, or not as it was.
extension TinyModel {
    /// A Gemma 3 whose layers but each sixth look back at few tokens.
    package static func windowed(_ window: UInt32) -> GGUFWriter {
        var model = TinyModel()
        (model.architecture, model.layers, model.contextLength) = ("gemma3", 6, 4096)
        let headWidth = model.width / model.heads
        var writer = model.writer()
        writer.set("gemma3.attention.sliding_window", .uint32(window))
        writer.set("gemma3.attention.key_length", .uint32(UInt32(headWidth)))
        writer.set("gemma3.attention.value_length", .uint32(UInt32(headWidth)))
        for layer in 0..<model.layers {
            for (name, width) in [
                ("attn_q_norm", headWidth), ("attn_k_norm", headWidth),
                ("post_attention_norm", model.width), ("post_ffw_norm", model.width),
            ] {
                let ones = GGUFWriter.bytes(of: [Float](repeating: 1, count: width))
                writer.tensors.append(
                    .init("blk.\(layer).\(name).weight", [UInt64(width)], bytes: ones)
                )
            }
        }
        return writer
    }

    /// A Mamba: what it has read is one state.
    package static func recurrent() -> GGUFWriter {
        var model = TinyModel()
        (model.architecture, model.contextLength) = ("mamba", 4096)
        var writer = model.writer()
        for key in [
            "attention.head_count", "attention.head_count_kv", "rope.dimension_count",
            "feed_forward_length",
        ] {
            writer.set("mamba.\(key)", nil)
        }
        let (inner, state, rank, kernel) = (2 * model.width, 8, 4, 4)
        for (key, value) in [
            ("conv_kernel", kernel), ("inner_size", inner), ("state_size", state),
            ("time_step_rank", rank),
        ] {
            writer.set("mamba.ssm.\(key)", .uint32(UInt32(value)))
        }
        writer.tensors.removeAll { $0.name.hasPrefix("blk.") && !$0.name.contains("attn_norm") }
        var random = LinearCongruential(seed: model.seed)
        func add(_ name: String, _ dimensions: Int..., base: Float = 0, scale: Float = 0.4) {
            let numbers = (0..<dimensions.reduce(1, *)).map { _ in base + random.next() * scale }
            let bytes = GGUFWriter.bytes(of: numbers)
            writer.tensors.append(.init(name, dimensions.map { UInt64($0) }, bytes: bytes))
        }
        for layer in 0..<model.layers {
            let name = "blk.\(layer).ssm"
            add("\(name)_in.weight", model.width, 2 * inner)
            add("\(name)_conv1d.weight", kernel, inner)
            add("\(name)_conv1d.bias", inner)
            add("\(name)_x.weight", inner, rank + 2 * state)
            add("\(name)_dt.weight", rank, inner)
            add("\(name)_dt.bias", inner)
            // What it has read fades.
            add("\(name)_a", state, inner, base: -1)
            add("\(name)_d", inner, base: 1)
            add("\(name)_out.weight", inner, model.width)
        }
        return writer
    }
}
