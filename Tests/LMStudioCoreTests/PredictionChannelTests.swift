import LMStudioCore
import LMStudioTesting
import Testing

@Suite struct PredictionChannelTests {
    private let channel = PredictionChannel()

    /// Everything that is there, in short.
    private func drain() throws -> [String] {
        var found: [String] = []
        while true {
            switch try channel.next() {
            case .event(.promptProgress(let share, _)): found.append("\(share)")
            case .event(.firstToken): found.append("first")
            case .event(.fragment(let fragment)): found.append(fragment.content)
            case .event(.toolCall(let event)): found.append("\(event)")
            case .finished: return found + ["finished"]
            case .pending: return found + ["pending"]
            }
        }
    }

    @Test func emptyChannelIsPending() throws {
        #expect(try drain() == ["pending"])
    }

    @Test func eventsComeInOrderAndThenTheEnd() throws {
        for event in [PredictionEvent.promptProgress(0.5), .firstToken, .text("a"), .text("b")] {
            channel.yield(event)
        }
        channel.finish(.success(.sample(.eosFound)))
        #expect(try drain() == ["0.5", "first", "a", "b", "finished"])
    }

    @Test func eventsMayBeTakenBetweenOthers() throws {
        channel.yield(.text("a"))
        #expect(try drain() == ["a", "pending"])
        channel.yield(.text("b"))
        channel.yield(.text("c"))
        #expect(try drain() == ["b", "c", "pending"])
    }

    @Test func endIsFoundEachTime() throws {
        channel.finish(.success(.sample(.eosFound)))
        #expect(try drain() == ["finished"])
        #expect(try drain() == ["finished"])
    }

    @Test func failureComesAfterTheEventsBeforeIt() throws {
        channel.yield(.text("a"))
        channel.finish(.failure(LMStudioError(.engine, "out of memory")))
        guard case .event = try channel.next() else {
            Issue.record("the event is missing")
            return
        }
        let error = #expect(throws: LMStudioError.self) { try channel.next() }
        #expect(error?.code == .engine)
    }

    @Test func whatComesAfterTheEndIsDropped() throws {
        channel.finish(.success(.sample(.eosFound)))
        channel.yield(.text("late"))
        #expect(try drain() == ["finished"])
    }

    @Test func onlyTheFirstEndCounts() throws {
        channel.finish(.success(.sample(.stopStringFound)))
        channel.finish(.failure(LMStudioError(.engine, "late")))
        #expect(try channel.result()?.stats.stopReason == .stopStringFound)
    }

    @Test func resultIsThereOnceTheEventsAreTaken() throws {
        channel.yield(.text("Hello"))
        channel.yield(.text(" world"))
        channel.finish(.success(.sample(.eosFound)))
        #expect(try channel.result() == nil)
        _ = try drain()
        #expect(try channel.result()?.content == "Hello world")
    }

    // MARK: Waiting

    @Test func waiterIsWokenExactlyOnce() {
        let woken = Recorder<Void>()
        channel.wait { woken.record() }
        #expect(woken.count == 0)
        channel.yield(.firstToken)
        channel.yield(.text("a"))
        channel.finish(.success(.sample(.eosFound)))
        #expect(woken.count == 1)
    }

    @Test func waiterIsWokenByTheEnd() {
        let woken = Recorder<Void>()
        channel.wait { woken.record() }
        channel.finish(.success(.sample(.eosFound)))
        #expect(woken.count == 1)
    }

    @Test func waiterIsWokenByAbandonment() {
        let woken = Recorder<Void>()
        channel.wait { woken.record() }
        channel.abandon()
        #expect(woken.count == 1)
    }

    @Test func waiterIsCalledAtOnceIfSomethingIsThere() {
        let woken = Recorder<Void>()
        channel.yield(.firstToken)
        channel.wait { woken.record() }
        #expect(woken.count == 1)
    }

    @Test func laterWaiterReplacesTheEarlierOne() {
        let (earlier, later) = (Recorder<Void>(), Recorder<Void>())
        channel.wait { earlier.record() }
        channel.wait { later.record() }
        channel.yield(.firstToken)
        #expect(earlier.count == 0)
        #expect(later.count == 1)
    }
}
