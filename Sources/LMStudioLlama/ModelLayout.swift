import CLlama
import LMStudioCore

/// What of a model goes where, and what of it takes part.
struct ModelLayout: Hashable {
    /// Layers that it has.
    let layers: Int
    /// The GPUs that hold it.
    var gpus = GPUPlan()
    /// The first so many layers keep their experts off the GPUs.
    var cpuExpertLayers = 0
    /// A metadata key that counts in place of the file's.
    var usedExperts: UsedExperts?

    /// The experts that take part in each token.
    struct UsedExperts: Hashable {
        let key: String
        let count: Int
    }

    /// Lays out a model of so many layers as llama.cpp does by itself.
    init(layers: Int) {
        self.layers = layers
    }

    /// Lays out a model.
    ///
    /// - Parameters:
    ///   - stored: the model; its files are read, and refused if they are damaged.
    ///   - config: what was asked for; it is valid.
    /// - Throws: what ``StoredModel/validate()`` throws; `.invalidArgument` for GPUs or experts that
    ///   are not there.
    init(of stored: StoredModel, _ config: LoadConfig) throws(LMStudioError) {
        layers = try stored.validate()
        gpus = try GPUPlan(
            config,
            freeBytes: GPUPlan.freeBytes,
            neededBytes: stored.usage(config).totalBytes
        )
        cpuExpertLayers = Int(((config.cpuExpertLayersRatio ?? 0) * Double(layers)).rounded())
        if let count = config.expertCount, count > 0 {
            usedExperts = try GGUFFile(path: stored.file).usedExperts(
                count,
                modelKey: stored.info.modelKey
            )
        }
    }

    /// Lends the options of the bridge that say all this.
    func withOptions<Value>(_ body: (cllama_model_options) -> Value) -> Value {
        var options = cllama_model_options()
        options.cpu_expert_layers = Int32(cpuExpertLayers)
        options.override_value = Int64(usedExperts?.count ?? 0)
        // An array of its own, so that there is an address even where no GPU is to be used.
        let indices = (gpus.gpus ?? []).map { Int32($0) } + [-1]
        return indices.withUnsafeBufferPointer { indices in
            gpus.shares.withUnsafeBufferPointer { shares in
                options.gpus = gpus.gpus == nil ? nil : indices.baseAddress
                options.gpu_count = Int32(indices.count - 1)
                options.gpu_shares = shares.isEmpty ? nil : shares.baseAddress
                guard let key = usedExperts?.key else { return body(options) }
                return key.withCString { key in
                    options.override_key = key
                    return body(options)
                }
            }
        }
    }
}

extension GGUFFile {
    /// The key that says how many experts take part in each token, with another number.
    ///
    /// - Throws: `.invalidArgument` naming how many the model has.
    fileprivate func usedExperts(
        _ count: Int,
        modelKey: String
    ) throws(LMStudioError) -> ModelLayout.UsedExperts {
        let key = "\(metadata.architecture).expert_used_count"
        let total = expertCount
        guard total > 0 else {
            throw LMStudioError(
                .invalidArgument,
                "numExperts is \(count), but \(modelKey.quoted) has no experts; leave it out"
            )
        }
        guard count <= total else {
            throw LMStudioError(
                .invalidArgument,
                "numExperts must be 1…\(total), the experts of \(modelKey.quoted), not \(count)"
            )
        }
        // llama.cpp takes another number in place of one, not in place of a list.
        if case .array = values[key] {
            throw LMStudioError(
                .invalidArgument,
                "numExperts cannot be changed for \(modelKey.quoted), whose layers have numbers of their own; leave it out"
            )
        }
        return ModelLayout.UsedExperts(key: key, count: count)
    }
}

extension StoredModel {
    /// The configuration with as few layers on the GPUs as `gpuStrictVramCap` asks for.
    ///
    /// - Throws: what ``measure(_:)`` throws.
    func capped(_ config: LoadConfig) throws(LMStudioError) -> LoadConfig {
        let free = GPUPlan.freeBytes
        guard config.strictVRAMCap == true, cllama_supports_gpu_offload(), !free.isEmpty else {
            return config
        }
        let room = free.indices.filter { !config.disabledGPUs.contains($0) }
            .reduce(0) { $0 + free[$1] }
        let layers = try validate()
        let wanted = Int((Double(layers) * (config.gpuRatio ?? 1)).rounded())
        let share = { (count: Int) in Double(count) / Double(max(layers, 1)) }
        let count = try GPUPlan.mostLayers(upTo: wanted) { count throws(LMStudioError) in
            var config = config
            config.gpuRatio = share(count)
            return try measure(config).totalVRAMBytes <= room
        }
        var config = config
        config.gpuRatio = count == wanted ? config.gpuRatio : share(count)
        return config
    }
}
