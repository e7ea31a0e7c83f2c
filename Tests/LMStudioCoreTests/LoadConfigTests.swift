import LMStudioCore
import Testing

@Suite struct LoadConfigTests {
    @Test func everythingIsTheEnginesChoiceByDefault() throws {
        let config = LoadConfig()
        try config.validate()
        #expect(config.contextLength == nil)
        #expect(config.gpuRatio == nil)
        #expect(config.seed == nil)
    }

    @Test(arguments: [0, -1, Int(Int32.max) + 1])
    func contextLengthOutsideItsRangeIsRefused(length: Int) {
        var config = LoadConfig()
        config.contextLength = length
        let error = #expect(throws: LMStudioError.self) { try config.validate() }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.hasPrefix("contextLength must be 1…2147483647") == true)
        #expect(error?.message.hasSuffix("not \(length)") == true)
    }

    @Test(arguments: [-0.1, 1.1, .nan, .infinity])
    func gpuRatioOutsideItsRangeIsRefused(ratio: Double) {
        var config = LoadConfig()
        config.gpuRatio = ratio
        let error = #expect(throws: LMStudioError.self) { try config.validate() }
        #expect(error?.message == "gpu.ratio must be 0.0…1.0, not \(ratio)")
    }

    @Test func aMainGPUThatIsDisabledIsRefused() {
        var config = LoadConfig()
        (config.mainGPU, config.disabledGPUs) = (1, [0, 1])
        let error = #expect(throws: LMStudioError.self) { try config.validate() }
        #expect(error?.message.hasPrefix("gpu.mainGpu 1 is one of gpu.disabledGpus") == true)
    }

    @Test func numbersOutsideTheirRangesAreRefused() {
        expectRefusal("gpu.mainGpu") { $0.mainGPU = -1 }
        expectRefusal("gpu.disabledGpus") { $0.disabledGPUs = [0, -2] }
        expectRefusal("gpu.numCpuExpertLayersRatio") { $0.cpuExpertLayersRatio = 2 }
        expectRefusal("numExperts") { $0.expertCount = -1 }
        expectRefusal("contextCheckpoints") { $0.contextCheckpoints = -1 }
        expectRefusal("cpuThreadPoolSize") { $0.cpuThreadPoolSize = 0 }
        expectRefusal("speculativeDraftMaxTokens") { $0.drafting.maxTokens = -1 }
        expectRefusal("speculativeDraftMinTokens") { $0.drafting.minTokens = -1 }
        expectRefusal("speculativeDraftMinContinueProbability") {
            $0.drafting.minContinueProbability = 1.5
        }
    }

    private func expectRefusal(_ name: String, _ change: (inout LoadConfig) -> Void) {
        var config = LoadConfig()
        change(&config)
        let error = #expect(throws: LMStudioError.self) { try config.validate() }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.hasPrefix("\(name) must be ") == true)
    }

    @Test func ropeFrequencyOfZeroIsTheModels() throws {
        var config = LoadConfig()
        (config.ropeFrequencyBase, config.ropeFrequencyScale) = (0, 0)
        try config.validate()
    }

    @Test(arguments: [-1, .nan, 1e13])
    func ropeFrequencyOutsideItsRangeIsRefused(frequency: Double) {
        var config = LoadConfig()
        config.ropeFrequencyBase = frequency
        #expect(throws: LMStudioError.self) { try config.validate() }
    }
}
