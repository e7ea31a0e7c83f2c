public import LMStudioCore
import Synchronization

extension LocalHost {
    /// What a load would take; of contexts too long to be laid out, an estimate from the dimensions.
    public func estimateUsage(_ request: LoadRequest) async throws(LMStudioError) -> UsageEstimate {
        try request.config.validate()
        let stored =
            if let name = request.model { try store.find(name) } else {
                try store.defaultModel(for: request.domain ?? .llm)
            }
        try Self.check(stored.info, fits: request.domain)
        let (memory, confidence): (MemoryUsage, UsageEstimate.Confidence)
        if stored.isMeasurable(request.config) {
            (memory, confidence) = (try stored.measure(request.config), .high)
        } else {
            (memory, confidence) = (stored.usage(request.config), .low)
        }
        return UsageEstimate(
            memory: memory,
            confidence: confidence,
            passesGuardrails: freeBytes().map { memory.totalBytes <= $0 } ?? true
        )
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
