package import LMStudioCore

extension LoadConfig {
    /// Reads LM Studio's load options.
    ///
    /// Options without a property go to `others`; those within `gpu` by a name with a point: `gpu.mainGpu`.
    ///
    /// - Parameters:
    ///   - json: an object of options; `nil`: the defaults. `"strict": true` in it makes every
    ///     warning an error.
    ///   - host: says which options it cannot honour; `nil`: nobody does.
    ///   - warnings: receives a line for each option that is unknown or without effect.
    /// - Throws: `.invalidArgument` naming the option and what it takes; `.unsupported` from the host.
    package init(
        json: JSONValue?,
        for host: (any ModelHost)?,
        warnings: inout [String]
    ) throws(LMStudioError) {
        self.init()
        let reader = try OptionReader(json, by: .load)
        take(reader.values)
        try validate()
        let limits = try host?.review(self) ?? []
        if reader.isStrict, let limit = limits.first { throw LMStudioError(.unsupported, limit) }
        warnings += reader.warnings + limits
    }

    /// Takes options; those without a property go to `others`.
    mutating func take(_ values: OptionValues) {
        var values = values
        if let value = values.integer("contextLength") { contextLength = value }
        if let value = values.integer("evalBatchSize") { evalBatchSize = value }
        if let value = values.integer("physicalBatchSize") { physicalBatchSize = value }
        if let value = values.take("flashAttention") { flashAttention = value.bool }
        if let value = values.take("keepModelInMemory") { keepModelInMemory = value.bool }
        if let value = values.take("tryMmap") { tryMmap = value.bool }
        if let value = values.take("tryDirectIO") { tryDirectIO = value.bool }
        if let value = values.seed() { seed = value }
        if let value = values.take("offloadKVCacheToGpu") { offloadKVCacheToGPU = value.bool }
        if let value = values.number("ropeFrequencyBase") { ropeFrequencyBase = value }
        if let value = values.number("ropeFrequencyScale") { ropeFrequencyScale = value }
        if let value = values.integer("maxParallelPredictions") { maxParallelPredictions = value }
        if let value = values.take("useUnifiedKvCache") { useUnifiedKVCache = value.bool }
        if values.take("useFp16ForKVCache") == .bool(false) {
            (keyCacheType, valueCacheType) = (.f32, .f32)
        }
        if let value = values.take("llamaKCacheQuantizationType"), value != .bool(false) {
            keyCacheType = value.string.flatMap { CacheType(rawValue: $0) }
        }
        if let value = values.take("llamaVCacheQuantizationType"), value != .bool(false) {
            valueCacheType = value.string.flatMap { CacheType(rawValue: $0) }
        }
        if let value = values.integer("numExperts") { expertCount = value }
        if let value = values.integer("contextCheckpoints") { contextCheckpoints = value }
        if let value = values.integer("cpuThreadPoolSize") { cpuThreadPoolSize = value }
        if let value = values.take("reasoningBudgetMessage") {
            reasoningBudgetMessage = value.string.flatMap { $0.isEmpty ? nil : $0 }
        }
        // What is no Jinja template stays as it is: it may make sense to a newer server.
        if let template = values["promptTemplate"].flatMap({ PromptTemplate(json: $0) }),
            case .jinja(let source) = template.form, template.stopStrings.isEmpty
        {
            promptTemplate = source
            _ = values.take("promptTemplate")
        }
        takeGPUs(&values)
        drafting.take(&values)
        others.merge(values.texts) { $1 }
    }

    private mutating func takeGPUs(_ values: inout OptionValues) {
        if let value = values.ratio("gpu.ratio") { gpuRatio = value }
        if let value = values.ratio("gpu.numCpuExpertLayersRatio") { cpuExpertLayersRatio = value }
        if let value = values.take("gpuStrictVramCap") { strictVRAMCap = value.bool }
        if let value = values.integer(GPUSplit.mainGPU) { mainGPU = value }
        if let value = values.take(GPUSplit.strategy) {
            gpuSplitStrategy = value.string.flatMap { GPUSplitStrategy(rawValue: $0) }
        }
        if let value = values.take(GPUSplit.disabledGPUs) {
            disabledGPUs = value.elements?.compactMap(\.int) ?? []
        }
    }

    /// The options in the form that `init(json:for:warnings:)` reads; what is the engine's choice is left out.
    package var json: JSONValue { .options(values) }

    /// Values of options by name, as option objects have them.
    var values: [String: JSONValue] {
        var values = JSONValue.values(ofTexts: others)
        values["contextLength"] = contextLength.map { .whole($0) }
        values["evalBatchSize"] = evalBatchSize.map { .whole($0) }
        values["physicalBatchSize"] = physicalBatchSize.map { .whole($0) }
        values["flashAttention"] = flashAttention.map { .bool($0) }
        values["keepModelInMemory"] = keepModelInMemory.map { .bool($0) }
        values["tryMmap"] = tryMmap.map { .bool($0) }
        values["tryDirectIO"] = tryDirectIO.map { .bool($0) }
        values["seed"] = seed.map { .integer(Int64($0)) }
        values["gpu.ratio"] = gpuRatio.map { .number($0) }
        values["gpu.numCpuExpertLayersRatio"] = cpuExpertLayersRatio.map { .number($0) }
        values[GPUSplit.mainGPU] = mainGPU.map { .whole($0) }
        values[GPUSplit.strategy] = gpuSplitStrategy.map { .string($0.rawValue) }
        if !disabledGPUs.isEmpty {
            values[GPUSplit.disabledGPUs] = .array(disabledGPUs.map { .whole($0) })
        }
        values["gpuStrictVramCap"] = strictVRAMCap.map { .bool($0) }
        values["numExperts"] = expertCount.map { .whole($0) }
        values["contextCheckpoints"] = contextCheckpoints.map { .whole($0) }
        values["cpuThreadPoolSize"] = cpuThreadPoolSize.map { .whole($0) }
        values["reasoningBudgetMessage"] = reasoningBudgetMessage.map { .string($0) }
        if let promptTemplate {
            values["promptTemplate"] = .object([
                "type": .string("jinja"),
                "jinjaPromptTemplate": .object(["template": .string(promptTemplate)]),
            ])
        }
        values.merge(drafting.values) { $1 }
        values["offloadKVCacheToGpu"] = offloadKVCacheToGPU.map { .bool($0) }
        values["ropeFrequencyBase"] = ropeFrequencyBase.map { .number($0) }
        values["ropeFrequencyScale"] = ropeFrequencyScale.map { .number($0) }
        values["maxParallelPredictions"] = maxParallelPredictions.map { .whole($0) }
        values["useUnifiedKvCache"] = useUnifiedKVCache.map { .bool($0) }
        values["llamaKCacheQuantizationType"] = keyCacheType.map { .string($0.rawValue) }
        values["llamaVCacheQuantizationType"] = valueCacheType.map { .string($0.rawValue) }
        return values
    }
}
