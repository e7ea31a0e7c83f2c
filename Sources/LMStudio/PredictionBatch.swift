import LMStudioCore
import Synchronization

/// Many predictions of one model: some at work, the others waiting their turn here.
///
/// A host gets no more of them than it may run at once, so that ten thousand prompts need no ten
/// thousand channels of a connection.
package struct PredictionBatch: Sendable {
    /// What became of one of them.
    package typealias Outcome = Result<PredictionResult, LMStudioError>

    /// Predictions that a host has in hand: as many as an instance runs at most, and few beside the
    /// channels that a server grants a connection.
    package static let sizeInHand = 256

    private let client: LMStudioClient
    private let requests: [Result<PredictionRequest, LMStudioError>]
    private let name: String
    private let keepsGoing: Bool

    /// Makes a batch.
    ///
    /// - Parameters:
    ///   - client: whose host does the work.
    ///   - requests: what to predict, or why that is refused.
    ///   - name: what the requests are called in messages: "prompts".
    ///   - keepsGoing: whether a failure leaves the others alone.
    /// - Throws: why the first one is refused, unless `keepsGoing`.
    package init(
        _ client: LMStudioClient,
        _ requests: [Result<PredictionRequest, LMStudioError>],
        of name: String,
        keepsGoing: Bool
    ) throws(LMStudioError) {
        self.client = client
        self.requests = requests.enumerated().map { index, request in
            request.mapError { $0.prefixed("\(name)[\(index)]: ") }
        }
        self.name = name
        self.keepsGoing = keepsGoing
        guard !keepsGoing else { return }
        for request in self.requests { _ = try request.get() }
    }

    /// Number of predictions.
    package var count: Int { requests.count }

    /// Makes all predictions.
    ///
    /// - Parameters:
    ///   - timeouts: how long all may take together, and all be silent; `nil`: the client's.
    ///   - callbacks: told of the way.
    /// - Returns: what became of each, in the order of the requests.
    /// - Throws: the first failure, `.timedOut` among them, unless it goes on; `.cancelled`, `.invalidState`.
    package func run(
        timeouts: Timeouts?,
        callbacks: LLM.BatchCallbacks
    ) async throws(LMStudioError) -> [Outcome] {
        let way = Way(count)
        // What becomes of those that have not ended.
        var end = LMStudioError(.cancelled, "the predictions were cancelled")
        do throws(LMStudioError) {
            try await client.limited(
                by: timeouts,
                doing: "the predictions",
                signs: { way.signsOfLife }
            ) { _ throws(LMStudioError) in
                try await work(callbacks, way)
            }
        } catch {
            guard keepsGoing, error.code == .timedOut else { throw error }
            end = error
        }
        // What was closed or cancelled has failed as a whole.
        _ = try client.host()
        if Task.isCancelled { throw LMStudioError(.cancelled, "the predictions were cancelled") }
        return way.outcomes.withLock(\.self).enumerated().map { index, outcome in
            if let outcome { return outcome }
            let outcome = Outcome.failure(end.prefixed("\(name)[\(index)]: "))
            callbacks.onEnd?(index, outcome)
            return outcome
        }
    }

    /// What has happened until now.
    private final class Way: Sendable {
        let signs = Atomic<Int>(0)
        let outcomes: Mutex<[Outcome?]>
        /// Those under way, of which servers give signs while they wait their turn.
        let channels = Mutex<[Int: PredictionChannel]>([:])

        /// Changes with every sign.
        var signsOfLife: Int {
            channels.withLock { channels in
                channels.values.reduce(signs.load(ordering: .relaxed)) {
                    $0 &+ ($1.signsOfLife?.count ?? 0)
                }
            }
        }

        init(_ count: Int) {
            outcomes = Mutex([Outcome?](repeating: nil, count: count))
        }
    }

    private func work(
        _ callbacks: LLM.BatchCallbacks,
        _ way: Way
    ) async throws(LMStudioError) {
        let result = await withTaskGroup(of: (Int, Outcome).self) { group in
            var waiting = requests.indices[...]
            func begin(_ group: inout TaskGroup<(Int, Outcome)>) {
                guard let index = waiting.popFirst() else { return }
                group.addTask { (index, await outcome(of: index, callbacks, way)) }
            }
            for _ in 0..<Self.sizeInHand { begin(&group) }
            while let (index, outcome) = await group.next() {
                let failure =
                    if case .failure(let error) = outcome { error } else { nil as LMStudioError? }
                // What fails then was stopped, and has not ended by itself.
                if failure?.code == .cancelled, Task.isCancelled { continue }
                way.outcomes.withLock { $0[index] = outcome }
                callbacks.onEnd?(index, outcome)
                if !keepsGoing, let failure {
                    group.cancelAll()
                    return Result<Void, LMStudioError>.failure(failure)
                }
                begin(&group)
            }
            return .success(())
        }
        try result.get()
    }

    private func outcome(
        of index: Int,
        _ callbacks: LLM.BatchCallbacks,
        _ way: Way
    ) async -> Outcome {
        do throws(LMStudioError) {
            let request = try requests[index].get()
            do throws(LMStudioError) {
                return .success(try await predict(request, index, callbacks, way))
            } catch {
                throw error.prefixed("\(name)[\(index)]: ")
            }
        } catch {
            return .failure(error)
        }
    }

    private func predict(
        _ request: PredictionRequest,
        _ index: Int,
        _ callbacks: LLM.BatchCallbacks,
        _ way: Way
    ) async throws(LMStudioError) -> PredictionResult {
        let stream = PredictionStream(PredictionChannel())
        way.channels.withLock { $0[index] = stream.channel }
        defer { way.channels.withLock { $0[index] = nil } }
        try client.begin(request, into: stream.channel)
        while let event = try await stream.nextEvent() {
            way.signs.add(1, ordering: .relaxed)
            if case .promptProgress(let share, _) = event {
                callbacks.onPromptProgress?(index, share)
            }
        }
        return try await stream.result()
    }
}
