import Synchronization

/// Ends predictions that take, or are silent, longer than they may: one task looks after all of them.
///
/// A prediction costs an entry in a list, and nothing when it ends.
final class PredictionWatch: Sendable {
    private struct Entry {
        weak var channel: PredictionChannel?
        var vigil: Patience.Vigil

        /// Looks at its prediction.
        ///
        /// - Parameter seen: keeps the prediction, so that it is let go of outside the lock: who knows
        ///   what that sets off.
        /// - Returns: its signs of life; `nil` if it has ended.
        func signs(_ seen: inout [PredictionChannel]) -> Patience.Signs? {
            guard let channel else { return nil }
            seen.append(channel)
            return channel.signsOfLife
        }
    }

    private struct State: ~Copyable {
        var entries: [Entry] = []
        /// How many there are when those that have ended are taken out, whenever the next look is.
        var pruneAt = 64
        /// When the task wakes; `nil`: there is none.
        var alarm: ContinuousClock.Instant?
        var sleeper: Task<Void, Never>?
    }

    static let shared = PredictionWatch()

    private let state = Mutex(State())

    /// Looks after a prediction from now on.
    func add(_ channel: PredictionChannel, _ patience: Patience) {
        let now = ContinuousClock.now
        guard let signs = channel.signsOfLife else { return }
        var vigil = Patience.Vigil(patience, over: "the prediction", signs, now: now)
        switch vigil.look(at: signs, now: now) {
        case .over(let error): channel.stop(with: error)
        case .again(nil): break
        case .again(let next?):
            var seen: [PredictionChannel] = []
            state.withLock { state in
                if state.entries.count >= state.pruneAt {
                    state.entries.removeAll { $0.signs(&seen) == nil }
                    state.pruneAt = max(64, state.entries.count * 2)
                }
                state.entries.append(Entry(channel: channel, vigil: vigil))
                sleep(until: next, &state)
            }
        }
    }

    /// Sees to it that there is a look by then.
    private func sleep(until next: ContinuousClock.Instant, _ state: inout State) {
        if let alarm = state.alarm, alarm <= next { return }
        state.sleeper?.cancel()
        state.alarm = next
        state.sleeper = Task.detached {
            guard (try? await ContinuousClock().sleep(until: next)) != nil else { return }
            self.look()
        }
    }

    private func look() {
        let now = ContinuousClock.now
        // They are ended outside the lock too.
        var (late, seen) = ([(PredictionChannel, LMStudioError)](), [PredictionChannel]())
        state.withLock { state in
            (state.alarm, state.sleeper) = (nil, nil)
            var next: ContinuousClock.Instant?
            state.entries = state.entries.compactMap { entry in
                guard let signs = entry.signs(&seen), let channel = seen.last else { return nil }
                var entry = entry
                switch entry.vigil.look(at: signs, now: now) {
                case .over(let error):
                    late.append((channel, error))
                    return nil
                case .again(let look):
                    guard let look else { return nil }
                    next = min(next ?? look, look)
                    return entry
                }
            }
            if let next { sleep(until: next, &state) }
        }
        for (channel, error) in late { channel.stop(with: error) }
    }
}
