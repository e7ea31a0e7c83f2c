import LMStudioCore

/// Sees to it that a prediction's tokens are an answer of the form that was asked for.
///
/// With triggers it lets everything pass until one of them is written: an answer begins after the
/// model's thinking, a tool call at its mark.
final class AnswerGrammar {
    /// What makes a grammar begin that waits.
    struct Trigger: Sendable, Hashable {
        /// The text that the model writes.
        var text: String
        /// Whether the text is part of what the grammar describes.
        var isPartOfAnswer: Bool
    }

    private let cursor: GrammarCursor
    private let vocabulary: TokenTexts
    private let triggers: [(bytes: [UInt8], isPartOfAnswer: Bool)]
    /// Whether it waits for a trigger.
    private(set) var isWaiting: Bool
    /// Whether the model thinks, which no grammar describes.
    private(set) var isThinking: Bool
    /// The token that may stand first, and begins the thinking; `nil`: not any more.
    private var thinkingToken: Int32?
    /// The last bytes that were written while it waits.
    private var written: [UInt8] = []

    /// Nothing that the model can write goes on with the answer.
    static let noToken = LMStudioError(
        .engine,
        "the form of the answer asks for characters that the model has no token for"
    )

    /// Begins an answer.
    ///
    /// - Parameters:
    ///   - machine: matches the grammar.
    ///   - vocabulary: the model's tokens.
    ///   - triggers: what it waits for; none: it begins at once.
    ///   - thinking: whether the model thinks before.
    init(
        _ machine: GrammarMachine,
        vocabulary: TokenTexts,
        after triggers: [Trigger] = [],
        thinking: AnswerPlan.Thinking = .none
    ) {
        cursor = GrammarCursor(machine)
        self.vocabulary = vocabulary
        self.triggers = triggers.map { (Array($0.text.utf8), $0.isPartOfAnswer) }
        isWaiting = !triggers.isEmpty
        isThinking = thinking == .begun
        if case .possible(let token) = thinking { thinkingToken = token }
    }

    /// Takes note that the model thinks, unless its answer has begun.
    func beginThinking() {
        if isWaiting { isThinking = true }
    }

    /// Takes note that the model has thought; the answer begins.
    func endThinking() {
        isThinking = false
    }

    /// Goes on by text that stands before what is written.
    ///
    /// - Throws: `.engine` if the answer cannot begin so.
    func accept(text: String) throws(LMStudioError) {
        guard !text.isEmpty, try !cursor.accept(Array(text.utf8)) else { return }
        throw LMStudioError(.engine, "the form of the answer does not fit the end of the prompt")
    }

    /// Whether a token would end the thinking, and with it all, before the answer that must come.
    func hasToFollow(_ token: Int32) -> Bool {
        isThinking && !isWaiting && vocabulary.isEnd(token)
    }

    /// Whether nothing more may follow.
    var isComplete: Bool { !isWaiting && !isThinking && cursor.mustEnd }

    /// Whether a token may follow.
    func allows(_ token: Int32) throws(LMStudioError) -> Bool {
        if isWaiting || isThinking || token == thinkingToken { return true }
        if vocabulary.isEnd(token) { return cursor.mayEnd }
        return try vocabulary.withBytes(of: token) { bytes throws(LMStudioError) in
            try cursor.allows(bytes)
        }
    }

    /// The tokens that may follow, as bits.
    func mask() throws(LMStudioError) -> [UInt64] {
        var mask = try cursor.mask(vocabulary)
        if let token = thinkingToken.map(Int.init) { mask[token / 64] |= 1 << (token % 64) }
        return mask
    }

    /// Goes on by a token that is allowed.
    func accept(_ token: Int32) throws(LMStudioError) {
        guard !isThinking else { return }
        defer { thinkingToken = nil }
        guard token != thinkingToken else {
            isThinking = true
            return
        }
        guard !vocabulary.isEnd(token) else { return }
        try vocabulary.withBytes(of: token) { bytes throws(LMStudioError) in
            if isWaiting {
                try wait(for: bytes)
            } else {
                _ = try cursor.accept(bytes)
            }
        }
    }

    /// Looks for a trigger in what is written; what follows it in the same token must fit already.
    private func wait(for bytes: UnsafeRawBufferPointer) throws(LMStudioError) {
        let searched = written.count
        written += bytes
        let found = triggers.compactMap { trigger in
            Self.first(trigger.bytes, in: written, endingAfter: searched).map { (trigger, $0) }
        }
        if let (trigger, place) = found.min(by: { $0.1 < $1.1 }) {
            let start = trigger.isPartOfAnswer ? place : place + trigger.bytes.count
            let begun = Array(written[start...])
            if try cursor.accept(begun) {
                isWaiting = false
                written = []
                return
            }
        }
        let longest = triggers.map(\.bytes.count).max() ?? 0
        if written.count >= longest { written.removeFirst(written.count - longest + 1) }
    }

    private static func first(
        _ bytes: [UInt8],
        in text: [UInt8],
        endingAfter searched: Int
    ) -> Int? {
        let earliest = max(0, searched - bytes.count + 1)
        guard text.count - bytes.count >= earliest else { return nil }
        return (earliest...text.count - bytes.count).first { text[$0...].starts(with: bytes) }
    }
}

/// What the grammars of one context have in common; it belongs to the context's thread.
final class AnswerGrammars {
    /// Machines of late, the last one first: what they learned serves the next prediction.
    private var machines: [(output: StructuredOutput, machine: GrammarMachine)] = []
    private static let machineLimit = 4

    /// The beginning of an answer of some form.
    ///
    /// - Parameters:
    ///   - plan: the form.
    ///   - vocabulary: the model's tokens.
    /// - Returns: what sees to it.
    /// - Throws: `.invalidArgument` for a form that is refused.
    func grammar(
        of plan: AnswerPlan,
        vocabulary: TokenTexts
    ) throws(LMStudioError) -> AnswerGrammar {
        let answer = AnswerGrammar(
            try machine(of: plan.output),
            vocabulary: vocabulary,
            after: plan.triggers,
            thinking: plan.thinking
        )
        try answer.accept(text: plan.prefix)
        return answer
    }

    private func machine(of output: StructuredOutput) throws(LMStudioError) -> GrammarMachine {
        if let known = machines.firstIndex(where: { $0.output == output }) {
            let entry = machines.remove(at: known)
            machines.insert(entry, at: 0)
            return entry.machine
        }
        let machine = try GrammarMachine(AnswerForm.of(output).grammar)
        machines.insert((output, machine), at: 0)
        if machines.count > Self.machineLimit { machines.removeLast() }
        return machine
    }
}
