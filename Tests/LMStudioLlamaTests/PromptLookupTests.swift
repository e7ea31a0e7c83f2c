import Testing

@testable import LMStudioLlama

@Suite struct PromptLookupTests {
    private static let story = (100..<200).map { Int32($0) }

    /// Guesses after the story and a beginning of its repetition.
    private func guess(
        repeated: Int,
        written: Int? = nil,
        limit: Int = 16,
        lookup: inout PromptLookup
    ) -> [Int32] {
        lookup.guess(
            after: Self.story + [1, 2, 3] + Self.story.prefix(repeated),
            writtenCount: written ?? repeated,
            atMost: limit
        )
    }

    @Test(arguments: [(5, 0), (6, 3), (11, 3), (12, 7), (24, 15), (50, 15)])
    func theLongerTheRepetitionTheLongerTheGuess(repeated: Int, count: Int) {
        var lookup = PromptLookup(length: 4096)
        let guesses = guess(repeated: repeated, lookup: &lookup)
        #expect(guesses == Array(Self.story[repeated..<repeated + count]))
    }

    @Test func onlyWhatTheModelWroteCounts() {
        var lookup = PromptLookup(length: 4096)
        #expect(guess(repeated: 30, written: 5, lookup: &lookup) == [])
    }

    @Test(arguments: [0, 1, 2])
    func limitIsKept(limit: Int) {
        var lookup = PromptLookup(length: 4096)
        #expect(guess(repeated: 30, limit: limit, lookup: &lookup).count == limit)
    }

    @Test func whatGrowsTokenByTokenIsReadLikeWhatComesAtOnce() {
        var stepwise = PromptLookup(length: 4096)
        for count in 0..<20 { _ = guess(repeated: count, lookup: &stepwise) }
        var atOnce = PromptLookup(length: 4096)
        #expect(
            guess(repeated: 20, lookup: &stepwise) == guess(repeated: 20, lookup: &atOnce)
        )
    }

    @Test func aShortPatternIsRepeatedInTheGuess() {
        var lookup = PromptLookup(length: 4096)
        let tokens = Array(repeating: [7, 8] as [Int32], count: 10).flatMap(\.self)
        let guesses = lookup.guess(after: tokens, writtenCount: 16, atMost: 16)
        #expect(guesses == [7, 8, 7, 8, 7, 8, 7])
    }

    @Test func wrongGuessesMakeItCarefulAndRightOnesBoldAgain() {
        var lookup = PromptLookup(length: 4096)
        #expect(!guess(repeated: 6, lookup: &lookup).isEmpty)
        lookup.settle(rightCount: 0, of: 3)
        #expect(guess(repeated: 7, lookup: &lookup).isEmpty)
        #expect(guess(repeated: 11, lookup: &lookup).isEmpty)
        #expect(!guess(repeated: 12, lookup: &lookup).isEmpty)
        for _ in 0..<9 { lookup.settle(rightCount: 0, of: 3) }
        #expect(guess(repeated: 47, lookup: &lookup).isEmpty)
        #expect(!guess(repeated: 48, lookup: &lookup).isEmpty)
        lookup.settle(rightCount: 15, of: 15)
        var other = Array(Self.story.prefix(48)) + [9]
        other += Self.story.prefix(6)
        let tokens = Self.story + [1, 2, 3] + other
        #expect(!lookup.guess(after: tokens, writtenCount: 55, atMost: 16).isEmpty)
    }

    @Test func textWithoutRepetitionIsNotGuessed() {
        var lookup = PromptLookup(length: 16)
        var random = Splitter(state: 1)
        let tokens = (0..<5000).map { _ in Int32(random.next() % 1000) }
        #expect(lookup.guess(after: tokens, writtenCount: 5000, atMost: 16) == [])
    }

    /// The same numbers every time.
    private struct Splitter: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state >> 33
        }
    }
}
