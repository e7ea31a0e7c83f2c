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
