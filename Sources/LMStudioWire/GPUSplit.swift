import LMStudioCore

/// How the three options that place layers on several GPUs share one key.
enum GPUSplit {
    static let key = "load.gpuSplitConfig"
    static let mainGPU = "gpu.mainGpu"
    static let strategy = "gpu.splitStrategy"
    static let disabledGPUs = "gpu.disabledGpus"
    static let favorMainGPU = LoadConfig.GPUSplitStrategy.favorMainGPU.rawValue

    /// The options that the key's value stands for, without those at their defaults.
    ///
    /// The TypeScript SDK sends the defaults with every load. Strategies that no option stands for
    /// (`custom`, `tensor`) count as the default.
    static func options(of value: JSONValue) -> [String: JSONValue] {
        var options: [String: JSONValue] = [:]
        if value["strategy"]?.string == "priorityOrder" {
            options[strategy] = .string(favorMainGPU)
        }
        if let main = value["priority"]?.elements?.first { options[mainGPU] = main }
        if let disabled = value["disabledGpus"], disabled != .array([]) {
            options[disabledGPUs] = disabled
        }
        return options
    }

    /// The key's value for some options.
    static func value(of options: [String: JSONValue]) -> JSONValue {
        .object([
            "strategy": .string(
                options[strategy]?.string == favorMainGPU ? "priorityOrder" : "evenly"
            ),
            "priority": .array(options[mainGPU].map { [$0] } ?? []),
            "disabledGpus": options[disabledGPUs] ?? .array([]),
            "customRatio": .array([]),
        ])
    }
}
