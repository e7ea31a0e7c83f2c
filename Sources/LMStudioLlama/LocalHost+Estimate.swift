public import LMStudioCore
import Synchronization

extension LocalHost {
    /// What a load would take; of contexts too long to be laid out, an estimate from the dimensions.
    public func estimateUsage(_ request: LoadRequest) async throws(LMStudioError) -> UsageEstimate {
        try request.config.validate()
        _ = try review(request.config)
        let stored =
            if let name = request.model { try store.find(name) } else {
                try store.defaultModel(for: request.domain ?? .llm)
            }
        try Self.check(stored.info, fits: request.domain)
        var (memory, confidence): (MemoryUsage, UsageEstimate.Confidence)
        if stored.isMeasurable(request.config) {
            memory = try await Workshop.shared.run { () throws(LMStudioError) in
                try stored.measure(stored.capped(request.config))
            }
            confidence = .high
        } else {
            (memory, confidence) = (stored.usage(request.config), .low)
        }
        if let draft = try draftUsage(request.config, for: stored) { memory += draft }
        return UsageEstimate(
            memory: memory,
            confidence: confidence,
            passesGuardrails: freeBytes().map { memory.totalBytes <= $0 } ?? true
        )
    }

    /// What a load's draft model takes: itself, if it is not loaded yet, and its memory of the other's texts.
    private func draftUsage(
        _ config: LoadConfig,
        for stored: StoredModel
    ) throws(LMStudioError) -> MemoryUsage? {
        guard let name = config.drafting.draftModel else { return nil }
        let loaded = state.withLock { Self.named(name, in: $0.instances) }
        let draft = if let loaded { loaded.order.stored } else { try store.find(name) }
        var beside = LoadConfig()
        beside.contextLength =
            stored.contextLength(config)
        beside.evalBatchSize = config.physicalBatchSize
        beside.physicalBatchSize = config.physicalBatchSize
        beside.maxParallelPredictions = config.maxParallelPredictions
        var memory = draft.usage(of: beside)
        if loaded == nil {
            let itself = draft.usage(of: LoadConfig())
            memory.contextBytes += itself.contextBytes
            memory.contextVRAMBytes += itself.contextVRAMBytes
        } else {
            (memory.modelBytes, memory.modelVRAMBytes) = (0, 0)
        }
        return memory
    }

    /// What a further model can have, bytes; `nil` if the system does not say.
    func freeBytes() -> Int64? {
        let reading = memory.read()
        return state.withLock { $0.freeBytes(reading) }
    }

    /// Refuses a load that this computer could not hold even if nothing else ran.
    ///
    /// A mapped file need not be in memory as a whole; the rest must.
    ///
    /// - Throws: `.engine` naming both numbers.
    func checkTotal(_ memory: MemoryUsage, _ config: LoadConfig) throws(LMStudioError) {
        guard let total = self.memory.read()?.total else { return }
        let isMapped = config.tryMmap ?? true && config.keepModelInMemory != true
        let needed = memory.contextBytes + (isMapped ? 0 : memory.modelBytes)
        guard needed - memory.totalVRAMBytes > total else { return }
        throw LMStudioError(
            .engine,
            "the model needs about \(ByteCount.text(memory.totalBytes)) of memory, and there are \(ByteCount.text(total)) in all: "
                + "load it with a smaller contextLength"
        )
    }
}

extension LocalHost.State {
    /// What of the memory a further model can have, bytes; `nil` if the system does not say.
    func freeBytes(_ reading: MemoryBudget.Reading?) -> Int64? {
        reading?.free(
            loaded: instances.map(\.memory.totalBytes).reduce(0, +),
            loading: loads.map(\.claimedBytes).reduce(0, +)
        )
    }
}

extension StoredModel {
    /// What a load takes, as exactly as can be said.
    fileprivate func usage(of config: LoadConfig) -> MemoryUsage {
        guard isMeasurable(config), let memory = try? measure(config) else { return usage(config) }
        return memory
    }
}

extension MemoryUsage {
    fileprivate static func += (sum: inout MemoryUsage, other: MemoryUsage) {
        sum.modelBytes += other.modelBytes
        sum.contextBytes += other.contextBytes
        sum.modelVRAMBytes += other.modelVRAMBytes
        sum.contextVRAMBytes += other.contextVRAMBytes
    }
}
