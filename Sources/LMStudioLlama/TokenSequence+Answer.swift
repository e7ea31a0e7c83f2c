import LMStudioCore

// What becomes of the text that a sequence writes.
extension TokenSequence {
    /// Hands text on: thinking, answer and calls of tools told apart.
    func emit(_ text: String, isLast: Bool = false, isCut: Bool = false) {
        hasEmittedLast = isLast
        if splitter == nil {
            emit(answer: text)
        } else {
            splitter?.append(text, isLast: isLast) { emit($0, $1) }
        }
        if isLast { toolReader?.append("", isLast: true, isCut: isCut) { emit($0) } }
    }

    private func emit(_ text: String, _ type: PredictionFragment.ReasoningType) {
        switch type {
        case .none: return emit(answer: text)
        case .reasoningStartTag: sampler?.answer?.beginThinking()
        case .reasoningEndTag: sampler?.answer?.endThinking()
        case .reasoning: break
        }
        report.yield(text, type)
    }

    private func emit(answer text: String) {
        guard toolReader != nil else { return report.yield(text, .none) }
        toolReader?.append(text, isLast: false) { emit($0) }
    }

    private func emit(_ output: ToolCallReader.Output) {
        switch output {
        case .text(let text, let type): report.yield(text, type)
        case .call(let event): channel.yield(.toolCall(event))
        }
    }

    /// Why a text that ended for one reason has ended for LM Studio's clients.
    func reason(_ reason: PredictionStats.StopReason) -> PredictionStats.StopReason {
        if let stop = assembler.matchedStop {
            if stop >= preparedPrompt.stopStrings.count { return .toolCalls }
            // What the caller asked for by name; the others are the template's own ends.
            if stop < request.config.stopStrings.count { return reason }
        } else if reason != .eosFound {
            return reason
        }
        return (toolReader?.endedCount ?? 0) > 0 ? .toolCalls : reason
    }

    /// The stop string that ended it; `nil`: none did.
    var stopString: String? {
        assembler.matchedStop.map {
            (preparedPrompt.stopStrings + request.config.toolCallStopStrings)[$0]
        }
    }

    /// What ends its thinking; `nil`: the model alone.
    func makeBudget(_ model: LlamaModel) -> ThinkingBudget? {
        let limit = request.config.reasoningBudget
        guard limit != nil || sampler?.answer != nil, let splitter else { return nil }
        return ThinkingBudget(
            limit: limit,
            message: model.tokens(of: preparedPrompt.budgetMessage),
            mark: model.tokens(of: splitter.marks[1]),
            isThinking: splitter.isThinking
        )
    }
}
