import LMStudioCore
import Testing

@testable import LMStudioLlama

@Suite struct GBNFParserTests {
    @Test(arguments: [
        (#"root ::= "yes" | "no""#, ["yes", "no"], ["", "maybe", "yesno"]),
        (#"root ::= "a"{2,3}"#, ["aa", "aaa"], ["a", "aaaa"]),
        (#"root ::= "ab"{2}"#, ["abab"], ["abb", "ab"]),
        (#"root ::= "a"{0,2} "b""#, ["b", "ab", "aab"], ["aaab"]),
        (#"root ::= "a"{2,}"#, ["aa", "aaaaaa"], ["a"]),
        (#"root ::= [a-cx-]+"#, ["abc", "x-", "-"], ["d", ""]),
        (#"root ::= [^a-c]"#, ["d", "é", "😀"], ["a", "dd"]),
        (#"root ::= . ."#, ["ab", "é\n", "😀😀"], ["a"]),
        (#"root ::= ("a" | "b" "c")? "d""#, ["d", "ad", "bcd"], ["bd", "abcd"]),
        ("root ::= x\n# a comment\nx ::= \"1\" |\n  \"2\" # another\n", ["1", "2"], ["3"]),
        (#"root ::= "\x41\u00e9\U0001F600\n\"\\""#, ["Aé😀\n\"\\"], ["A"]),
        ("root ::= (\"a\"\n  \"b\")", ["ab"], ["a"]),
        (#"root ::= ("a"?)*"#, ["", "a", "aaa"], ["b"]),
        (#"root ::= (("a"*)*)*"#, ["", "aaaa"], ["b"]),
        ("root ::= open\nopen ::= \"(\" open \")\" | \"\"", ["", "(())"], ["(()"]),
        ("root ::= a\na ::= \"x\"\na ::= \"y\"", ["y"], ["x"]),
        (#"root ::= "é" | "è" "#, ["é", "è"], ["ê", "e"]),
        (#"root ::= "a" loop | "b""# + "\nloop ::= \"c\" loop", ["b"], ["a", "ac"]),
    ])
    func grammarTakesItsTextsAndNoOthers(grammar: String, fits: [String], others: [String]) throws {
        let grammar = try GBNFParser.parse(grammar).grammar
        for text in fits { #expect(try grammar.fit(text) == .whole, "\(text)") }
        for text in others { #expect(try grammar.fit(text) != .whole, "\(text)") }
    }

    @Test func alternativesThatNeverEndAreNotBegun() throws {
        let grammar = try GBNFParser.parse("root ::= \"a\" loop | \"b\"\nloop ::= \"c\" loop")
            .grammar
        #expect(try grammar.fit("a") == .unfit)
    }

    @Test(arguments: [
        ("", #"there is no rule "root""#),
        ("other ::= \"a\"", #"there is no rule "root""#),
        ("root ::= \"a\nx ::= \"b\"", "closing quote"),
        ("root ::= \"a\" )", "line 1, column 14"),
        ("root ::= (\"a\"", "a group lacks"),
        ("root ::= [a", "a set of characters lacks"),
        ("root ::= [z-a]", "wrong order"),
        ("root ::= \"\\q\"", #"there is no escape \q"#),
        ("root ::= \"\\xZZ\"", "hexadecimal"),
        ("root ::= *", "nothing"),
        ("root ::= \"a\"{2,1}", "wrong order"),
        ("root ::= \"a\"{x}", "is no number"),
        ("root ::= \"a\"{1", #"lacks "}""#),
        ("root = \"a\"", "lacks ::="),
        ("root ::= \"x\"\n\n  !", "line 3, column 3"),
        ("root ::= a\na ::= b \"x\"", #"line 2, column 7: there is no rule "b""#),
        ("root ::= root \"a\" | \"b\"", #""root" begins with itself"#),
        ("root ::= a\na ::= \"x\"? b\nb ::= a \"y\" | \"z\"", "begins with itself"),
        ("root ::= \"a\" root", "without end"),
        ("root ::= []", "without end"),
        ("root ::= <think>", "tokens"),
        ("root ::= \"a\"{20001}", "20000"),
        ("root ::= \"a\"{99999999999999999999}", "20000"),
        (
            "root ::= (\"a\"{200}){200} " + String(repeating: "b{20000} ", count: 21)
                + "\nb ::= \"b\"", "400000"
        ),
        ("root ::= " + String(repeating: "(", count: 51) + "\"a\"", "nested deeper"),
        ("root ::= \"a\"" + String(repeating: "*", count: 5), "repetitions"),
        (String(repeating: "#", count: 256 * 1024 + 1), "bytes"),
    ])
    func badGrammarIsRefusedWithItsPlace(grammar: String, message: String) {
        let error = #expect(throws: LMStudioError.self) { try GBNFParser.parse(grammar) }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    }

    @Test func rulesMayBeginWithEachOtherAThousandfold() throws {
        let rules = (0..<5000).map { "r\($0) ::= r\($0 + 1) | r\($0 + 1)" }
        let text = "root ::= r0\n" + rules.joined(separator: "\n") + "\nr5000 ::= \"x\""
        #expect(try GBNFParser.parse(text).grammar.fit("x") == .whole)
    }
}
