import CLlama
import LMStudioCore

/// The working memory of a model of either kind.
enum EngineContext {
    case predictions(LlamaContext)
    case embeddings(EmbeddingContext)

    /// Makes the context that a load asks for.
    ///
    /// - Parameters:
    ///   - stored: the model.
    ///   - model: its weights.
    ///   - config: how to load it.
    ///   - vision: reads images for it; `nil`: nobody does.
    /// - Throws: `.engine` if memory is short.
    init(
        of stored: StoredModel,
        _ model: LlamaModel,
        _ config: LoadConfig,
        vision: LlamaVision? = nil
    ) throws(LMStudioError) {
        let length = stored.contextLength(config)
        switch stored.info.domain {
        case .llm:
            self = .predictions(
                try LlamaContext(model: model, vision: vision, length: length, config: config)
            )
        case .embedding:
            let pooling = try TextPooling(GGUFFile(path: stored.file))
            self = .embeddings(
                try EmbeddingContext(
                    model: model,
                    length: length,
                    pooling: pooling,
                    config: config
                )
            )
        }
    }

    /// A configuration with what came of it: the engine's choices, and what it kept within its bounds.
    ///
    /// Options that this engine does not know have no effect, and are left out.
    func effective(_ config: LoadConfig) -> LoadConfig {
        var config = config
        config.others = [:]
        config.cpuThreadPoolSize = config.cpuThreadPoolSize.map(ThreadCount.given)
        switch self {
        case .predictions(let context):
            config.evalBatchSize = context.batchSize
            config.physicalBatchSize = context.microBatchSize
            config.maxParallelPredictions = context.sequenceCount
            config.useUnifiedKVCache = context.isUnified
        case .embeddings(let context):
            config.evalBatchSize = context.sharedTokens
        }
        return config
    }

    /// What it takes, with the model's weights, but without what reads images.
    fileprivate var memory: MemoryUsage {
        let pointer =
            switch self {
            case .predictions(let context): context.pointer
            case .embeddings(let context): context.pointer
            }
        var memory = cllama_memory()
        _ = cllama_context_memory(pointer, &memory)
        return MemoryUsage(
            modelBytes: Int64(memory.model),
            contextBytes: Int64(memory.context),
            modelVRAMBytes: Int64(memory.gpu_model),
            contextVRAMBytes: Int64(memory.gpu_context)
        )
    }
}

extension StoredModel {
    /// Longest context that is measured, tokens: llama.cpp keeps books of every one, some 64 bytes each,
    /// even where it gives them no memory.
    private static let longestMeasured = 1 << 23

    /// Whether `measure(_:)` itself needs little memory.
    func isMeasurable(_ config: LoadConfig) -> Bool {
        config.contextLength ?? 0 <= Self.longestMeasured
    }

    /// What a load takes, as llama.cpp lays it out without reading the weights.
    ///
    /// It reads the header and builds the graphs, which takes a fraction of a second.
    ///
    /// - Throws: what loading throws.
    func measure(_ config: LoadConfig) throws(LMStudioError) -> MemoryUsage {
        let model = try weights(config, isEmpty: true) { _ in true }
        return memory(of: try EngineContext(of: self, model, config))
    }

    /// What a context takes, with the weights and what reads images.
    func memory(of context: EngineContext) -> MemoryUsage {
        var memory = context.memory
        memory.modelBytes += projectorBytes
        return memory
    }
}
