import CLlama
import LMStudioCore

/// Which GPUs hold a model, and what share of its layers each.
struct GPUPlan: Hashable {
    /// Indices of the GPUs in their order; `nil`: llama.cpp's choice, empty: none.
    var gpus: [Int]?
    /// The share of each of `gpus`; empty: by their free memory.
    var shares: [Float] = []

    /// Free memory that is not planned with: buffers take it.
    private static let reserve = 0.1

    /// The choice of llama.cpp, which knows what computers have.
    init() {}

    /// Makes a plan.
    ///
    /// Without a GPU there is nothing to choose.
    ///
    /// - Parameters:
    ///   - config: what was asked for; it is valid.
    ///   - freeBytes: free memory of each GPU of this computer.
    ///   - neededBytes: what the model takes, all of it.
    /// - Throws: `.invalidArgument` for a GPU that is not there.
    init(
        _ config: LoadConfig,
        freeBytes: [Int64],
        neededBytes: Int64
    ) throws(LMStudioError) {
        let wanted = config.mainGPU.map { ("gpu.mainGpu", [$0]) }
        let disabled = ("gpu.disabledGpus", config.disabledGPUs)
        for (name, indices) in [wanted, disabled].compactMap(\.self) {
            guard !freeBytes.isEmpty, let index = indices.first(where: { $0 >= freeBytes.count })
            else { continue }
            throw LMStudioError(
                .invalidArgument,
                "\(name) names GPU \(index), but this computer's are 0…\(freeBytes.count - 1)"
            )
        }
        let isOpen =
            config.mainGPU == nil && config.gpuSplitStrategy == nil && config.disabledGPUs.isEmpty
        guard !freeBytes.isEmpty, !isOpen else { return }
        var gpus = freeBytes.indices.filter { !config.disabledGPUs.contains($0) }
        if let main = config.mainGPU {
            gpus.removeAll { $0 == main }
            gpus.insert(main, at: 0)
        }
        self.gpus = gpus
        guard let main = gpus.first else { return }
        switch config.gpuSplitStrategy {
        case nil: break
        case .evenly?: shares = gpus.map { _ in 1 }
        case .favorMainGPU?:
            let room = Double(freeBytes[main]) * (1 - Self.reserve)
            let share = neededBytes > 0 ? min(1, room / Double(neededBytes)) : 1
            if share == 1 {
                self.gpus = [main]
            } else {
                let rest = (1 - share) / Double(max(gpus.count - 1, 1))
                shares = [Float(share)] + gpus.dropFirst().map { _ in Float(rest) }
            }
        }
    }

    /// Free memory of each GPU of this computer, bytes.
    static var freeBytes: [Int64] {
        (0..<cllama_gpu_count()).map { Int64(clamping: cllama_gpu_free_bytes($0)) }
    }

    /// The most layers that fit; fewer never need more memory.
    ///
    /// - Parameters:
    ///   - count: no more than these.
    ///   - fits: whether so many do.
    /// - Returns: their number.
    /// - Throws: what `fits` throws.
    static func mostLayers(
        upTo count: Int,
        _ fits: (Int) throws(LMStudioError) -> Bool
    ) throws(LMStudioError) -> Int {
        var (fitting, tooMany) = (0, count + 1)
        var next = count
        while tooMany - fitting > 1 {
            if try fits(next) { fitting = next } else { tooMany = next }
            next = (fitting + tooMany) / 2
        }
        return fitting
    }
}
