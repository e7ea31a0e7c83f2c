import LMStudioCore

extension OptionTable {
    /// Options of loading; keys begin with `llm.load.` or `embedding.load.`, but for the shared ones.
    ///
    /// Those that official clients have no name for are at the end, under names like the others'.
    static let load = OptionTable(
        "load",
        [
            .plain("contextLength", "contextLength", .integer, isForEmbedding: true),
            .plain("gpu.ratio", "llama.acceleration.offloadRatio", .ratio, isForEmbedding: true),
            .gpuSplit(GPUSplit.mainGPU, .integer),
            .gpuSplit(GPUSplit.strategy, .words(splitStrategies)),
            .gpuSplit(GPUSplit.disabledGPUs, .integers),
            .plain("gpu.numCpuExpertLayersRatio", "numCpuExpertLayersRatio", .ratio),
            .plain("gpuStrictVramCap", "load.gpuStrictVramCap", .bool, isShared: true),
            .plain("offloadKVCacheToGpu", "offloadKVCacheToGpu", .bool),
            .plain("numExperts", "numExperts", .integer),
            .checkbox("seed", "seed", .seed, off: .integer(0), isForEmbedding: true),
            .checkbox(
                "ropeFrequencyBase",
                "llama.ropeFrequencyBase",
                .number,
                off: .integer(0),
                isForEmbedding: true
            ),
            .checkbox(
                "ropeFrequencyScale",
                "llama.ropeFrequencyScale",
                .number,
                off: .integer(0),
                isForEmbedding: true
            ),
            .plain("evalBatchSize", "llama.evalBatchSize", .integer, isForEmbedding: true),
            .plain("physicalBatchSize", "llama.physicalBatchSize", .integer),
            .plain("flashAttention", "llama.flashAttention", .bool),
            .plain("keepModelInMemory", "llama.keepModelInMemory", .bool, isForEmbedding: true),
            .plain("useFp16ForKVCache", "llama.useFp16ForKVCache", .bool),
            .plain("tryMmap", "llama.tryMmap", .bool, isForEmbedding: true),
            .plain("tryDirectIO", "llama.tryDirectIO", .bool),
            .checkbox(
                "llamaKCacheQuantizationType",
                "llama.kCacheQuantizationType",
                .words(cacheTypes),
                off: .string("f16")
            ),
            .checkbox(
                "llamaVCacheQuantizationType",
                "llama.vCacheQuantizationType",
                .words(cacheTypes),
                off: .string("f16")
            ),
            .plain("maxParallelPredictions", "numParallelSessions", .integer),
            .plain("useUnifiedKvCache", "useUnifiedKvCache", .bool),
            .plain("promptTemplate", "promptTemplate", .object),
            .plain("contextCheckpoints", "llama.contextCheckpoints", .integer),
            .plain("reasoningBudgetMessage", "llama.reasoningBudgetMessage", .string),
            .plain("speculativeDraftMtp", "llama.speculativeDecoding.draftMtp", .bool),
            .plain("speculativeDraftSimple", "llama.speculativeDecoding.draftSimple", .bool),
            .plain("speculativeDraftModel", "llama.speculativeDecoding.draftModel", .string),
            .plain(
                "speculativeDraftMaxTokens",
                "llama.speculativeDecoding.draftMaxTokens",
                .integer
            ),
            .plain(
                "speculativeDraftMinTokens",
                "llama.speculativeDecoding.draftMinTokens",
                .integer
            ),
            .plain(
                "speculativeDraftMinContinueProbability",
                "llama.speculativeDecoding.draftMinContinueProbability",
                .number
            ),
            .plain("mlxDiskCache", "mlx.diskCache", .bool),
            .plain("mlxKvCacheQuantization", "mlx.kvCacheQuantization", .object),
            .plain(rawName, nil, .object),
            .plain(
                "speculativeDraftDflashSidecar",
                "llama.speculativeDecoding.draftDflashSidecar",
                .bool
            ),
            .plain(
                "speculativeDraftDsparkSidecar",
                "llama.speculativeDecoding.draftDsparkSidecar",
                .bool
            ),
            .plain(
                "speculativeDraftMtpSidecar",
                "llama.speculativeDecoding.draftMtpSidecar",
                .bool
            ),
            .plain("autoFitMinContextLength", "autoFitMinContextLength", .integer),
            .plain("llamaAutoFit", "llama.autoFit", .bool),
            .plain("mlxAutoFit", "mlx.autoFit", .bool),
            .plain("cpuThreadPoolSize", "llama.cpuThreadPoolSize", .integer),
            .plain("envVars", "envVars", .object, isShared: true),
        ]
    )

    private static let splitStrategies = LoadConfig.GPUSplitStrategy.allCases.map(\.rawValue)
    private static let cacheTypes = LoadConfig.CacheType.allCases.map(\.rawValue)
}
