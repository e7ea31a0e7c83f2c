import LMStudio
import LMStudioTesting
import Testing

@testable import LMStudioLlama

extension EngineTests {
    @Suite struct IdleTests {
        @Test func anIdleModelGoesWhenItsTimeIsOver() async throws {
            let store = try TinyStore("a")
            let host = try store.host()
            let info = try await host.load("a", timeToLive: .seconds(10))
            #expect(info.timeToLive == .seconds(10))
            #expect(info.lastUsedMilliseconds == nil)
            store.clock.advance(by: .milliseconds(9_999))
            #expect(try await host.loadedIdentifiers == ["a"])
            store.clock.advance(by: .milliseconds(1))
            #expect(try await host.loadedIdentifiers == [])
        }

        @Test func theTimeCountsFromTheLastUse() async throws {
            let store = try TinyStore("a")
            let host = try store.host()
            try await host.load("a", timeToLive: .seconds(10))
            store.clock.advance(by: .seconds(6))
            _ = try await host.tokenize("hello", with: .any)
            #expect(try await host.listLoaded().first?.lastUsedMilliseconds == 6000)
            store.clock.advance(by: .seconds(6))
            _ = try await host.complete("hello", with: "a").result()
            #expect(try await host.listLoaded().first?.lastUsedMilliseconds == 12000)
            store.clock.advance(by: .seconds(9))
            #expect(try await host.loadedIdentifiers == ["a"])
            store.clock.advance(by: .seconds(1))
            #expect(try await host.loadedIdentifiers == [])
        }

        @Test func gettingItAgainCountsAsUse() async throws {
            let store = try TinyStore("a")
            let host = try store.host()
            try await host.load("a", timeToLive: .seconds(10))
            store.clock.advance(by: .seconds(9))
            try await host.load("a")
            store.clock.advance(by: .seconds(9))
            #expect(try await host.loadedIdentifiers == ["a"])
        }

        @Test func itNeverGoesDuringAPrediction() async throws {
            let store = try TinyStore("a")
            let host = try store.host()
            try await host.load("a", timeToLive: .seconds(1))
            let stream = host.complete("hello", with: "a", maxTokens: 4000)
            var fragments = stream.makeAsyncIterator()
            _ = try await fragments.next()
            store.clock.advance(by: .seconds(100))
            #expect(try await host.loadedIdentifiers == ["a"])
            stream.cancel()
            let result = try await stream.result()
            #expect(result.stats.stopReason == .userStopped)
            #expect(result.modelInfo.lastUsedMilliseconds == 100_000)
            store.clock.advance(by: .milliseconds(999))
            #expect(try await host.loadedIdentifiers == ["a"])
            store.clock.advance(by: .milliseconds(1))
            #expect(try await host.loadedIdentifiers == [])
        }

        @Test func oneTimerServesManyUses() async throws {
            let store = try TinyStore("a")
            let host = try store.host()
            try await host.load("a", timeToLive: .seconds(10))
            for _ in 0..<50 { _ = try await host.tokenize("hello", with: .any) }
            #expect(store.clock.timerCount == 1)
        }

        @Test func withoutATimeItStays() async throws {
            let store = try TinyStore("a")
            let host = try store.host()
            let info = try await host.load("a")
            #expect(info.timeToLive == nil)
            store.clock.advance(by: .seconds(1_000_000))
            #expect(try await host.loadedIdentifiers == ["a"])
        }

        @Test func noTimeAtAllIsRefused() async throws {
            let host = try TinyStore("a").host()
            let error = await #expect(throws: LMStudioError.self) {
                try await host.load(LoadRequest(timeToLive: .zero)) { _ in }
            }
            #expect(error?.code == .invalidArgument)
        }

        @Test func aTimerDoesNotKeepTheHost() async throws {
            let store = try TinyStore("a")
            var host: LocalHost? = try store.host()
            try await host?.load("a", timeToLive: .seconds(10))
            weak let watched = host
            host = nil
            #expect(watched == nil)
            store.clock.advance(by: .seconds(10))
        }
    }
}
