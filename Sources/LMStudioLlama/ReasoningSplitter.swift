import LMStudioCore

/// Tells the model's thinking from its answer by the marks around it.
///
/// A mark may come in pieces: what could still become one is held back until it is decided.
struct ReasoningSplitter: Sendable {
    private let start: [UInt8]
    private let end: [UInt8]
    /// Whether what comes next is thinking.
    private(set) var isThinking: Bool
    /// Whether the answer has a form, so that marks within it are part of it.
    private let hasForm: Bool
    /// Whether the answer has begun and all that comes belongs to it.
    private var isAnswer = false
    private var held: [UInt8] = []

    /// Makes a splitter.
    ///
    /// - Parameters:
    ///   - parsing: the marks, not empty.
    ///   - prompt: what the model continues; one that ends with the mark has begun the thinking.
    ///   - hasForm: whether the answer has a form, and no thinking once it has begun.
    init(_ parsing: ReasoningParsing, after prompt: String, hasForm: Bool = false) {
        self.hasForm = hasForm
        start = Array(parsing.startString.utf8)
        end = Array(parsing.endString.utf8)
        let beginning = prompt.utf8.reversed().drop(while: Self.isSpace)
        isThinking = beginning.starts(with: start.reversed().drop(while: Self.isSpace))
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
    }

    /// The marks.
    var marks: [String] {
        [start, end].map { String(decoding: $0, as: UTF8.self) }
    }

    /// Takes text and hands on what is certain now, piece by piece.
    ///
    /// - Parameters:
    ///   - text: what comes next.
    ///   - isLast: whether nothing follows, so that nothing is held back.
    ///   - emit: receives the pieces, none of them empty.
    mutating func append(
        _ text: String,
        isLast: Bool,
        _ emit: (String, PredictionFragment.ReasoningType) -> Void
    ) {
        let mark = isThinking ? end : start
        // Nearly all text has nothing of a mark.
        if held.isEmpty, isAnswer || !text.utf8.contains(mark[0]) {
            seeAnswer(in: text.utf8)
            if !text.isEmpty { emit(text, isThinking ? .reasoning : .none) }
            return
        }
        held += text.utf8
        while let place = firstMark() {
            let mark = isThinking ? end : start
            take(place, isThinking ? .reasoning : .none, emit)
            take(mark.count, isThinking ? .reasoningEndTag : .reasoningStartTag, emit)
            isThinking.toggle()
        }
        take(
            isLast || isAnswer ? held.count : held.count - partialMarkLength(),
            isThinking ? .reasoning : .none,
            emit
        )
    }

    private mutating func take(
        _ count: Int,
        _ type: PredictionFragment.ReasoningType,
        _ emit: (String, PredictionFragment.ReasoningType) -> Void
    ) {
        guard count > 0 else { return }
        emit(String(decoding: held[..<count], as: UTF8.self), type)
        held.removeFirst(count)
    }

    /// Notes that the answer has begun: with text that neither is a mark nor may become one.
    private mutating func seeAnswer(in text: some Collection<UInt8>) {
        guard hasForm, !isThinking, !isAnswer else { return }
        let beginning = text.drop(while: Self.isSpace)
        let mark = start.drop(while: Self.isSpace)
        isAnswer = !mark.starts(with: beginning.prefix(mark.count))
    }

    private mutating func firstMark() -> Int? {
        seeAnswer(in: held)
        guard !isAnswer else { return nil }
        let mark = isThinking ? end : start
        return held.indices.first { held[$0...].starts(with: mark) }
    }

    /// Length of the longest end of what is held that a mark begins with.
    private func partialMarkLength() -> Int {
        let mark = isThinking ? end : start
        let most = min(mark.count - 1, held.count)
        return (0...most).last { mark.starts(with: held[(held.count - $0)...]) } ?? 0
    }
}

extension ReasoningParsing {
    /// What tells the thinking in the text after a prompt; `nil` if nobody wants it told.
    func splitter(after prompt: String, hasForm: Bool) -> ReasoningSplitter? {
        isEnabled ? ReasoningSplitter(self, after: prompt, hasForm: hasForm) : nil
    }
}
