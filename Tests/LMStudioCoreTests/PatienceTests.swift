import LMStudioCore
import Synchronization
import Testing

@Suite struct PatienceTests {
    @Test func noLimitIsNoLimit() {
        #expect(!Patience(total: nil, idle: nil).isLimited)
        #expect(Patience(total: .seconds(1), idle: nil).isLimited)
        #expect(Patience(total: nil, idle: .seconds(1)).isLimited)
    }

    @Test func whatIsSpentShortensTheWholeAndNotTheSilence() {
        let patience = Patience(total: .seconds(5), idle: .seconds(2))
        #expect(patience.after(.seconds(1)).longestWait == .seconds(2))
        #expect(patience.after(.seconds(4)).longestWait == .seconds(1))
        #expect(patience.after(.seconds(4)).after(.seconds(9)).longestWait == .zero)
        let late = patience.after(.seconds(4)).error(doing: "the test")
        #expect(late.message.contains("timeout of 5.0 s"))
    }

    @Test func silenceEndsIt() async throws {
        let patience = Patience(total: nil, idle: .milliseconds(20))
        let error = await patience.wait(doing: "the test") { Patience.Signs(count: 0) }
        #expect(error?.code == .timedOut)
        #expect(error?.message.hasPrefix("nothing came of the test for 0.02 s") == true)
        #expect(error?.message.contains("give a longer idle_timeout") == true)
    }

    @Test func totalEndsItWhateverComes() async throws {
        let count = Atomic<Int>(0)
        let patience = Patience(total: .milliseconds(30), idle: .milliseconds(20))
        let error = await patience.wait(doing: "the test") {
            Patience.Signs(count: count.add(1, ordering: .relaxed).newValue)
        }
        #expect(error?.message.contains("timeout of 0.03 s") == true)
        #expect(error?.message.contains("give a longer timeout") == true)
    }

    @Test func busyIsNoSilence() async throws {
        let patience = Patience(total: .milliseconds(60), idle: .milliseconds(5))
        let error = await patience.wait(doing: "the test") {
            Patience.Signs(count: 0, isBusy: true)
        }
        #expect(error?.message.contains("timeout of") == true)
    }

    @Test func endOfTheWorkEndsTheWait() async throws {
        let patience = Patience(total: nil, idle: .milliseconds(1))
        let error = await patience.wait(doing: "the test") { nil }
        #expect(error?.code == nil)
    }

    @Test func cancellationEndsTheWait() async throws {
        let waiting = Task {
            await Patience(total: .seconds(3600), idle: nil).wait(doing: "the test") {
                Patience.Signs(count: 0)
            }
        }
        waiting.cancel()
        let error = await waiting.value
        #expect(error?.code == nil)
    }

    @Test(arguments: [Duration.zero, .milliseconds(5)])
    func eachOfManyPredictionsFailsInItsTime(total: Duration) async throws {
        // One with a long time comes first: the look for it is not waited for.
        let patient = PredictionChannel()
        patient.watch(Patience(total: .seconds(3600), idle: nil))
        let channels = (0..<200).map { _ in PredictionChannel() }
        for channel in channels { channel.watch(Patience(total: total, idle: nil)) }
        for channel in channels {
            let error = await #expect(throws: LMStudioError.self) {
                _ = try await PredictionStream(channel).result()
            }
            #expect(error?.code == .timedOut)
        }
        guard case .pending = try patient.next() else {
            Issue.record("the patient one has ended")
            return
        }
    }

    @Test func predictionThatIsSilentFails() async throws {
        let channel = PredictionChannel()
        let stops = Atomic<Int>(0)
        channel.onStop { stops.add(1, ordering: .relaxed) }
        channel.watch(Patience(total: nil, idle: .milliseconds(10)))
        let stream = PredictionStream(channel)
        await #expect(throws: LMStudioError.self) { _ = try await stream.result() }
        #expect(stops.load(ordering: .relaxed) == 1)
    }
}
