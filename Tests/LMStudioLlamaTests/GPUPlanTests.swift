import LMStudio
import Testing

@testable import LMStudioLlama

/// Which GPUs hold a model, on computers that this one is not.
@Suite struct GPUPlanTests {
    private func plan(
        _ freeBytes: [Int64],
        neededBytes: Int64 = 100,
        _ change: (inout LoadConfig) -> Void
    ) throws -> GPUPlan {
        var config = LoadConfig()
        change(&config)
        return try GPUPlan(config, freeBytes: freeBytes, neededBytes: neededBytes)
    }

    @Test func withoutOptionsItIsLlamasChoice() throws {
        #expect(try plan([80, 80]) { _ in } == GPUPlan())
    }

    @Test func withoutAGPUNothingIsChosen() throws {
        let plan = try plan([]) { config in
            (config.mainGPU, config.disabledGPUs) = (3, [1])
            config.gpuSplitStrategy = .favorMainGPU
        }
        #expect(plan == GPUPlan())
    }

    @Test func disabledOnesAreLeftOut() throws {
        #expect(try plan([80, 80, 80]) { $0.disabledGPUs = [1] }.gpus == [0, 2])
        #expect(try plan([80]) { $0.disabledGPUs = [0] }.gpus == [])
    }

    @Test func theMainOneComesFirst() throws {
        let plan = try plan([80, 80, 80]) { $0.mainGPU = 2 }
        #expect(plan.gpus == [2, 0, 1])
        #expect(plan.shares == [])
    }

    @Test func evenSharesAreEqual() throws {
        let plan = try plan([10, 80, 80]) { config in
            (config.gpuSplitStrategy, config.disabledGPUs) = (.evenly, [0])
        }
        #expect(plan.gpus == [1, 2])
        #expect(plan.shares == [1, 1])
    }

    @Test func whatFitsOnTheMainOneLiesThereAlone() throws {
        let plan = try plan([50, 200]) { config in
            (config.gpuSplitStrategy, config.mainGPU) = (.favorMainGPU, 1)
        }
        #expect(plan.gpus == [1])
    }

    @Test func theOthersShareWhatTheMainOneHasNoRoomFor() throws {
        let plan = try plan([50, 60, 50], neededBytes: 90) { config in
            (config.gpuSplitStrategy, config.mainGPU) = (.favorMainGPU, 1)
        }
        #expect(plan.gpus == [1, 0, 2])
        #expect(plan.shares.map { ($0 * 10).rounded() } == [6, 2, 2])
    }

    @Test func aGPUThatIsNotThereIsRefused() {
        let main = #expect(throws: LMStudioError.self) { try plan([80, 80]) { $0.mainGPU = 2 } }
        #expect(main?.code == .invalidArgument)
        #expect(main?.message == "gpu.mainGpu names GPU 2, but this computer's are 0…1")
        let disabled = #expect(throws: LMStudioError.self) {
            try plan([80, 80]) { $0.disabledGPUs = [0, 2] }
        }
        #expect(disabled?.message == "gpu.disabledGpus names GPU 2, but this computer's are 0…1")
    }

    @Test(arguments: 0...9)
    func asManyLayersAsFitAreFound(limit: Int) throws {
        #expect(try GPUPlan.mostLayers(upTo: 8) { $0 <= limit } == min(limit, 8))
    }
}
