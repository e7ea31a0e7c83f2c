import LMStudioCore
import LMStudioTesting
import Testing

@Suite struct PredictionChannelStopTests {
    private let channel = PredictionChannel()
    private let stops = Recorder<Void>()

    private func listen() {
        channel.onStop { [stops] in stops.record() }
    }

    @Test func cancellingStopsTheProducerOnce() {
        listen()
        channel.cancel()
        channel.cancel()
        #expect(stops.count == 1)
    }

    @Test func cancellingDropsWhatIsQueued() throws {
        channel.yield(.text("a"))
        channel.cancel()
        guard case .pending = try channel.next() else {
            Issue.record("the queued event is still there")
            return
        }
    }

    @Test func whatIsYieldedAfterCancellingIsDropped() throws {
        channel.cancel()
        channel.yield(.text("late"))
        guard case .pending = try channel.next() else {
            Issue.record("the late event was kept")
            return
        }
    }

    @Test func cancelledPredictionKeepsTheContentThatWasTaken() throws {
        channel.yield(.text("taken"))
        _ = try channel.next()
        channel.yield(.text("dropped"))
        channel.cancel()
        channel.finish(.success(.sample(.userStopped)))
        #expect(try channel.result()?.content == "taken")
    }

    @Test func cancellingAfterTheEndDoesNothing() throws {
        listen()
        channel.yield(.text("a"))
        channel.finish(.success(.sample(.eosFound)))
        channel.cancel()
        #expect(stops.count == 0)
        _ = try channel.next()
        #expect(try channel.result()?.content == "a")
    }

    @Test func lateListenerIsCalledAtOnceAfterCancelling() {
        channel.cancel()
        listen()
        #expect(stops.count == 1)
    }

    @Test func lateListenerIsCalledAtOnceAfterAbandonment() {
        channel.abandon()
        listen()
        #expect(stops.count == 1)
    }

    @Test func abandonmentStopsTheProducerOnce() {
        listen()
        channel.abandon()
        channel.abandon()
        #expect(stops.count == 1)
    }

    @Test func abandonmentEndsThePredictionWithItsReason() {
        channel.yield(.text("a"))
        channel.abandon("the window was closed")
        let error = #expect(throws: LMStudioError.self) { try channel.next() }
        #expect(error?.code == .cancelled)
        #expect(error?.message == "the window was closed")
    }

    @Test func abandonmentAfterTheEndDoesNothing() throws {
        channel.finish(.success(.sample(.eosFound)))
        channel.abandon()
        #expect(try channel.result()?.stats.stopReason == .eosFound)
    }

    @Test func readerThatPausedGoesOnAfterTheEnd() {
        let resumes = Recorder<Void>()
        channel.yield(contentsOf: [.text("a"), .text("b")])
        channel.onDrain(below: 1) { resumes.record() }
        #expect(resumes.count == 0)
        channel.finish(.success(.sample(.eosFound)))
        #expect(resumes.count == 1)
    }

    @Test func leavingStopsTheProducer() {
        listen()
        channel.leave()
        #expect(stops.count == 1)
    }

    @Test func leavingAfterCancellingStillGetsTheSummary() throws {
        channel.cancel()
        channel.leave()
        channel.finish(.success(.sample(.userStopped)))
        #expect(try channel.result()?.stats.stopReason == .userStopped)
    }
}
