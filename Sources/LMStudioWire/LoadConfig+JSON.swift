package import LMStudioCore

extension LoadConfig {
    /// Reads LM Studio's load options.
    ///
    /// - Parameters:
    ///   - json: an object of options; `nil`: the defaults.
    ///   - warnings: receives a line for each option that is unknown or without effect.
    /// - Throws: `.invalidArgument` naming the option and what it takes.
    package init(json: JSONValue?, warnings: inout [String]) throws(LMStudioError) {
        self.init()
        var options = try OptionReader(json, of: "load")
        contextLength = try options.integer("contextLength")
        evalBatchSize = try options.integer("evalBatchSize")
        physicalBatchSize = try options.integer("physicalBatchSize")
        flashAttention = try options.bool("flashAttention")
        keepModelInMemory = try options.bool("keepModelInMemory")
        tryMmap = try options.bool("tryMmap")
        seed = try options.seed("seed") ?? nil
        offloadKVCacheToGPU = try options.bool("offloadKVCacheToGpu")
        ropeFrequencyBase = try options.switchable("ropeFrequencyBase") ?? nil
        ropeFrequencyScale = try options.switchable("ropeFrequencyScale") ?? nil
        if let isHalf = try options.bool("useFp16ForKVCache"), !isHalf {
            (keyCacheType, valueCacheType) = (.f32, .f32)
        }
        if let type = try Self.cacheType("llamaKCacheQuantizationType", from: &options) {
            keyCacheType = type
        }
        if let type = try Self.cacheType("llamaVCacheQuantizationType", from: &options) {
            valueCacheType = type
        }
        if var gpu = try options.options("gpu") {
            gpuRatio = try Self.ratio(from: &gpu)
            try gpu.limit(
                .withoutEffect,
                ["mainGpu", "splitStrategy", "disabledGpus", "numCpuExpertLayersRatio"]
            )
            warnings += try gpu.finish()
        }
        try options.limit(
            .withoutEffect,
            [
                "gpuStrictVramCap", "numExperts", "tryDirectIO", "maxParallelPredictions",
                "useUnifiedKvCache",
                "contextCheckpoints", "reasoningBudgetMessage", "promptTemplate",
                "speculativeDraftMtp",
                "speculativeDraftSimple", "speculativeDraftModel", "speculativeDraftMaxTokens",
                "speculativeDraftMinTokens", "speculativeDraftMinContinueProbability",
                "mlxDiskCache",
                "mlxKvCacheQuantization",
            ]
        )
        warnings += try options.finish()
        try validate()
    }

    private static func cacheType(
        _ name: String,
        from options: inout OptionReader
    ) throws(LMStudioError) -> CacheType? {
        guard let value = options.any(name), value != .bool(false) else { return nil }
        guard let word = value.string, let type = CacheType(rawValue: word) else {
            let words = CacheType.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
            throw LMStudioError(
                .invalidArgument,
                "\(name) must be one of \(words) or false, not \(value.kind)"
            )
        }
        return type
    }

    private static func ratio(from gpu: inout OptionReader) throws(LMStudioError) -> Double? {
        switch gpu.any("ratio") {
        case nil: return nil
        case .string("max")?: return 1
        case .string("off")?: return 0
        case .integer(let value)?: return Double(value)
        case .number(let value)?: return value
        case let value?:
            throw LMStudioError(
                .invalidArgument,
                "gpu.ratio must be 0…1, \"max\" or \"off\", not \(value.kind)"
            )
        }
    }

    /// The options in the form that `init(json:warnings:)` reads; what is the engine's choice is left out.
    package var json: JSONValue {
        var members: [String: JSONValue] = [:]
        members["contextLength"] = contextLength.map { .integer(Int64($0)) }
        members["evalBatchSize"] = evalBatchSize.map { .integer(Int64($0)) }
        members["physicalBatchSize"] = physicalBatchSize.map { .integer(Int64($0)) }
        members["flashAttention"] = flashAttention.map { .bool($0) }
        members["keepModelInMemory"] = keepModelInMemory.map { .bool($0) }
        members["tryMmap"] = tryMmap.map { .bool($0) }
        members["seed"] = seed.map { .integer(Int64($0)) }
        members["gpu"] = gpuRatio.map { .object(["ratio": .number($0)]) }
        members["offloadKVCacheToGpu"] = offloadKVCacheToGPU.map { .bool($0) }
        members["ropeFrequencyBase"] = ropeFrequencyBase.map { .number($0) }
        members["ropeFrequencyScale"] = ropeFrequencyScale.map { .number($0) }
        members["llamaKCacheQuantizationType"] = keyCacheType.map { .string($0.rawValue) }
        members["llamaVCacheQuantizationType"] = valueCacheType.map { .string($0.rawValue) }
        return .object(members)
    }
}
