import LMStudio
import LMStudioTesting
import Testing

@testable import LMStudioLlama

extension EngineTests {
    @Suite struct LoadStepTests {
        @Test func aLoadSaysWhatItLoadsBeforeItsProgress() async throws {
            let host = try TinyStore("a").host()
            let steps = Recorder<LoadEvent>()
            let info = try await host.load("a", steps: steps)
            #expect(
                Array(steps.values.prefix(2)) == [
                    .loading(info.model, identifier: "a", ambiguous: []), .progress(0),
                ]
            )
            #expect(steps.values.last == .progress(1))
            #expect(steps.values.count { if case .loading = $0 { true } else { false } } == 1)
        }

        @Test func aLoadedModelSaysNothingOfLoading() async throws {
            let host = try TinyStore("a").host()
            try await host.load("a")
            let steps = Recorder<LoadEvent>()
            try await host.load("a", steps: steps)
            #expect(steps.values == [.progress(1)])
        }

        @Test func everyoneWhoWaitsIsToldEverything() async throws {
            let host = try TinyStore("a").host()
            try await withThrowingTaskGroup(of: [LoadEvent].self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        let steps = Recorder<LoadEvent>()
                        try await host.load("a", steps: steps)
                        return steps.values
                    }
                }
                for try await steps in group where steps.count > 1 {
                    guard case .loading = steps[0] else {
                        Issue.record("the first step is \(steps[0])")
                        continue
                    }
                    #expect(steps[1] == .progress(0))
                    #expect(steps.last == .progress(1))
                }
            }
        }

        /// A load that is not begun.
        private func operation() throws -> LoadOperation {
            let directory = try TemporaryDirectory()
            try directory.write(TinyModel().bytes(), to: "test/a/a.gguf")
            let stored = try #require(try ModelStore(directory: directory.path).scan().first)
            let order = ModelInstance.Order(
                stored: stored,
                identifier: "a",
                config: LoadConfig(),
                isJustInTime: false,
                memory: stored.usage(LoadConfig())
            )
            return LoadOperation(order, ambiguous: [])
        }

        @Test func aLoadGoesOnForSomebodyWhoIsAboutToWait() async throws {
            let operation = try operation()
            let latecomer = operation.join()
            for (id, isWanted) in [(operation.join(), true), (latecomer, false)] {
                let waiter = Task { try await operation.wait(as: id) { _ in } }
                waiter.cancel()
                await #expect(throws: LMStudioError.self) { try await waiter.value }
                #expect(operation.isJoinable == isWanted)
            }
        }

        @Test func aLoadThatEndsBeforeAnybodyWaitsIsNotBegunAgain() async throws {
            let operation = try operation()
            let ids = [operation.join(), operation.join()]
            #expect(operation.report(0.5))
            operation.complete(.failure(LMStudioError(.engine, "it is damaged")))
            for id in ids {
                let steps = Recorder<LoadEvent>()
                let error = await #expect(throws: LMStudioError.self) {
                    try await operation.wait(as: id) { steps.record($0) }
                }
                #expect(error?.message == "it is damaged")
                #expect(Array(steps.values.dropFirst()) == [.progress(0), .progress(0.5)])
            }
        }

        @Test func anUnknownNameIsAPathNotFound() async throws {
            let host = try TinyStore("a", "b", "c", "d", "e", "f").host()
            let error = await #expect(throws: LMStudioError.self) { try await host.load("zzz") }
            #expect(error?.code == .modelNotFound)
            #expect(
                error?.details?.display
                    == .pathNotFound("zzz", available: ["a", "b", "c", "d", "e"], total: 6)
            )
        }

        @Test func anUnknownIdentifierIsNotUnloaded() async throws {
            let host = try TinyStore("a").host()
            try await host.load("a")
            let error = await #expect(throws: LMStudioError.self) {
                try await host.unload(.identifier("b"))
            }
            #expect(error?.details?.display == .identifierNotFound("b", loaded: ["a"], total: 1))
        }

        @Test func anEmbeddingModelIsNoLanguageModel() async throws {
            let store = try TinyStore()
            try store.addEmbeddingModel("vectors")
            let host = try store.host()
            let asked = await #expect(throws: LMStudioError.self) { try await host.load("vectors") }
            #expect(asked?.code == .invalidArgument)
            guard case .domainMismatch(_, .embedding, .llm) = asked?.details?.display else {
                Issue.record("\(String(describing: asked))")
                return
            }
        }

        @Test func aHostTellsItsVersionAndProcess() async throws {
            let description = try await TinyStore().host().describe()
            #expect(description.version.split(separator: ".").count == 3)
            #expect(description.processIdentifier > 0)
        }
    }
}
