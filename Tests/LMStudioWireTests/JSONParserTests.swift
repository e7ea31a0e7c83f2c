import LMStudioCore
import LMStudioWire
import Testing

/// RFC 8259, case by case.
@Suite struct JSONParserTests {
    @Test(arguments: [
        // Numbers
        ("-0", JSONValue.integer(0)), ("-1", .integer(-1)), ("-123", .integer(-123)),
        ("-0.0", .number(-0.0)), ("0e1", .number(0)), ("0e+1", .number(0)), ("0.0", .number(0)),
        ("1E22", .number(1e22)), ("1e-2", .number(0.01)), ("1E+2", .number(100)),
        ("1.0", .number(1)), ("123.456e78", .number(123.456e78)),
        ("1e-400", .number(0)), ("4.9e-324", .number(.leastNonzeroMagnitude)),
        ("1.7976931348623157e308", .number(.greatestFiniteMagnitude)),
        ("9223372036854775808", .number(0x1p63)),
        ("-9223372036854775809", .number(-0x1p63)),
        ("18446744073709551615", .number(0x1p64)),
        ("100000000000000000000", .number(1e20)),
        ("0.1000000000000000055511151231257827", .number(0.1)),
        // Strings
        (#""\b\f\n\r\t\"\\\/""#, .string("\u{8}\u{c}\n\r\t\"\\/")),
        (#""\u0041\u00e9\u65e5""#, .string("Aé日")), (#""\uD83D\uDE00""#, .string("😀")),
        (#""\uDBFF\uDFFF""#, .string("\u{10ffff}")), (#""\u0000""#, .string("\0")),
        (#""\ud83d""#, .string("\u{fffd}")), (#""\ude00""#, .string("\u{fffd}")),
        (#""\ud83dx""#, .string("\u{fffd}x")), (#""\ud83d\n""#, .string("\u{fffd}\n")),
        (#""\ud83d\ud83d\ude00""#, .string("\u{fffd}😀")),
        (#""\ude00\ud83d""#, .string("\u{fffd}\u{fffd}")),
        (
            "\"\u{7f}\u{80}\u{2028}\u{2029}\u{feff}\"",
            .string("\u{7f}\u{80}\u{2028}\u{2029}\u{feff}")
        ),
        ("\"12345678\"", .string("12345678")), ("\"1234567é\"", .string("1234567é")),
        (#""1234567\n12345678\t""#, .string("1234567\n12345678\t")),
        // Structures and space
        ("\t\r\n [ ] \t\r\n ", .array([])), ("[[]   ]", .array([.array([])])),
        ("[null, 1, \"1\", {}]", .array([.null, .integer(1), .string("1"), .object([:])])),
        (#"{"a":1,"a":2}"#, .object(["a": .integer(2)])),
        (#"{"a":1,"\u0061":3}"#, .object(["a": .integer(3)])),
        (#"{"":0}"#, .object(["": .integer(0)])),
        (#"{"a\u0000b":0}"#, .object(["a\0b": .integer(0)])),
        ("{ \"a\" : { \"b\" : [ ] } }", .object(["a": .object(["b": .array([])])])),
        ("true", .bool(true)), ("\"\"", .string("")),
    ])
    func textIsAccepted(text: String, value: JSONValue) throws {
        #expect(try JSONValue(parsing: text, as: "x") == value)
        #expect(try JSONValue(parsing: value.text, as: "x") == value)
    }

    /// What a schema says and what a tool is given is written as it came.
    @Test func whereOrderIsKeptSoAreDigitsAndNamesThatLookAlike() throws {
        let text =
            #"{"parameters":{"\#u{E9}":12345678901234567890,"e\#u{301}":-99999999999999999999,"a":1.5}}"#
        #expect(try Array(JSONValue(parsing: text, as: "x").text.utf8) == Array(text.utf8))
        let members = try JSONValue(parsing: text, as: "x")["parameters"]
        #expect(members?["\u{E9}"]?.double == 1.2345678901234567e19)
        #expect(members?["e\u{301}"]?.kind == "-99999999999999999999")
    }

    @Test(arguments: [
        // Numbers
        "-", "--1", "+1", "++1", "-01", "00", "012", "-012", "1.", "-1.", "1.e1", ".1", "-.1",
        "1e", "1e+", "1eE2", "1e1.5", "1 000", "1_0", "0x1", "0b1", "1a", "1e400", "-1e400",
        "NaN", "-NaN", "Infinity", "-Infinity", "١", "１", "- 1", "2.", "0.3e", "9.e+",
        // Words
        "tru", "truee", "fals", "nul", "nulll", "TRUE", "Null", "undefined", "t", "n",
        // Strings
        "\"", "\"a", "'a'", "a", "\"\\", "\"\\\"", "\"\\a\"", "\"\\x00\"", "\"\\'\"", "\"\\\u{0}\"",
        "\"\\u\"", "\"\\u1\"", "\"\\u12\"", "\"\\u123\"", "\"\\u123g\"", "\"\\u 123\"",
        "\"\\U0041\"",
        "\"\\u00e", "\"\\ud83d\\u\"", "\"\\ud83d\\u12\"", "\"\\ud83d\\", "\"\n\"", "\"\t\"",
        "\"\u{0}\"", "\"\u{1f}\"", "\"1234567\u{1}\"", "\"a\" \"b\"", "\"\\é\"", "\"\\uÀ000\"",
        // Structures
        "[", "]", "[1", "[1,", "[1,]", "[,1]", "[,]", "[1 2]", "[1,,2]", "[1;2]", "[1}", "[\"a\"",
        "[1]]", "[]]", "[1:2]", "[-]", "[a]", "{", "}", "{]", "{,}", "{\"a\"", "{\"a\":",
        "{\"a\":1",
        "{\"a\":1,", "{\"a\":1,}", "{\"a\":1,,\"b\":2}", "{\"a\" 1}", "{\"a\"::1}", "{\"a\",1}",
        "{a:1}", "{1:1}", "{null:1}", "{'a':1}", "{\"a\":1 \"b\":2}", "{\"a\":1}}", "{\"a\":1}#",
        "{[]:1}", "{\"a\":}", "{\"a\":1}{}",
        // Around
        "", " ", "\u{feff}{}", "\u{feff}1", "{}\u{0}", "1\u{a0}", "\u{b}1", "\u{c}1", "\u{2060}1",
        "// x\n1", "/**/1", "1 //", "#1", "<1>", "1,", ",1", ":1", "*", "1\u{1a}",
    ])
    func textIsRefused(text: String) {
        let error = #expect(throws: LMStudioError.self) { try JSONValue(parsing: text, as: "x") }
        #expect(error?.code == .invalidArgument)
    }

    @Test(
        arguments: [
            [0x22, 0xff, 0x22], [0x22, 0x80, 0x22], [0x22, 0xc0, 0xaf, 0x22],
            [0x22, 0xe6, 0x97, 0x22],
            [0x22, 0xed, 0xa0, 0x80, 0x22], [0x22, 0xf4, 0x90, 0x80, 0x80, 0x22],
            [0x22, 0xf8, 0x88, 0x80, 0x80, 0x80, 0x22], [0x22, 0x5c, 0x6e, 0xff, 0x22],
            [0x22, 0x61, 0xe6, 0x97, 0xa5, 0xfe, 0x61, 0x61, 0x61, 0x61, 0x22], [0xff],
            [0x5b, 0xff, 0x5d],
            [0xef, 0xbb, 0xbf, 0x31], [0xff, 0xfe, 0x31, 0x00],
            [0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d],
        ] as [[UInt8]]
    )
    func bytesThatAreNoUTF8AreRefused(bytes: [UInt8]) {
        #expect(throws: LMStudioError.self) {
            try bytes.withUnsafeBytes { try JSONValue(parsing: $0, as: "x") }
        }
    }

    @Test func everyByteButTheseStandsForItselfInAString() throws {
        for byte in UInt8(0)..<0x80 {
            for padding in ["", "1234567", "123456789"] {
                let text = "\"\(padding)\(Character(Unicode.Scalar(byte)))\""
                let value = try? JSONValue(parsing: text, as: "x")
                let isPlain = byte >= 0x20 && byte != 0x22 && byte != 0x5c
                #expect((value != nil) == isPlain, "byte \(byte)")
            }
        }
    }

    @Test func stringOfEveryLengthEndsAtItsQuote() throws {
        for count in 0..<40 {
            let string = String(repeating: "x", count: count)
            let value = JSONValue.array([
                .string(string), .string(string + "é"), .string(string + "\n"),
            ])
            #expect(try JSONValue(parsing: value.text, as: "x") == value)
        }
    }

    @Test(arguments: [("[", "]"), (#"{"a":"#, "}")])
    func nestingIsBounded(opening: String, closing: String) throws {
        func text(_ depth: Int) -> String {
            String(repeating: opening, count: depth) + "1"
                + String(repeating: closing, count: depth)
        }
        #expect(try JSONValue(parsing: text(512), as: "x").text == text(512))
        let error = #expect(throws: LMStudioError.self) {
            try JSONValue(parsing: text(513), as: "x")
        }
        #expect(error?.message.contains("nested deeper than 512") == true)
    }

    @Test(arguments: [
        ("[1,2", #"x is not JSON: an array lacks "," or "]" at byte 4; got "[1,2""#),
        (#"{"a":tru}"#, #"x is not JSON: there is no value at byte 5; got "{"a":tru}""#),
        ("", #"x is not JSON: it ends where a value should be at byte 0; got """#),
        ("1 2", #"x is not JSON: more follows the value at byte 2; got "1 2""#),
    ])
    func messageTellsWhatAndWhere(text: String, message: String) {
        let error = #expect(throws: LMStudioError.self) { try JSONValue(parsing: text, as: "x") }
        #expect(error?.message == message)
    }

    @Test func nothingAtAllIsRefused() {
        #expect(throws: LMStudioError.self) {
            try JSONValue(parsing: UnsafeRawBufferPointer(start: nil, count: 0), as: "x")
        }
    }

    // MARK: Writing

    @Test(arguments: [
        (JSONValue.number(3), "3.0"), (.number(0.1), "0.1"), (.number(1e300), "1e+300"),
        (.number(-0.0), "-0.0"), (.number(.nan), "null"), (.number(.infinity), "null"),
        (.integer(3), "3"), (.integer(.min), "-9223372036854775808"), (.integer(10), "10"),
        (
            .string("a/b\"\\\u{8}\u{c}\n\r\t\u{0}\u{1f}\u{7f}\u{2028}é"),
            "\"a/b\\\"\\\\\\b\\f\\n\\r\\t\\u0000\\u001f\u{7f}\u{2028}é\""
        ),
        (.array([]), "[]"), (.object([:]), "{}"),
        (
            .object(["b": .array([.null, .bool(true)]), "a": .object(["": .bool(false)])]),
            #"{"a":{"":false},"b":[null,true]}"#
        ),
    ])
    func valueIsWritten(value: JSONValue, text: String) {
        #expect(value.text == text)
    }

    @Test func textIsAppended() {
        var bytes = Array("x=".utf8)
        JSONValue.array([.integer(1)]).append(to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == "x=[1]")
    }
}
