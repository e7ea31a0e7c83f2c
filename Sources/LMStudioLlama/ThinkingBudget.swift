import LMStudioCore

/// Ends a model's thinking when it has taken as many tokens as it may.
struct ThinkingBudget {
    private let limit: Int
    /// What ends the thinking: a message perhaps, and the mark after it.
    private let ending: [Int32]
    private var count = 0
    /// What is to be written whatever the model would write.
    private var forced: ArraySlice<Int32> = []

    /// Begins to count.
    ///
    /// - Parameters:
    ///   - limit: tokens, ≥ 0.
    ///   - ending: the tokens that end the thinking, at last those of the mark after it.
    ///   - isThinking: whether the prompt has begun it.
    init(limit: Int, ending: [Int32], isThinking: Bool) {
        self.limit = limit
        self.ending = ending
        if isThinking, limit == 0 { forced = ending[...] }
    }

    /// The token that must come next; `nil`: any.
    mutating func next() -> Int32? { forced.popFirst() }

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
            forced = ending[...]
            // Should the mark not be taken for one, it comes once more after as many tokens.
            count = 0
        }
    }
}
