import Dispatch
import LMStudio
import LMStudioTesting
import Synchronization
import Testing

@testable import LMStudioLlama

extension EngineTests {
    @Suite(.onBothHosts) struct EstimateTests {
        /// A load as it is made, and what it takes.
        private static func loaded(
            _ host: LocalHost,
            _ file: String,
            _ config: LoadConfig
        ) async throws -> MemoryUsage {
            let request = LoadRequest(model: file, config: config, reusesLoaded: false)
            let reference = try await host.load(request) { _ in }.instanceReference
            return try #require(
                host.state.withLock { state in
                    state.instances.first { $0.instanceReference == reference }?.memory
                }
            )
        }

        @Test(arguments: BatchingTests.files, [512, 4096])
        func anEstimateIsNearWhatALoadTakes(file: String, length: Int) async throws {
            let host = LocalHost()
            var config = LoadConfig()
            config.contextLength = length
            let estimate = try await HostTrait.client(of: host).llm.estimateUsage(
                file,
                config: config
            )
            #expect(estimate.confidence == .high)
            #expect(try await host.listLoaded().isEmpty)
            let real = try await Self.loaded(host, file, config)
            let near = { (bytes: Int64) in Double(bytes) * 0.85...Double(bytes) * 1.15 }
            #expect(near(real.totalBytes).contains(Double(estimate.memory.totalBytes)))
            #expect(near(real.contextBytes).contains(Double(estimate.memory.contextBytes)))
            #expect(near(real.modelBytes).contains(Double(estimate.memory.modelBytes)))
        }

        @Test(arguments: BatchingTests.files)
        func theQuickEstimateIsNotHalfOfIt(file: String) throws {
            let stored = try ModelStore(directory: nil).find(file)
            let config = LoadConfig()
            let quick = stored.usage(config).totalBytes
            #expect(try 2 * quick > stored.measure(config).totalBytes)
        }

        @Test func guardrailsAreTheFreeMemory() async throws {
            for (modelCount, passes) in [(0.9, false), (1.1, true)] {
                let client = try await HostTrait.client(
                    of: TinyStore("a").host(modelCount: modelCount)
                )
                #expect(try await client.llm.estimateUsage("a").passesGuardrails == passes)
            }
        }

        @Test func aContextLargerThanTheMemoryIsRefusedBeforeItIsMade() async throws {
            let host = try TinyStore("a").host(modelCount: 2)
            var config = LoadConfig()
            config.contextLength = 2_000_000_000
            let client = try await HostTrait.client(of: host)
            let error = await #expect(throws: LMStudioError.self) {
                try await client.llm.load("a", config: config)
            }
            #expect(error?.code == HostTrait.code(.engine))
            #expect(error?.message.contains("smaller contextLength") == true)
        }

        /// A server's client that is gone must not hold up the others.
        @Test func anEstimateThatIsCancelledInTimeIsNotMade() async throws {
            let host = try TinyStore("a").host()
            let gate = DispatchSemaphore(value: 0)
            // Both of the threads that measure are busy.
            let (begun, begin) = AsyncStream.makeStream(of: Void.self)
            let busy = (0..<2).map { _ in
                Task {
                    try await Workshop.shared.run { () throws(LMStudioError) in
                        begin.yield()
                        gate.wait()
                    }
                }
            }
            var beginnings = begun.makeAsyncIterator()
            for _ in 0..<2 { await beginnings.next() }
            let estimate = Task { try await host.estimateUsage(LoadRequest(model: "a")) }
            estimate.cancel()
            for _ in 0..<2 { gate.signal() }
            let error = await #expect(throws: LMStudioError.self) { try await estimate.value }
            #expect(error?.code == .cancelled)
            for task in busy { try await task.value }
        }

        @Test func aModelOfAnotherKindIsRefused() async throws {
            let client = try await HostTrait.client(of: TinyStore("a").host())
            let error = await #expect(throws: LMStudioError.self) {
                try await client.embedding.estimateUsage("a")
            }
            #expect(error?.code == HostTrait.refusal)
        }
    }
}
