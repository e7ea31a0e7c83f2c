/// Waits as long as somebody gives signs of life, and no longer than in all allowed.
package struct Patience: Sendable {
    /// What is watched, at one moment.
    package struct Signs: Sendable {
        /// Changes with every sign of life.
        package var count: Int
        /// Whether silence is not the other side's fault at the moment.
        package var isBusy: Bool

        package init(count: Int, isBusy: Bool = false) {
            self.count = count
            self.isBusy = isBusy
        }
    }

    private let total: Duration?
    private let idle: Duration?
    /// What of the whole has passed.
    private var spent = Duration.zero

    /// The limit of the call that this task makes, for hosts that keep to it themselves.
    @TaskLocal package static var current: Patience?

    /// Longest time for one answer, in which the limits on the whole and on silence are the same.
    package var longestWait: Duration? {
        guard let total = left, let idle else { return left ?? idle }
        return min(total, idle)
    }

    /// What is left of the whole.
    private var left: Duration? { total.map { max($0 - spent, .zero) } }

    /// What remains of it for another of the answers that a call waits for.
    package func after(_ elapsed: Duration) -> Patience {
        var patience = self
        patience.spent += elapsed
        return patience
    }

    /// The error for an answer that did not come in time.
    package func error(doing what: String) -> LMStudioError {
        if let total, left == longestWait { return Self.tookTooLong(what, total) }
        return Self.wasSilent(what, idle ?? .zero)
    }

    /// Takes limits; `nil` means any time.
    package init(total: Duration?, idle: Duration?) {
        self.total = total
        self.idle = idle
    }

    /// Whether there is a limit at all.
    package var isLimited: Bool { total != nil || idle != nil }

    /// Silence is noticed by looking so many times in its longest time.
    private static let looks = 16

    /// Waits until a limit is passed.
    ///
    /// - Parameters:
    ///   - what: what is waited for, for the message: "the prediction".
    ///   - signs: asked now and then; `nil` ends the wait.
    /// - Returns: the error to fail with; `nil` if the task was cancelled or `signs` gave `nil`.
    package func wait(
        doing what: String,
        _ signs: @Sendable () -> Signs?
    ) async -> LMStudioError? {
        let clock = ContinuousClock()
        var vigil = Vigil(self, over: what, signs(), now: clock.now)
        while let current = signs() {
            switch vigil.look(at: current, now: clock.now) {
            case .over(let error): return error
            case .again(let next):
                guard let next, (try? await clock.sleep(until: next)) != nil else { return nil }
            }
        }
        return nil
    }

    /// A wait under way: what was seen until now.
    struct Vigil: Sendable {
        private let patience: Patience
        private let what: String
        private let start: ContinuousClock.Instant
        private var latest: (count: Int?, at: ContinuousClock.Instant)

        /// What a look comes to.
        enum Look {
            /// A limit is passed.
            case over(LMStudioError)
            /// It is time for another look then; `nil`: never.
            case again(at: ContinuousClock.Instant?)
        }

        /// Begins to wait.
        init(_ patience: Patience, over what: String, _ signs: Signs?, now: ContinuousClock.Instant)
        {
            self.patience = patience
            self.what = what
            start = now - patience.spent
            latest = (signs?.count, now)
        }

        /// Looks whether it has taken too long.
        mutating func look(at signs: Signs, now: ContinuousClock.Instant) -> Look {
            if signs.isBusy || signs.count != latest.count { latest = (signs.count, now) }
            if let total = patience.total, now - start >= total {
                return .over(Patience.tookTooLong(what, total))
            }
            if let idle = patience.idle, now - latest.at >= idle {
                return .over(Patience.wasSilent(what, idle))
            }
            var next = patience.total.map { start + $0 }
            if let idle = patience.idle {
                let look = min(latest.at + idle, now + idle / Patience.looks)
                next = min(next ?? look, look)
            }
            return .again(at: next)
        }
    }

    private static func tookTooLong(_ what: String, _ total: Duration) -> LMStudioError {
        error("\(what) took longer than its timeout of \(total / .seconds(1)) s", "timeout")
    }

    private static func wasSilent(_ what: String, _ idle: Duration) -> LMStudioError {
        error("nothing came of \(what) for \(idle / .seconds(1)) s", "idle_timeout")
    }

    private static func error(_ text: String, _ option: String) -> LMStudioError {
        LMStudioError(
            .timedOut,
            "\(text), and it was stopped; give a longer \(option), or see what holds it up"
        )
    }
}
