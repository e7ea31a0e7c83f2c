import LMStudioCore
import LMStudioWire
import Testing

@Suite struct JSONValueTests {
    @Test(arguments: [
        ("null", JSONValue.null), ("true", .bool(true)), ("false", .bool(false)),
        ("0", .integer(0)), ("1", .integer(1)), ("-7", .integer(-7)),
        ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
        ("0.5", .number(0.5)), ("-1.5e-3", .number(-0.0015)), ("1e300", .number(1e300)),
        ("18446744073709551616", .number(18_446_744_073_709_551_616)),
        ("\"\"", .string("")), ("\"a\\u0000b\"", .string("a\0b")),
        ("\"\\ud83d\\ude00\"", .string("😀")),
        ("\"\\\"\\\\\\/\\n\"", .string("\"\\/\n")), ("\"1\"", .string("1")),
        ("[]", .array([])), ("{}", .object([:])),
        (" [ 1 , [ null ] ] ", .array([.integer(1), .array([.null])])),
        ("{\"a\":{\"b\":[]},\"\":1}", .object(["a": .object(["b": .array([])]), "": .integer(1)])),
    ])
    func valueIsParsed(text: String, value: JSONValue) throws {
        #expect(try JSONValue(parsing: text, as: "config") == value)
    }

    @Test(arguments: [
        JSONValue.null, .bool(false), .integer(.min), .number(0.1), .string("\u{0}\u{7f}\n\"\\/é😀"),
        .array([.null, .array([]), .object([:])]),
        .object(["b": .integer(2), "a": .array([.bool(true)]), "": .string("")]),
    ])
    func valueSurvivesARoundTrip(value: JSONValue) throws {
        #expect(try JSONValue(parsing: value.text, as: "config") == value)
    }

    @Test func membersAreWrittenInTheOrderOfTheirNames() {
        let value = JSONValue.object(["b": .integer(1), "a": .string("x/y"), "c": .null])
        #expect(value.text == #"{"a":"x/y","b":1,"c":null}"#)
    }

    @Test(arguments: [
        "", " ", "{", "}", "[1,", "{\"a\"}", "{\"a\":}", "{a:1}", "'a'", "nul",
        "True", "NaN", "Infinity", "-", "01", "+1", "1.", ".5", "1e", "0x10", "\"a", "\"\\x\"",
        "\"\\u12\"", "1 2", "[] x", "\u{feff}nothing", "// note\n1", "\u{0}",
    ])
    func garbageIsRefusedByName(text: String) {
        let error = #expect(throws: LMStudioError.self) {
            try JSONValue(parsing: text, as: "config")
        }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.hasPrefix("config is not JSON") == true)
    }

    @Test(arguments: ["[", "{\"a\":", "[{\"a\":"])
    func nestingOfOneHundredThousandIsRefused(opening: String) {
        let text = String(repeating: opening, count: 100_000)
        let error = #expect(throws: LMStudioError.self) {
            try JSONValue(parsing: text, as: "config")
        }
        #expect(error?.code == .invalidArgument)
    }

    @Test func closedNestingOfOneHundredThousandIsRefused() {
        let text =
            String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000)
        #expect(throws: LMStudioError.self) { try JSONValue(parsing: text, as: "config") }
    }

    @Test func nestingOfFourHundredIsParsed() throws {
        let text = String(repeating: "[", count: 400) + String(repeating: "]", count: 400)
        #expect(try JSONValue(parsing: text, as: "config").text == text)
    }

    @Test func messageQuotesNoMoreThanTheBeginning() {
        let text = String(repeating: "x", count: 100_000)
        let error = #expect(throws: LMStudioError.self) {
            try JSONValue(parsing: text, as: "config")
        }
        #expect((error?.message.count ?? .max) < 300)
    }

    @Test func membersThatAreNullAreLeftOut() {
        let value = JSONValue.object(["a": .null, "b": .integer(1)])
        #expect(value.members == ["b": .integer(1)])
    }

    @Test(arguments: [JSONValue.null, .bool(true), .array([]), .string("{}")])
    func onlyObjectsHaveMembers(value: JSONValue) {
        #expect(value.members == nil)
    }
}
