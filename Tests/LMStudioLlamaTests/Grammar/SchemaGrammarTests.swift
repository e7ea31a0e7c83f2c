import LMStudioCore
import Testing

@testable import LMStudioLlama

@Suite struct SchemaGrammarTests {
    @Test(arguments: [
        ("true", ["1", #"{"a": [null]}"#, #""x""#], ["", "x", "{a:1}", "01"]),
        (
            #"{"type":"object","properties":{"b":{"type":"string"},"a":{"type":"integer"}},"required":["b","a"],"additionalProperties":false,"$schema":"http://json-schema.org/draft-07/schema#"}"#,
            [#"{"b":"x","a":1}"#, "{\n  \"b\": \"\",\n  \"a\": -12\n}"],
            [#"{"a":1,"b":"x"}"#, "{}", #"{"b":"x"}"#, #"{"b":"x","a":1,"c":2}"#]
        ),
        (
            #"{"properties":{"a":{},"b":{},"c":{}},"required":["b"]}"#,
            [#"{"b":1}"#, #"{"a":1,"b":2,"c":3}"#, #"{"b":1,"c":2}"#],
            ["{}", #"{"a":1}"#, #"{"a":1"b":2}"#, #"{"b":1,}"#, #"{,"b":1}"#]
        ),
        (
            #"{"type":"object","properties":{"a":{"type":"null"}},"additionalProperties":{"type":"integer"}}"#,
            ["{}", #"{"a":null}"#, #"{"a":null,"b":1,"aa":2}"#, #"{"b":3}"#],
            [#"{"b":null}"#, #"{"b":1,"a":1}"#]
        ),
        (#"{"type":"object"}"#, ["{}", #"{"x":{"y":[1,2]}}"#], ["[]"]),
        (#"{"type":["string","null"]}"#, [#""a""#, "null"], ["1"]),
        (
            #"{"enum":["red",1,null,{"b":1,"a":[]}]}"#,
            [#""red""#, "1", "null", #"{"b":1,"a":[]}"#], ["red"]
        ),
        (
            #"{"type":["integer","string"],"enum":[1,2.5,"a",null]}"#, ["1", #""a""#],
            ["2.5", "null"]
        ),
        (#"{"const":"a\"b"}"#, [#""a\"b""#], [#""a""#]),
        (
            #"{"const":12345678901234567890}"#, ["12345678901234567890"], ["12345678901234567000"]
        ),
        (
            #"{"enum":[-99999999999999999999,0.5,7],"type":"integer"}"#,
            ["-99999999999999999999", "7"], ["0.5"]
        ),
        (
            #"{"enum":["a","ab",1,2,3.5,[1],[1,2]],"minLength":2,"minimum":2,"multipleOf":0.5,"maxItems":1}"#,
            [#""ab""#, "2", "3.5", "[1]"], [#""a""#, "1", "[1,2]"]
        ),
        (#"{"enum":["a","b\n",5],"pattern":"^[b\n]+$"}"#, [#""b\n""#, "5"], [#""a""#]),
        (#"{"enum":[1,2,3],"const":2}"#, ["2"], ["1"]),
        (
            #"{"enum":[1,"a"],"anyOf":[{"type":"integer"},{"type":"null"}]}"#, ["1"],
            [#""a""#, "null"]
        ),
        (
            #"{"allOf":[{"anyOf":[{"type":"integer","minimum":2},{"const":"x"}]},{"anyOf":[{"maximum":4},{"enum":["x","y"]}]}]}"#,
            ["2", "4", #""x""#], ["1", "5", #""y""#]
        ),
        (
            #"{"anyOf":[{"type":"integer"},{"type":"null"}],"allOf":[{"anyOf":[{"minimum":5},{"const":null}]},{"oneOf":[{"maximum":7},{"const":null}]}]}"#,
            ["5", "7", "null"], ["4", "8", #""x""#]
        ),
        (
            ##"{"$ref":"#/$defs/a%20b~1%7E1","$defs":{"a b/~1":{"const":1},"a b//":{"const":2}}}"##,
            ["2"], ["1"]
        ),
        (
            String(repeating: #"{"type":"array","items":"#, count: 90) + #"{"const":1}"#
                + String(repeating: "}", count: 90),
            ["[]", "[[],[[]]]"], ["1", "[1]"]
        ),
        (#"{"anyOf":[{"type":"integer"},{"type":"boolean"}]}"#, ["5", "true"], ["null"]),
        (
            #"{"oneOf":[{"required":["a"]},{"required":["b"]}],"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"integer"}}}"#,
            [#"{"a":1}"#, #"{"b":1}"#, #"{"a":1,"b":2}"#], ["{}"]
        ),
        (
            ##"{"allOf":[{"$ref":"#/$defs/n"},{"maximum":9}],"$defs":{"n":{"type":"integer","minimum":3}}}"##,
            ["3", "9"], ["2", "10"]
        ),
        (
            ##"{"$ref":"#/$defs/tree","$defs":{"tree":{"type":"object","properties":{"v":{"type":"integer"},"c":{"type":"array","items":{"$ref":"#/$defs/tree"}}},"required":["v","c"]}}}"##,
            [#"{"v":1,"c":[]}"#, #"{"v":1,"c":[{"v":2,"c":[]},{"v":3,"c":[]}]}"#], [#"{"v":1}"#]
        ),
        (##"{"type":"array","items":{"$ref":"#"}}"##, ["[]", "[[],[[]]]"], ["[1]"]),
        (
            #"{"type":"array","items":{"type":"integer"},"minItems":1,"maxItems":3}"#,
            ["[1]", "[1, 2, 3]"], ["[]", "[1,2,3,4]"]
        ),
        (#"{"type":"array","items":{"type":"integer"},"maxItems":0}"#, ["[]", "[ ]"], ["[1]"]),
        (
            #"{"type":"array","prefixItems":[{"type":"integer"},{"type":"string"}],"minItems":2}"#,
            [#"[1,"a"]"#], ["[1]", "[]", #"[1,"a",2]"#]
        ),
        (
            #"{"type":"array","items":[{"type":"integer"}],"additionalItems":{"type":"null"}}"#,
            ["[]", "[1]", "[1,null,null]"], ["[null]"]
        ),
        (
            #"{"type":"array","prefixItems":[{"type":"null"}],"items":{"type":"integer"},"minItems":2,"maxItems":3}"#,
            ["[null,1]", "[null,1,2]"], ["[null]", "[null,1,2,3]"]
        ),
        (
            #"{"type":"string","minLength":2,"maxLength":3}"#,
            [#""ab""#, #""aéx""#, #""\n\u0041""#], [#""a""#, #""abcd""#]
        ),
        (#"{"type":"string"}"#, [#""😀\"""#, #""\ud7ff""#], ["\"a\nb\"", #""\ud83d""#, #""\x""#]),
        (#"{"type":"integer"}"#, ["0", "-5", "123"], ["01", "1.5", "+1", "--1"]),
        (
            #"{"type":"integer","minimum":7,"maximum":123}"#, ["7", "9", "10", "99", "100", "123"],
            ["6", "124", "0", "-7", "1"]
        ),
        (
            #"{"type":"integer","minimum":-12,"exclusiveMaximum":3}"#, ["-12", "-1", "0", "2"],
            ["-13", "3", "-0"]
        ),
        (#"{"type":"integer","minimum":1000}"#, ["1000", "98765"], ["999"]),
        (#"{"type":"integer","minimum":1.5,"maximum":2.5}"#, ["2"], ["1", "3"]),
        (#"{"type":"number"}"#, ["0", "-1.5", "2e10", "3.25E-2"], [".5", "1.", "1e"]),
        (
            #"{"type":"number","minimum":0,"maximum":1}"#, ["0", "0.5", "1", "1.0", "0.99"],
            ["1.1", "-0.1", "1.01", "2"]
        ),
        (
            #"{"type":"number","minimum":-1.5,"maximum":2.25}"#,
            ["-1.5", "-1.49", "-0.5", "0", "2.25", "2.249", "1.9"], ["-1.6", "2.26", "2.251", "3"]
        ),
        (
            #"{"type":"number","exclusiveMinimum":0.5,"exclusiveMaximum":0.75}"#,
            ["0.51", "0.6", "0.749", "0.501"], ["0.5", "0.75", "0.50", "0.4", "0.8", "0"]
        ),
        (#"{"type":"number","exclusiveMinimum":0}"#, ["0.1", "5", "0.001"], ["0", "0.0", "-1"]),
        (#"{"type":"number","minimum":99.5}"#, ["99.5", "100", "1234.5"], ["99.4", "99", "9"]),
        (
            #"{"type":"number","minimum":1e-05,"maximum":0.001}"#, ["0.00001", "0.0005", "0.001"],
            ["0.000001", "0.002"]
        ),
        (#"{"type":"number","multipleOf":1,"maximum":5,"minimum":4}"#, ["4", "5"], ["4.5"]),
        (
            #"{"type":"string","format":"date"}"#, [#""2024-02-28""#, #""1999-12-31""#],
            [#""2023-02-30""#, #""2023-13-01""#, #""2023-04-31""#]
        ),
        (
            #"{"type":"string","format":"date-time"}"#,
            [#""2024-01-01T23:59:59Z""#, #""2024-01-01T00:00:00.5+01:30""#],
            [#""2024-01-01""#, #""2024-01-01T24:00:00Z""#]
        ),
        (
            #"{"type":"string","format":"uuid"}"#, [#""123e4567-e89b-12d3-a456-426614174000""#],
            [#""123""#]
        ),
        (
            #"{"type":"string","format":"ipv4"}"#, [#""192.168.0.255""#],
            [#""256.0.0.1""#, #""1.2.3""#]
        ),
        (#"{"type":"string","format":"email"}"#, [#""a.b@example.com""#], [#""a""#, #""a@b""#]),
        (
            #"{"type":"string","pattern":"^[A-Z]{2}\\d{3}$"}"#, [#""AB123""#],
            [#""ab123""#, #""AB12""#, #""AB1234""#]
        ),
        (#"{"pattern":"(foo|ba[rz])+"}"#, [#""foo""#, #""xbarfooy""#, #""baz""#], [#""fo""#]),
        (
            #"{"type":"string","pattern":"^.\\s\"\\\\$"}"#, [#""a \"\\""#, #""\\\t\"\\""#],
            ["\"a \"\\\"", "\"\" \"\""]
        ),
        (#"{"type":"string","pattern":"^a|b$"}"#, [#""ax""#, #""xb""#], [#""xa""#]),
        (
            #"{"type":"string","pattern":"^(?:\\w+\\.)*[^\\d]x?{z}$"}"#, [#""ab.c.dx{z}""#],
            [#""ab.1""#]
        ),
    ])
    func grammarTakesWhatFitsTheSchema(schema: String, fits: [String], others: [String]) throws {
        let (grammar, notes, _) = try SchemaGrammar.make(schema)
        for text in fits { #expect(try grammar.fit(text) == .whole, "\(text)") }
        for text in others { #expect(try grammar.fit(text) != .whole, "\(text)") }
        #expect(notes == [])
    }

    /// Texts that look alike, of which Swift takes one for the other.
    @Test func namesAndValuesAreToldApartByTheirBytes() throws {
        let (one, two, accent) = ("\u{E9}", "e\u{301}", "\u{301}")
        for (schema, fits, others) in [
            (#"{"enum":["\#(one)"]}"#, [#""\#(one)""#], [#""\#(two)""#]),
            (
                #"{"allOf":[{"enum":["\#(one)","x"]},{"enum":["\#(two)","x"]}]}"#, [#""x""#],
                [#""\#(one)""#]
            ),
            (
                #"{"properties":{"\#(one)":{"const":1},"\#(two)":{"const":2}},"required":["\#(two)"]}"#,
                [#"{"\#(one)":1,"\#(two)":2}"#, #"{"\#(two)":2}"#],
                [#"{"\#(one)":1}"#, #"{"\#(two)":1}"#]
            ),
            (
                #"{"properties":{"\#(one)":{"const":1}},"additionalProperties":{"const":2}}"#,
                [#"{"\#(two)":2}"#], [#"{"\#(one)":2}"#]
            ),
            (
                ##"{"$defs":{"\##(one)":{"const":1},"\##(two)":{"const":2}},"type":"array","prefixItems":[{"$ref":"#/$defs/\##(one)"},{"$ref":"#/$defs/\##(two)"}]}"##,
                ["[1,2]"], ["[1,1]"]
            ),
            (
                ##"{"$defs":{"\##(accent)":{"const":1}},"$ref":"#/$defs/\##(accent)"}"##, ["1"],
                ["2"]
            ),
        ] {
            let grammar = try AnswerForm.of(.json(schema: schema)).grammar
            for text in fits { #expect(try grammar.fit(text) == .whole, "\(schema) \(text)") }
            for text in others { #expect(try grammar.fit(text) != .whole, "\(schema) \(text)") }
        }
        let alike = try AnswerForm.of(.json(schema: #"{"enum":["\#(two)"]}"#)).grammar
        #expect(try alike.fit(#""\#(two)""#) == .whole)
    }

    @Test func anyJSONIsAnyJSON() throws {
        let grammar = try AnswerForm.of(.json()).grammar
        for text in ["{}", "[1, \"a\", {\"b\": null}]", "-0.5e+3", "\"\"", "true"] {
            #expect(try grammar.fit(text) == .whole)
        }
        #expect(try grammar.fit("{\"a\":") == .begun)
        #expect(try grammar.fit("[1 2]") == .unfit)
    }

    @Test func catastrophicPatternsAreMatchedInLinearTime() throws {
        let grammar = try SchemaGrammar.make(#"{"pattern":"^(a+)+(a|aa)*(.*a){9}$"}"#).grammar
        let text = "\"" + String(repeating: "a", count: 300) + "\""
        #expect(try grammar.fit(text) == .whole)
    }

    @Test(arguments: [
        (#"{"type":"array","uniqueItems":true}"#, "uniqueItems"),
        (#"{"type":"integer","multipleOf":5}"#, "multipleOf"),
        (#"{"type":"string","format":"hostname"}"#, #"format "hostname""#),
        (#"{"properties":{"a":{"not":{"type":"null"}}}}"#, "#/properties/a: not"),
        (#"{"type":"string","pattern":"a","maxLength":3}"#, "minLength or maxLength"),
        (#"{"enum":[{}],"required":["a"]}"#, "required beside const or enum"),
    ])
    func whatAGrammarCannotSayIsNoted(schema: String, note: String) throws {
        let notes = try SchemaGrammar.make(schema).notes
        #expect(notes.count == 1)
        #expect(notes.first?.contains(note) == true)
    }
}
