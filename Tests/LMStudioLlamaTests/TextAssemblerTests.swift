import Testing

@testable import LMStudioLlama

@Suite struct TextAssemblerTests {
    private static func fragments(
        _ bytes: [[UInt8]],
        stops: [String] = []
    ) -> (parts: [String], stop: Int?) {
        var assembler = TextAssembler(stopStrings: stops)
        var parts = bytes.map { assembler.append($0) }
        parts.append(assembler.flush())
        return (parts, assembler.matchedStop)
    }

    private static func fragments(
        _ texts: [String],
        stops: [String]
    ) -> (parts: [String], stop: Int?) {
        fragments(texts.map { Array($0.utf8) }, stops: stops)
    }

    @Test(arguments: ["héllo", "日本語のテキスト", "👩‍👩‍👧‍👦 family", "a\u{0}b", "\u{10FFFF}"])
    func cuttingBetweenAnyBytesGivesTheSameTextOfWholeCharacters(text: String) {
        let bytes = Array(text.utf8)
        for size in 1...5 {
            let pieces = stride(from: 0, to: bytes.count, by: size).map {
                Array(bytes[$0..<min($0 + size, bytes.count)])
            }
            let parts = Self.fragments(pieces).parts
            #expect(parts.joined() == text)
            #expect(!parts.joined().unicodeScalars.contains("\u{FFFD}"))
        }
    }

    @Test func bytesThatAreNoTextBecomeReplacementCharacters() {
        #expect(Self.fragments([[0x61, 0xFF, 0x62]]).parts.joined() == "a\u{FFFD}b")
        #expect(Self.fragments([[0x61, 0xE2, 0x82]]).parts == ["a", "\u{FFFD}"])
        #expect(Self.fragments([[0x80], [0x80], [0x80], [0x80]]).parts.joined().count == 4)
    }

    @Test(arguments: [
        (["Hello. Bye"], ["."], ["Hello", ""], 0),
        (["Hel", "lo", ".", " Bye"], ["."], ["Hel", "lo", "", "", ""], 0),
        (["one EN", "D two"], ["END"], ["one ", "", ""], 0),
        (["one E", "N", "D"], ["END"], ["one ", "", "", ""], 0),
        (["STOP"], ["STOP"], ["", ""], 0),
        (["a\n", "\nb"], ["\n\n"], ["a", "", ""], 0),
        (["xbcd"], ["cd", "bc"], ["x", ""], 1),
        (["xabc"], ["ab", "abc"], ["x", ""], 1),
        (["größ", "er"], ["ße"], ["grö", "", ""], 0),
    ])
    func textEndsBeforeTheFirstStopString(
        texts: [String],
        stops: [String],
        parts: [String],
        stop: Int
    ) {
        let found = Self.fragments(texts, stops: stops)
        #expect(found.parts == parts)
        #expect(found.stop == stop)
    }

    @Test func whatOnlyLooksLikeAStopStringIsHeldBackAndThenGiven() {
        let found = Self.fragments(["one E", "N", "ergy E"], stops: ["END"])
        #expect(found.parts == ["one ", "", "ENergy ", "E"])
        #expect(found.stop == nil)
    }

    @Test func aStopStringIsFoundWhereverTokensCutIt() {
        let text = Array("some text before the ünïque END of it all".utf8)
        for size in 1...text.count {
            let pieces = stride(from: 0, to: text.count, by: size).map {
                Array(text[$0..<min($0 + size, text.count)])
            }
            let found = Self.fragments(pieces, stops: ["never", "ünïque END"])
            #expect(found.parts.joined() == "some text before the ")
            #expect(found.stop == 1)
        }
    }
}
