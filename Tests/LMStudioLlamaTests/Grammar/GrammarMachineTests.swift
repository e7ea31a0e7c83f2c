import LMStudioCore
import Testing

@testable import LMStudioLlama

@Suite struct GrammarMachineTests {
    @Test func ambiguityBeyondMeasureIsRefusedRatherThanFollowed() throws {
        // After n characters there are 2ⁿ ways to read them.
        let grammar = try GBNFParser.parse(
            """
            root ::= a
            a ::= " " b | " " c | "."
            b ::= a "1"
            c ::= a "2"
            """
        ).grammar
        let error = #expect(throws: LMStudioError.self) {
            _ = try grammar.fit(String(repeating: " ", count: 40))
        }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains("ambiguous") == true)
    }

    @Test func ambiguityAtTheBeginningIsRefusedToo() throws {
        let rules = (0..<40).map { "r\($0) ::= r\($0 + 1) \"1\" | r\($0 + 1) \"2\"" }
        let text = "root ::= r0\n" + rules.joined(separator: "\n") + "\nr40 ::= \"x\""
        let grammar = try GBNFParser.parse(text).grammar
        #expect(throws: LMStudioError.self) { try GrammarMachine(grammar) }
    }

    @Test func partsOfCharactersFitIfTheCharacterCan() throws {
        let machine = try GrammarMachine(GBNFParser.parse("root ::= [é-ë]").grammar)
        let cursor = GrammarCursor(machine)
        #expect(try !cursor.accept([0xC2]))
        #expect(try cursor.accept([0xC3]))
        #expect(!cursor.mayEnd)
        #expect(try !cursor.accept([0x28]))
        #expect(try !cursor.accept([0xA0]))
        #expect(try cursor.accept([0xAA]))
        #expect(cursor.mayEnd && cursor.mustEnd)
    }

    @Test(arguments: [[0xC0, 0x80], [0xED, 0xA0], [0xF4, 0x90], [0xF5], [0xFF], [0xE0, 0x80]])
    func whatIsNoUTF8DoesNotFit(bytes: [UInt8]) throws {
        let cursor = GrammarCursor(try GrammarMachine(GBNFParser.parse("root ::= .+").grammar))
        #expect(try !cursor.accept(bytes))
    }

    @Test func tablesThatHaveGrownAreForgottenButNotTheCursors() throws {
        // Each place in the string is a state of its own.
        let text = "root ::= \"<\" char{0,20000} \">\"\nchar ::= [^<>]"
        let machine = try GrammarMachine(GBNFParser.parse(text).grammar)
        let others = (0..<3).map { _ in GrammarCursor(machine) }
        #expect(try others[1].accept([UInt8(ascii: "<")]))
        let cursor = GrammarCursor(machine)
        #expect(try cursor.accept([UInt8(ascii: "<")]))
        for round in 0..<20 {
            let letters = [UInt8](repeating: UInt8(ascii: "a") + UInt8(round), count: 1000)
            #expect(try cursor.accept(letters))
        }
        #expect(try !cursor.accept(Array("a".utf8)))
        #expect(try cursor.accept(Array(">".utf8)))
        #expect(cursor.mustEnd)
        #expect(try others[1].accept(Array("x>".utf8)))
        #expect(others[1].mustEnd && !others[0].mayEnd)
    }

    // MARK: Vocabularies

    private static let texts = ["", "a", "ab", "abc", "b", "\u{E9}", "<end>", "abd", "ac"]
    private static let vocabulary = TokenTexts(
        texts.map { Array($0.utf8) } + [[0xC3], [0xA9]],
        ends: [6]
    )

    @Test(arguments: [
        ("root ::= \"abc\"", [1, 2, 3]), ("root ::= \"ab\" [cd]", [1, 2, 3, 7]),
        ("root ::= \"a\"*", [1, 6]), ("root ::= \"é\" | \"b\"", [4, 5, 9]), ("root ::= \"x\"", []),
        ("root ::= [^a]+", [4, 5, 9]), ("root ::= \"\"", [6]),
    ])
    func maskHoldsExactlyTheTokensThatFit(grammar: String, tokens: [Int]) throws {
        let machine = try GrammarMachine(GBNFParser.parse(grammar).grammar)
        let answer = AnswerGrammar(machine, vocabulary: Self.vocabulary)
        let mask = try answer.mask()
        #expect((0..<11).filter { mask[0] >> $0 & 1 == 1 } == tokens)
        for token in 0..<11 {
            #expect(try answer.allows(Int32(token)) == tokens.contains(token), "\(token)")
        }
    }

    @Test func maskInTheMiddleOfACharacter() throws {
        let machine = try GrammarMachine(GBNFParser.parse("root ::= \"é\"").grammar)
        let answer = AnswerGrammar(machine, vocabulary: Self.vocabulary)
        try answer.accept(9)
        #expect(try answer.mask() == [1 << 10])
        try answer.accept(10)
        #expect(answer.isComplete)
    }

    @Test func waitingGrammarBeginsAfterItsTrigger() throws {
        let machine = try GrammarMachine(GBNFParser.parse("root ::= \"ab\"").grammar)
        let trigger = AnswerGrammar.Trigger(text: "ca", isPartOfAnswer: false)
        let answer = AnswerGrammar(machine, vocabulary: Self.vocabulary, after: [trigger])
        for token: Int32 in [4, 5, 8] {
            #expect(try answer.allows(token))
            try answer.accept(token)
        }
        #expect(answer.isWaiting)
        // "ac" + "ab": "ca" is the trigger; "b" does not fit, so it waits on.
        try answer.accept(2)
        #expect(answer.isWaiting)
        try answer.accept(8)
        try answer.accept(1)
        #expect(!answer.isWaiting && !answer.isComplete)
        #expect(try !answer.allows(4) && answer.allows(1))
        try answer.accept(2)
        #expect(answer.isComplete)
    }

    @Test func triggerMayBePartOfTheAnswer() throws {
        let machine = try GrammarMachine(GBNFParser.parse("root ::= \"abc\" \"b\"").grammar)
        let trigger = AnswerGrammar.Trigger(text: "abc", isPartOfAnswer: true)
        let answer = AnswerGrammar(machine, vocabulary: Self.vocabulary, after: [trigger])
        try answer.accept(4)
        try answer.accept(3)
        #expect(!answer.isWaiting)
        #expect(try answer.allows(4) && !answer.allows(1))
    }
}
