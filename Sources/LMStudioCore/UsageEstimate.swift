/// What a model takes, or would take, when it is loaded.
public struct MemoryUsage: Sendable, Hashable {
    /// The weights, bytes, wherever they are.
    public var modelBytes: Int64
    /// The KV cache and the buffers to compute in, bytes, wherever they are.
    public var contextBytes: Int64
    /// Of the weights, bytes on GPUs.
    public var modelVRAMBytes: Int64
    /// Of the cache and the buffers, bytes on GPUs.
    public var contextVRAMBytes: Int64
    /// All together, bytes.
    public var totalBytes: Int64 { modelBytes + contextBytes }
    /// All on GPUs, bytes.
    public var totalVRAMBytes: Int64 { modelVRAMBytes + contextVRAMBytes }

    /// Makes a usage.
    public init(
        modelBytes: Int64,
        contextBytes: Int64,
        modelVRAMBytes: Int64 = 0,
        contextVRAMBytes: Int64 = 0
    ) {
        self.modelBytes = modelBytes
        self.contextBytes = contextBytes
        self.modelVRAMBytes = modelVRAMBytes
        self.contextVRAMBytes = contextVRAMBytes
    }
}

/// What is to be expected of a load.
public struct UsageEstimate: Sendable, Hashable {
    /// What it would take.
    public var memory: MemoryUsage
    /// How far that is to be trusted.
    public var confidence: Confidence
    /// Whether there is room for it beside what is loaded.
    public var passesGuardrails: Bool

    /// How far an estimate is to be trusted; the raw values are LM Studio's.
    public enum Confidence: String, Sendable {
        /// The engine has laid it out without loading it.
        case high
        /// It comes from the model's dimensions.
        case low
    }

    /// Makes an estimate.
    public init(memory: MemoryUsage, confidence: Confidence, passesGuardrails: Bool) {
        self.memory = memory
        self.confidence = confidence
        self.passesGuardrails = passesGuardrails
    }
}
