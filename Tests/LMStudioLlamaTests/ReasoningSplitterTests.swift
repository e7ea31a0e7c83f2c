import LMStudioCore
import Testing

@testable import LMStudioLlama

@Suite struct ReasoningSplitterTests {
    /// What comes of text in pieces, neighbours of one type joined, as `type:text`.
    private func split(
        _ pieces: [String],
        _ parsing: ReasoningParsing = ReasoningParsing(),
        after prompt: String = "user: hi",
        hasForm: Bool = false
    ) -> [String] {
        var splitter = ReasoningSplitter(parsing, after: prompt, hasForm: hasForm)
        var parts: [(PredictionFragment.ReasoningType, String)] = []
        for (index, piece) in pieces.enumerated() {
            splitter.append(piece, isLast: index == pieces.count - 1) { text, type in
                #expect(!text.isEmpty)
                if parts.last?.0 == type {
                    parts[parts.count - 1].1 += text
                } else {
                    parts.append((type, text))
                }
            }
        }
        #expect(parts.map(\.1).joined() == pieces.joined())
        return parts.map { "\($0.0.rawValue):\($0.1)" }
    }

    private static let whole = "<think>\nHm < 3?\n</think>\n\nYes, a <b> é."
    private static let expected = [
        "reasoningStartTag:<think>", "reasoning:\nHm < 3?\n", "reasoningEndTag:</think>",
        "none:\n\nYes, a <b> é.",
    ]

    @Test(arguments: 1...whole.count)
    func marksMayComeInPieces(size: Int) {
        let characters = Array(Self.whole)
        let pieces = stride(from: 0, to: characters.count, by: size).map {
            String(characters[$0..<min($0 + size, characters.count)])
        }
        #expect(split(pieces) == Self.expected)
    }

    @Test func textThatCannotBecomeAMarkIsNotHeldBack() {
        var splitter = ReasoningSplitter(ReasoningParsing(), after: "")
        var seen: [String] = []
        for piece in ["a", "b<", "c", "<thi", "s>"] {
            splitter.append(piece, isLast: false) { text, _ in seen.append(text) }
        }
        #expect(seen == ["a", "b", "<c", "<this>"])
    }

    @Test func aBegunMarkAtTheEndIsText() {
        #expect(split(["a", "<thin"]) == ["none:a<thin"])
    }

    @Test(arguments: ["…<think>", "…<think>\n", "…<think>\n\n "])
    func aPromptMayBeginTheThinking(prompt: String) {
        #expect(
            split(["Hm", "</think>", "Yes"], after: prompt) == [
                "reasoning:Hm", "reasoningEndTag:</think>", "none:Yes",
            ]
        )
    }

    @Test(arguments: ["<think>\n\n</think>\n\n", "<think", "think>", ""])
    func anyOtherPromptDoesNot(prompt: String) {
        #expect(split(["Yes"], after: prompt) == ["none:Yes"])
    }

    @Test func thinkingMayComeAgain() {
        #expect(
            split(["<think>a</think>b<think>c</think>"]) == [
                "reasoningStartTag:<think>", "reasoning:a", "reasoningEndTag:</think>", "none:b",
                "reasoningStartTag:<think>", "reasoning:c", "reasoningEndTag:</think>",
            ]
        )
    }

    @Test func marksMayBeOthersThanTheUsual() {
        let parsing = ReasoningParsing(startString: "◁", endString: "◁▷")
        #expect(
            split(["x◁", "y◁", "◁▷z"], parsing) == [
                "none:x", "reasoningStartTag:◁", "reasoning:y◁", "reasoningEndTag:◁▷", "none:z",
            ]
        )
    }

    @Test(arguments: 1...50)
    func anAnswerWithAFormHasNoMarks(size: Int) {
        let answer = #"{"a": "<think>x</think>"}"#
        let characters = Array("\n<think>Hm</think>\n" + answer)
        let pieces = stride(from: 0, to: characters.count, by: size).map {
            String(characters[$0..<min($0 + size, characters.count)])
        }
        #expect(
            split(pieces, hasForm: true) == [
                "none:\n", "reasoningStartTag:<think>", "reasoning:Hm", "reasoningEndTag:</think>",
                "none:\n" + answer,
            ]
        )
        #expect(split([answer], hasForm: true) == ["none:" + answer])
    }
}
