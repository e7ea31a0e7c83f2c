import LMStudioCore

extension GGUFFile {
    /// Refuses hyper-parameters over which llama.cpp would end the process.
    ///
    /// Only what is plainly impossible, so that no file is refused that llama.cpp can use; what it
    /// refuses itself is left to it. Values for each layer (lists) are left to it as well.
    ///
    /// - Throws: `.engine` naming the metadata key and its value.
    func validateHyperparameters() throws(LMStudioError) {
        try require("context_length", in: 1...Int128(UInt32.max), otherwise: 0)
        try require("block_count", in: 1...512)
        let layers = integer("block_count") ?? 512
        try require("nextn_predict_layers", in: 0...layers)
        try require("pooling_type", in: 0...4)
        try validateExperts()
        for name in ["layer_norm_epsilon", "layer_norm_rms_epsilon", "group_norm_epsilon"] {
            if case .float(let value) = values[key("attention.\(name)")], !(value >= 0) {
                throw impossible("attention.\(name)", "\(value)", "a number that is not negative")
            }
        }
        let scalings = ["none", "linear", "yarn", "longrope"]
        if case .string(let scaling) = values[key("rope.scaling.type")], !scalings.contains(scaling)
        {
            throw impossible(
                "rope.scaling.type",
                scaling.quoted,
                scalings.joined(separator: ", ")
            )
        }
        try validateAttention()
    }

    /// Number of layers; 0 if the file does not say.
    var layerCount: Int { integer("block_count").map { Int(clamping: $0) } ?? 0 }

    /// Number of experts that one token's computation may choose from; 0: it has none.
    var expertCount: Int {
        let count = integer("expert_count") ?? 0
        guard let groups = integer("expert_group_count"), groups > 1,
            let used = integer("expert_group_used_count")
        else { return Int(clamping: count) }
        return Int(clamping: count / groups * used)
    }

    private func validateExperts() throws(LMStudioError) {
        let count = integer("expert_count") ?? 0
        if count <= 1, metadata.architecture.hasPrefix("hunyuan") { return }
        try require("expert_count", in: 0...1024)
        if case .array = values[key("expert_used_count")] { return }
        let isMixture = count > 0
        try require("expert_used_count", in: isMixture ? 1...count : 0...0, otherwise: 0)
        try require("expert_group_count", in: 0...(isMixture ? count - 1 : 0))
        guard let groups = integer("expert_group_count"), groups > 1 else { return }
        try require("expert_group_used_count", in: 1...(groups - 1), otherwise: 0)
        guard count % groups == 0 else {
            throw impossible("expert_group_count", "\(groups)", "a divisor of the \(count) experts")
        }
    }

    private func validateAttention() throws(LMStudioError) {
        guard isTransformer else { return }
        let most = Int128(UInt32.max)
        try require("attention.head_count", in: 1...most)
        try require("attention.head_count_kv", in: 1...most)
        try require("embedding_length", in: 1...most)
        try require("feed_forward_length", in: 1...most)
        guard let heads = integer("attention.head_count") else { return }
        if let keyHeads = integer("attention.head_count_kv"), heads % keyHeads != 0 {
            throw impossible(
                "attention.head_count_kv",
                "\(keyHeads)",
                "a divisor of the \(heads) attention heads"
            )
        }
        guard Self.uniformTransformers.contains(metadata.architecture),
            let width = integer("embedding_length")
        else { return }
        let keyWidth = integer("attention.key_length") ?? width / heads
        let rotated = integer("rope.dimension_count") ?? keyWidth
        guard keyWidth > 0, keyWidth == integer("attention.value_length") ?? width / heads,
            keyWidth == rotated,
            rotated % 2 == 0
        else {
            throw failure(
                "its attention heads have impossible widths (\(keyWidth) for keys, \(rotated) for positions)"
            )
        }
    }

    /// Whether all layers have attention and a feed-forward network, and nothing out of the ordinary.
    var isTransformer: Bool {
        Self.transformers.contains(metadata.architecture)
            || Self.uniformTransformers.contains(metadata.architecture)
    }

    private static let transformers: Set = ["gemma", "gemma2", "gemma3", "phi3"]

    // Those among them whose heads have one even width for keys, values and positions.
    private static let uniformTransformers: Set = [
        "arcee", "internlm2", "llama", "mistral3", "olmo", "olmo2", "olmoe", "qwen2", "qwen2moe",
        "qwen3", "qwen3moe", "seed_oss", "smollm3", "starcoder2",
    ]

    // MARK: Values

    private func key(_ name: String) -> String { "\(metadata.architecture).\(name)" }

    private func integer(_ name: String) -> Int128? {
        guard case .integer(let value, _) = values[key(name)] else { return nil }
        return value
    }

    /// Refuses a whole number outside a range; a missing one counts as `otherwise`, if that is given.
    private func require(
        _ name: String,
        in range: ClosedRange<Int128>,
        otherwise: Int128? = nil
    ) throws(LMStudioError) {
        let found = values[key(name)] == nil ? otherwise : integer(name)
        guard let value = found, !range.contains(value) else { return }
        let expected =
            range.lowerBound == range.upperBound
            ? "\(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
        throw impossible(name, "\(value)", expected)
    }

    private func impossible(_ name: String, _ value: String, _ expected: String) -> LMStudioError {
        failure(
            "its metadata key \(key(name).quoted) is \(value), but only \(expected) is possible"
        )
    }
}
