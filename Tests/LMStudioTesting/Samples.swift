package import LMStudioCore

extension ModelInfo {
    /// A language model with everything known.
    package static var sample: ModelInfo {
        ModelInfo(
            domain: .llm,
            modelKey: "sample-1b",
            displayName: "Sample 1B",
            publisher: "acme",
            path: "acme/Sample-1B-GGUF/Sample-1B-Q4_K_M.gguf",
            sizeBytes: 1_000_000,
            parameters: "1B",
            architecture: "llama",
            quantization: Quantization(name: "Q4_K_M", bits: 4),
            maxContextLength: 8192,
            hasChatTemplate: true,
            vision: false,
            trainedForToolUse: true
        )
    }

    /// An embedding model of which only the necessary is known.
    package static var embeddingSample: ModelInfo {
        ModelInfo(
            domain: .embedding,
            modelKey: "text-embedding-sample",
            displayName: "Sample Embedding",
            publisher: "acme",
            path: "acme/Sample-Embedding-GGUF/Sample-Embedding.gguf",
            sizeBytes: 2_000,
            maxContextLength: 512
        )
    }
}

extension ModelInstanceInfo {
    /// ``ModelInfo/sample``, loaded.
    package static var sample: ModelInstanceInfo {
        ModelInstanceInfo(
            model: .sample,
            identifier: "sample-1b",
            instanceReference: "reference-1",
            contextLength: 4096
        )
    }

    /// ``ModelInfo/embeddingSample``, loaded.
    package static var embeddingSample: ModelInstanceInfo {
        ModelInstanceInfo(
            model: .embeddingSample,
            identifier: "text-embedding-sample",
            instanceReference: "reference-2",
            contextLength: 512
        )
    }
}

extension PredictionSummary {
    /// A summary in which little is known.
    package static func sample(
        _ stopReason: PredictionStats.StopReason,
        config: PredictionConfig = PredictionConfig()
    ) -> PredictionSummary {
        PredictionSummary(
            stats: PredictionStats(stopReason: stopReason),
            modelInfo: .sample,
            loadConfig: LoadConfig(),
            predictionConfig: config
        )
    }
}

extension PredictionEvent {
    /// A fragment of one token.
    package static func text(_ content: String) -> PredictionEvent {
        .fragment(PredictionFragment(content: content, tokensCount: 1))
    }
}

extension UsageEstimate {
    /// 120 bytes, for which there is room.
    package static let sample = UsageEstimate(
        memory: MemoryUsage(modelBytes: 100, contextBytes: 20),
        confidence: .high,
        passesGuardrails: true
    )
}
