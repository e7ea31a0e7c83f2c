import LMStudioCore

/// Ends a model's thinking when it has taken as many tokens as it may, or would end the answer with it.
struct ThinkingBudget {
    private let limit: Int
    /// What stands before the mark where the limit ends the thinking.
    private let message: [Int32]
    private let mark: [Int32]
    private var count = 0
    /// What is to be written whatever the model would write.
    private var forced: ArraySlice<Int32> = []

    /// Begins to count.
    ///
    /// - Parameters:
    ///   - limit: tokens, ≥ 0; `nil`: any number.
    ///   - message: the tokens before the mark where the limit ends the thinking.
    ///   - mark: the tokens that end it.
    ///   - isThinking: whether the prompt has begun it.
    init(limit: Int?, message: [Int32], mark: [Int32], isThinking: Bool) {
        self.limit = limit ?? .max
        self.message = message
        self.mark = mark
        if isThinking, limit == 0 { forced = (message + mark)[...] }
    }

    /// Says what comes next.
    ///
    /// - Parameter endsTooEarly: whether what the model chose would end the answer before it has begun.
    /// - Returns: the token that must come; `nil`: what the model chose.
    mutating func next(endsTooEarly: Bool) -> Int32? {
        if endsTooEarly, forced.isEmpty { forced = mark[...] }
        return forced.popFirst()
    }

    /// Takes note of a token.
    ///
    /// - Parameters:
    ///   - wasThinking: whether the model thought before it.
    ///   - isThinking: whether it thinks after it.
    ///   - isWhole: whether it ends a character; the mark must not stand in the middle of one.
    mutating func note(wasThinking: Bool, isThinking: Bool, isWhole: Bool) {
        guard isThinking else {
            // A message may hold the mark itself: the rest of it is no answer.
            forced = []
            return
        }
        guard forced.isEmpty else { return }
        if wasThinking { count += 1 }
        if count >= limit, isWhole {
            forced = (message + mark)[...]
            // Should the mark not be taken for one, it comes once more after as many tokens.
            count = 0
        }
    }
}
