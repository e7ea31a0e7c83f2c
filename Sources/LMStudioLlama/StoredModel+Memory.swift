import CLlama
import LMStudioCore

extension StoredModel {
    /// What reads images for it takes, bytes.
    var projectorBytes: Int64 { projector.flatMap { FileStatus(path: $0)?.size } ?? 0 }

    /// What the model takes when it is loaded, from its hyper-parameters: quickly, for every load.
    ///
    /// An estimate, less than twice too low: layers that look at a window only are counted whole, small
    /// buffers are not, and a GPU's own memory is not told apart. ``measure(_:)`` knows exactly.
    ///
    /// - Returns: the estimate; the size of the files alone if the header cannot be read.
    func usage(_ config: LoadConfig) -> MemoryUsage {
        guard let header = try? GGUFFile(path: file) else {
            return MemoryUsage(modelBytes: info.sizeBytes + projectorBytes, contextBytes: 0)
        }
        let length = contextLength(config)
        let extra =
            header.cacheBytes(tokens: length, config) + header.bufferBytes(tokens: length, config)
        return MemoryUsage(
            modelBytes: info.sizeBytes + projectorBytes,
            contextBytes: Int64(min(max(extra, 0), 0x1p60))
        )
    }
}

extension GGUFFile {
    // Fractional arithmetic: hostile numbers must not overflow, and an estimate needs no exact bytes.

    fileprivate func cacheBytes(tokens: Int, _ config: LoadConfig) -> Double {
        guard !metadata.isEncoder else { return 0 }
        let heads = number("attention.head_count") ?? 1
        let keyHeads = number("attention.head_count_kv") ?? heads
        let headWidth = (number("embedding_length") ?? 0) / max(heads, 1)
        let keys = number("attention.key_length") ?? headWidth
        let values = number("attention.value_length") ?? headWidth
        let perToken =
            keys * Self.bytes(config.keyCacheType) + values * Self.bytes(config.valueCacheType)
        return Double(tokens) * Double(layerCount) * keyHeads * perToken
    }

    fileprivate func bufferBytes(tokens: Int, _ config: LoadConfig) -> Double {
        let pieces = min(config.physicalBatchSize ?? 512, config.evalBatchSize ?? 2048, tokens)
        // Most embedding models read a text as a whole.
        let batch = Double(metadata.domain == .embedding ? tokens : pieces)
        let width = number("embedding_length") ?? 0
        let feedForward = number("feed_forward_length") ?? 4 * width
        let words =
            metadata.isEncoder
            ? 0 : tensors.first { $0.name == "token_embd.weight" }?.dimensions.dropFirst().first
        // Without flash attention each token of a batch is held against each of the context.
        let scores =
            config.flashAttention == false
            ? Double(tokens) * (number("attention.head_count") ?? 1) : 0
        return batch * 4 * (Double(words ?? 0) + 4 * width + 2 * feedForward + scores)
    }

    private func number(_ name: String) -> Double? {
        guard case .integer(let value, _) = values["\(metadata.architecture).\(name)"] else {
            return nil
        }
        return Double(value)
    }

    /// Bytes an element of the cache takes.
    private static func bytes(_ type: LoadConfig.CacheType?) -> Double {
        // ggml's numbers of the types.
        let number: UInt32 =
            switch type ?? .f16 {
            case .f32: 0
            case .f16: 1
            case .q4_0: 2
            case .q4_1: 3
            case .q5_0: 6
            case .q5_1: 7
            case .q8_0: 8
            case .iq4_nl: 20
            }
        let elements: UInt64 = 1 << 10
        return Double(cllama_type_bytes(number, elements, 1)) / Double(elements)
    }
}
