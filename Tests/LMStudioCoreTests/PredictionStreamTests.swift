import LMStudioCore
import LMStudioTesting
import Testing

@Suite struct PredictionStreamTests {
    private let channel = PredictionChannel()
    private let stops = Recorder<Void>()

    /// Plays a producer that has yielded `events`.
    private func produce(_ events: [PredictionEvent] = [], end: PredictionStats.StopReason? = nil) {
        channel.onStop { [stops] in stops.record() }
        for event in events { channel.yield(event) }
        if let end { channel.finish(.success(.sample(end))) }
    }

    @Test func loopReceivesTheFragmentsInOrder() async throws {
        produce([.promptProgress(1), .firstToken, .text("a"), .text("b")], end: .eosFound)
        var contents: [String] = []
        for try await fragment in PredictionStream(channel) { contents.append(fragment.content) }
        #expect(contents == ["a", "b"])
    }

    @Test func loopWaitsForWhatComesLater() async throws {
        produce()
        let stream = PredictionStream(channel)
        async let contents = stream.reduce(into: "") { $0 += $1.content }
        channel.yield(.text("a"))
        await Task.yield()
        channel.yield(.text("b"))
        channel.finish(.success(.sample(.eosFound)))
        #expect(try await contents == "ab")
    }

    @Test func loopThrowsTheProducersError() async {
        produce([.text("a")])
        channel.finish(.failure(LMStudioError(.engine, "out of memory")))
        let stream = PredictionStream(channel)
        let error = await #expect(throws: LMStudioError.self) { for try await _ in stream {} }
        #expect(error?.code == .engine)
    }

    @Test func resultHoldsTheWholeText() async throws {
        produce([.text("a"), .text("b")], end: .maxPredictedTokensReached)
        let result = try await PredictionStream(channel).result()
        #expect(result.content == "ab")
        #expect(result.stats.stopReason == .maxPredictedTokensReached)
    }

    @Test func resultIsThereAfterTheLoop() async throws {
        produce([.text("a"), .text("b")], end: .eosFound)
        let stream = PredictionStream(channel)
        for try await _ in stream {}
        #expect(try await stream.result().content == "ab")
    }

    @Test func resultIsTheSameEachTime() async throws {
        produce([.text("a")], end: .eosFound)
        let stream = PredictionStream(channel)
        let first = try await stream.result()
        #expect(try await stream.result() == first)
    }

    @Test func callbacksAreCalledInOrderWithTheFragments() async throws {
        produce(
            [
                .promptProgress(0), .promptProgress(0.5), .promptProgress(1), .firstToken,
                .text("a"),
            ],
            end: .eosFound
        )
        let calls = Recorder<String>()
        let stream = PredictionStream(
            channel,
            callbacks: .init(
                onPromptProgress: { calls.record("\($0)") },
                onFirstToken: { calls.record("first") }
            )
        )
        for try await fragment in stream { calls.record(fragment.content) }
        #expect(calls.values == ["0.0", "0.5", "1.0", "first", "a"])
    }

    // MARK: Ends before the end

    @Test func leavingTheLoopStopsTheProducer() async throws {
        produce([.text("a"), .text("b")])
        let stream = PredictionStream(channel)
        for try await _ in stream { break }
        #expect(stops.count == 1)
    }

    @Test func leavingTheLoopMakesTheResultCancelled() async throws {
        produce([.text("a"), .text("b")])
        let stream = PredictionStream(channel)
        for try await _ in stream { break }
        let error = await #expect(throws: LMStudioError.self) { try await stream.result() }
        #expect(error?.code == .cancelled)
    }

    @Test func lettingGoOfTheStreamStopsTheProducer() {
        produce([.text("a")])
        _ = PredictionStream(channel)
        #expect(stops.count == 1)
    }

    @Test func lettingGoOfAFinishedStreamStopsNothing() async throws {
        produce([.text("a")], end: .eosFound)
        _ = try await PredictionStream(channel).result()
        #expect(stops.count == 0)
    }

    @Test func cancellingTheTaskThatWaitsThrowsCancelledAndStopsTheProducer() async {
        produce([.text("a")])
        let stream = PredictionStream(channel)
        let (started, start) = AsyncStream.makeStream(of: Void.self)
        let task = Task {
            for try await _ in stream { start.finish() }
        }
        for await _ in started {}
        task.cancel()
        let error = await #expect(throws: LMStudioError.self) { try await task.value }
        #expect(error?.code == .cancelled)
        #expect(stops.count == 1)
    }

    @Test func cancelledTaskDoesNotBeginToIterate() async {
        produce([.text("a")])
        let stream = PredictionStream(channel)
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            _ = try await stream.result()
        }
        let error = await #expect(throws: LMStudioError.self) { try await task.value }
        #expect(error?.code == .cancelled)
        #expect(stops.count == 1)
    }

    @Test func cancelEndsTheLoopWithTheContentSoFar() async throws {
        channel.onStop { [channel] in channel.finish(.success(.sample(.userStopped))) }
        for text in ["a", "b", "c"] { channel.yield(.text(text)) }
        let stream = PredictionStream(channel)
        for try await fragment in stream where fragment.content == "b" { stream.cancel() }
        let result = try await stream.result()
        #expect(result.content == "ab")
        #expect(result.stats.stopReason == .userStopped)
    }

    @Test func cancelAfterTheEndChangesNothing() async throws {
        produce([.text("a")], end: .eosFound)
        let stream = PredictionStream(channel)
        let result = try await stream.result()
        stream.cancel()
        #expect(try await stream.result() == result)
    }
}
