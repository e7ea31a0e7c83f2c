import LMStudioCore

extension ContextOverflowPolicy {
    /// The first tokens that a rolling window keeps: the model's leading token and what it leans on.
    ///
    /// Models put what they look at for want of anything better on the very first tokens; without
    /// them the text falls apart.
    private static let anchorCount = 4

    /// First tokens of a prompt that stay.
    private func headCount(promptCount: Int, length: Int) -> Int {
        switch self {
        case .stopAtLimit: promptCount
        case .truncateMiddle: min(promptCount, length / 2)
        case .rollingWindow: min(promptCount, Self.anchorCount, length / 2)
        }
    }

    /// What of a prompt longer than the context is left out; a quarter of the context stays free.
    ///
    /// - Parameters:
    ///   - promptCount: tokens of the prompt, > `length`.
    ///   - length: tokens of the context, ≥ 1.
    /// - Returns: indices of the prompt's tokens.
    func promptCut(promptCount: Int, length: Int) -> Range<Int> {
        let kept = max(1, length - length / 4)
        let head = min(headCount(promptCount: promptCount, length: length), kept - 1)
        return head..<(promptCount - (kept - head))
    }

    /// Cuts a prompt that is longer than the context.
    ///
    /// - Throws: `.invalidArgument` if it must not be cut.
    func cut(_ prompt: inout [Int32], to length: Int) throws(LMStudioError) {
        guard self != .stopAtLimit else {
            throw LMStudioError(
                .invalidArgument,
                "the prompt has \(prompt.count) tokens, but the model was loaded with a context of \(length); "
                    + "shorten it, load the model with a larger contextLength, "
                    + "or let contextOverflowPolicy cut it"
            )
        }
        prompt.removeSubrange(promptCut(promptCount: prompt.count, length: length))
    }

    /// What of a full context is forgotten: half of what comes after the head.
    ///
    /// - Parameters:
    ///   - promptCount: tokens of the prompt.
    ///   - length: tokens of the context, ≥ 1, all of them in use.
    /// - Returns: positions in the context, at least one.
    func cut(promptCount: Int, length: Int) -> Range<Int> {
        let head = min(headCount(promptCount: promptCount, length: length), length - 1)
        return head..<(head + max(1, (length - head) / 2))
    }
}

extension PredictionRequest {
    /// What is to happen when the context is full, said or by default.
    var overflowPolicy: ContextOverflowPolicy {
        if let policy = config.contextOverflowPolicy { return policy }
        return if case .chat = input { .truncateMiddle } else { .stopAtLimit }
    }
}
