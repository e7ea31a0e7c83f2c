/// How a model is loaded.
///
/// What is `nil` is the engine's choice.
public struct LoadConfig: Sendable, Hashable {
    /// Context, tokens, ≥ 1; `nil`: 4,096 or what the model was trained for, whichever is less.
    public var contextLength: Int?
    /// Most tokens of a prompt that are handed to the engine at once, ≥ 1; default 2,048.
    public var evalBatchSize: Int?
    /// Tokens of a prompt between two progress reports and checks for cancellation, ≥ 1; default 512.
    public var physicalBatchSize: Int?
    /// Flash attention on or off; `nil`: on where the hardware gains from it.
    public var flashAttention: Bool?
    /// Whether the weights are locked in memory; default false.
    public var keepModelInMemory: Bool?
    /// Whether the file is mapped rather than read; default true.
    public var tryMmap: Bool?
    /// Whether the file is read past the system's cache, where the system can, rather than mapped;
    /// default false.
    public var tryDirectIO: Bool?
    /// Seed of predictions that name none, 0…4,294,967,295; `nil`: another one each time.
    public var seed: UInt32?
    /// Share of the layers on the GPU, 0…1; default 1, without effect where there is no GPU.
    public var gpuRatio: Double?
    /// Share of the layers whose experts stay off the GPU, the first layers, 0…1; default 0.
    public var cpuExpertLayersRatio: Double?
    /// The GPU that comes first, by its index from 0; default: llama.cpp's choice.
    public var mainGPU: Int?
    /// How the layers are shared among several GPUs; `nil`, the default: by their free memory.
    public var gpuSplitStrategy: GPUSplitStrategy?
    /// GPUs that get nothing, by their indices from 0; default: none.
    public var disabledGPUs: [Int] = []
    /// Whether so few layers go to the GPUs that their free memory suffices; default false.
    public var strictVRAMCap: Bool?
    /// Whether the KV cache lies on the GPU too; default true.
    public var offloadKVCacheToGPU: Bool?
    /// Experts that take part in each token, 1 to as many as the model has; `nil` or 0: the model's
    /// own number.
    public var expertCount: Int?
    /// Base of the rotary position embedding, 0…1e12; `nil` or 0: the model's.
    public var ropeFrequencyBase: Double?
    /// Scale of the rotary position embedding, 0…1e6; `nil` or 0: the model's.
    public var ropeFrequencyScale: Double?
    /// Type of the cached keys; default f16.
    public var keyCacheType: CacheType?
    /// Type of the cached values; default f16; the quantized ones need flash attention.
    public var valueCacheType: CacheType?
    /// Jinja template for chats, in place of the model's own; predictions may bring another one.
    public var promptTemplate: String?
    /// Text that ends a model's thinking before the mark after it, where `reasoningBudget` ends it;
    /// default: none.
    public var reasoningBudgetMessage: String?
    /// States that are kept of each prediction's prompt where the model could not go back to them, as
    /// one with sliding windows or a recurrent one cannot; default 8; 0: none.
    public var contextCheckpoints: Int?
    /// How predictions guess ahead unless they say otherwise; by default without a draft model.
    public var drafting = LoadDrafting()
    /// Threads that the model computes with, 1…512, no more than there are processors; default: one for
    /// each physical core.
    ///
    /// Predictions that ask for more by `cpuThreads` get as many as there are.
    public var cpuThreadPoolSize: Int?

    /// Predictions that run at once, 1…1,023; default 4; the others wait their turn.
    ///
    /// The engine in this process runs at most 256, and no more than `physicalBatchSize`.
    public var maxParallelPredictions: Int?
    /// Whether the predictions that run at once share the context; default true.
    ///
    /// If not, each has an equal part of `contextLength` for itself.
    public var useUnifiedKVCache: Bool?

    /// Options that have no property here: LM Studio's name → JSON text of the value.
    ///
    /// A server gets them as they are; ``ModelHost/review(_:)-(LoadConfig)`` tells what another host
    /// makes of them.
    public var others: [String: String] = [:]

    /// How the KV cache is stored; the names are llama.cpp's.
    public enum CacheType: String, Sendable, CaseIterable {
        // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
        case f32, f16, q8_0, q4_0, q4_1, iq4_nl, q5_0, q5_1
    }

    /// How the layers are shared among several GPUs; the raw values are LM Studio's.
    public enum GPUSplitStrategy: String, Sendable, CaseIterable {
        /// Each GPU has as many as the others.
        case evenly
        /// The first GPU is filled, the others share the rest.
        case favorMainGPU = "favorMainGpu"
    }

    /// Makes a configuration in which everything is the engine's choice.
    public init() {}

    /// Refuses values outside their ranges.
    ///
    /// - Throws: `.invalidArgument` naming the option, the value and the range.
    package func validate() throws(LMStudioError) {
        try OptionRange.check("contextLength", contextLength, in: 1...Int(Int32.max))
        try OptionRange.check("evalBatchSize", evalBatchSize, in: 1...Int(Int32.max))
        try OptionRange.check("physicalBatchSize", physicalBatchSize, in: 1...Int(Int32.max))
        try OptionRange.check("maxParallelPredictions", maxParallelPredictions, in: 1...1023)
        try OptionRange.check("gpu.ratio", gpuRatio, in: 0...1)
        try OptionRange.check("gpu.numCpuExpertLayersRatio", cpuExpertLayersRatio, in: 0...1)
        try OptionRange.check("numExperts", expertCount, in: 0...Int(Int32.max))
        try OptionRange.check("contextCheckpoints", contextCheckpoints, in: 0...Int(Int32.max))
        try OptionRange.check("cpuThreadPoolSize", cpuThreadPoolSize, in: 1...512)
        try validateGPUs()
        try drafting.validate()
        try OptionRange.check("ropeFrequencyBase", ropeFrequencyBase, in: 0...1e12)
        try OptionRange.check("ropeFrequencyScale", ropeFrequencyScale, in: 0...1e6)
    }
    private func validateGPUs() throws(LMStudioError) {
        try OptionRange.check("gpu.mainGpu", mainGPU, in: 0...Int(Int32.max))
        for index in disabledGPUs {
            try OptionRange.check("gpu.disabledGpus", index, in: 0...Int(Int32.max))
        }
        if let mainGPU, disabledGPUs.contains(mainGPU) {
            throw LMStudioError(
                .invalidArgument,
                "gpu.mainGpu \(mainGPU) is one of gpu.disabledGpus; take it out of one of them"
            )
        }
    }
}
