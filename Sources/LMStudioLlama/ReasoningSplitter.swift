import LMStudioCore

/// Tells the model's thinking from its answer by the marks around it.
///
/// A mark may come in pieces: what could still become one is held back until it is decided.
struct ReasoningSplitter: Sendable {
    private let start: [UInt8]
    private let end: [UInt8]
    /// Whether what comes next is thinking.
    private(set) var isThinking: Bool
    private var held: [UInt8] = []

    /// Makes a splitter.
    ///
    /// - Parameters:
    ///   - parsing: the marks, not empty.
    ///   - prompt: what the model continues; one that ends with the mark has begun the thinking.
    init(_ parsing: ReasoningParsing, after prompt: String) {
        start = Array(parsing.startString.utf8)
        end = Array(parsing.endString.utf8)
        let spaces: Set = [UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r")]
        let beginning = prompt.utf8.reversed().drop { spaces.contains($0) }
        isThinking = beginning.starts(with: start.reversed().drop { spaces.contains($0) })
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
        if held.isEmpty, !text.utf8.contains(mark[0]) {
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
            isLast ? held.count : held.count - partialMarkLength(),
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

    private func firstMark() -> Int? {
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
    func splitter(after prompt: String) -> ReasoningSplitter? {
        isEnabled ? ReasoningSplitter(self, after: prompt) : nil
    }
}
