import LMStudio
import LMStudioTesting
import Testing

@testable import LMStudioLlama

extension EngineTests {
    @Suite struct EvictionTests {
        private static func unloaded(_ steps: [LoadEvent]) -> [String] {
            steps.compactMap { step in
                guard case .unloadingOther(let info) = step else { return nil }
                return info.identifier
            }
        }

        @Test func anIdleModelMakesRoomAndIsAnnounced() async throws {
            let host = try TinyStore("a", "b").host(modelCount: 1.5)
            try await host.load("a", timeToLive: .seconds(60))
            let steps = Recorder<LoadEvent>()
            try await host.load("b", timeToLive: .seconds(60), steps: steps)
            #expect(Self.unloaded(steps.values) == ["a"])
            #expect(try await host.loadedIdentifiers == ["b"])
        }

        @Test func oneThatMayLiveForEverMakesRoomTooIfItWasNotLoadedByName() async throws {
            let host = try TinyStore("a", "b").host(modelCount: 1.5)
            try await host.load("a")
            let steps = Recorder<LoadEvent>()
            try await host.load("b", steps: steps)
            #expect(Self.unloaded(steps.values) == ["a"])
            #expect(
                try await host.complete("hello", with: "a").result().modelInfo.identifier == "a"
            )
            #expect(try await host.loadedIdentifiers == ["a"])
        }

        @Test func theOneThatWasUnusedLongestGoesFirst() async throws {
            let store = try TinyStore("a", "b", "c")
            let host = try store.host(modelCount: 2.5)
            for name in ["a", "b"] {
                try await host.load(name, timeToLive: .seconds(60))
                store.clock.advance(by: .seconds(1))
            }
            _ = try await host.tokenize("hello", with: .identifier("a"))
            try await host.load("c", timeToLive: .seconds(60))
            #expect(try await host.loadedIdentifiers == ["a", "c"])
        }

        @Test func nothingGoesWhileThereIsRoom() async throws {
            let host = try TinyStore("a", "b").host(modelCount: 2.5)
            try await host.load("a", timeToLive: .seconds(60))
            try await host.load("b", timeToLive: .seconds(60))
            #expect(try await host.loadedIdentifiers == ["a", "b"])
        }

        @Test func whatWasLoadedToStayStays() async throws {
            let host = try TinyStore("a", "b", "c").host(modelCount: 1.5)
            for name in ["a", "b"] {
                let request = LoadRequest(
                    model: name,
                    timeToLive: name == "a" ? nil : .seconds(60),
                    reusesLoaded: false
                )
                _ = try await host.load(request) { _ in }
            }
            try await host.load("c", timeToLive: .seconds(60))
            #expect(try await host.loadedIdentifiers == ["a", "b", "c"])
        }

        @Test func aBusyModelStays() async throws {
            let host = try TinyStore("a", "b").host(modelCount: 1.5)
            try await host.load("a", timeToLive: .seconds(60))
            let stream = host.complete("hello", with: "a", maxTokens: 4000)
            var fragments = stream.makeAsyncIterator()
            _ = try await fragments.next()
            try await host.load("b", timeToLive: .seconds(60))
            #expect(try await host.loadedIdentifiers == ["a", "b"])
            stream.cancel()
            #expect(try await stream.result().stats.stopReason == .userStopped)
        }

        @Test func anEvictedModelComesBackWhenItIsUsed() async throws {
            let host = try TinyStore("a", "b").host(modelCount: 1.5)
            try await host.load("a", timeToLive: .seconds(60))
            try await host.load("b", timeToLive: .seconds(60))
            #expect(
                try await host.complete("hello", with: "a").result().modelInfo.identifier == "a"
            )
            #expect(try await host.loadedIdentifiers == ["a"])
            #expect(try await host.tokenize("hello", with: .identifier("b")).isEmpty == false)
            #expect(try await host.loadedIdentifiers == ["b"])
        }

        @Test func anEvictedModelThatIsUnloadedDoesNotComeBack() async throws {
            let host = try TinyStore("a", "b").host(modelCount: 1.5)
            try await host.load("a", timeToLive: .seconds(60))
            try await host.load("b", timeToLive: .seconds(60))
            await #expect(throws: LMStudioError.self) { try await host.unload(.identifier("a")) }
            let error = await #expect(throws: LMStudioError.self) {
                try await host.complete("hello", with: "a").result()
            }
            #expect(error?.code == .modelNotFound)
        }

        @Test func twoModelsTakeTurnsInTheMemoryOfOne() async throws {
            let host = try TinyStore("a", "b").host(modelCount: 1.5)
            let steps = Recorder<LoadEvent>()
            for round in 0..<10 {
                let name = round % 2 == 0 ? "a" : "b"
                try await host.load(name, timeToLive: .seconds(60), steps: steps)
                #expect(
                    try await host.complete("hello", with: name).result().stats
                        .predictedTokensCount == 4
                )
            }
            #expect(Self.unloaded(steps.values) == Array("ababababa").map(String.init))
        }

        @Test func twoTasksWithTwoModelsBothGetTheirTexts() async throws {
            let host = try TinyStore("a", "b").host(modelCount: 1.5)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for first in [0, 1] {
                    group.addTask {
                        for round in 0..<10 {
                            let name = (first + round) % 2 == 0 ? "a" : "b"
                            try await host.load(name, timeToLive: .seconds(60))
                            let result = try await host.complete("hello", with: name).result()
                            #expect(result.stats.stopReason == .maxPredictedTokensReached)
                            #expect(result.modelInfo.identifier == name)
                        }
                    }
                }
                try await group.waitForAll()
            }
        }

        @Test func aFailureSaysWhatWasShort() async throws {
            let host = try TinyStore("a").host(modelCount: 0.5)
            var config = LoadConfig()
            // Quantized values need flash attention: llama.cpp refuses this context.
            config.valueCacheType = .q8_0
            config.flashAttention = false
            let error = await #expect(throws: LMStudioError.self) {
                try await host.load(LoadRequest(model: "a", config: config)) { _ in }
            }
            #expect(error?.code == .engine)
            #expect(error?.message.contains("of memory, and") == true)
        }
    }
}
