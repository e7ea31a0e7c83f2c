import LMStudioCore
import Testing

@testable import LMStudioLlama

/// Schemas that nothing can be made of.
@Suite struct SchemaRefusalTests {
    @Test(arguments: [
        ("{", "the JSON schema is not JSON"),
        (#"{"type":"object"}}"#, "at byte 17"),
        ("[]", "at # must be an object, true or false, not an array"),
        ("\"x\"", "must be an object, true or false"),
        ("false", "at #: no value fits false"),
        (#"{"type":"colour"}"#, #"there is no type "colour""#),
        (#"{"type":[]}"#, "at #: type names none"),
        (#"{"allOf":[{"type":"string"},{"type":"integer"}]}"#, "allOf and $ref leave none"),
        (#"{"type":"integer","enum":["a"]}"#, "at #: no value of const or enum fits"),
        (#"{"type":"string","const":5}"#, "at #: no value of const or enum fits"),
        (#"{"enum":[1,5],"minimum":6}"#, "no value of const or enum fits"),
        (#"{"const":5,"enum":[4]}"#, "no value of const or enum fits"),
        (#"{"allOf":[{"const":5},{"const":4}]}"#, "no value of const or enum fits"),
        (#"{"type":"object","properties":[]}"#, "at #: properties must be an object"),
        (#"{"properties":{"a":{"items":3}}}"#, "at #/properties/a/items must be"),
        (#"{"type":"object","properties":{"a":1}}"#, "at #/properties/a must be"),
        (#"{"enum":[]}"#, "at #: no value of const or enum fits"),
        (#"{"anyOf":[]}"#, "anyOf must be an array that is not empty, not []"),
        (#"{"type":"object","required":"a"}"#, #"required must be an array of strings, not "a""#),
        (#"{"properties":{"a":{"required":[1]}}}"#, "#/properties/a: required must be an array"),
        (#"{"anyOf":{}}"#, "anyOf must be"),
        (#"{"type":"array","minItems":-1}"#, "minItems must be a whole number"),
        (#"{"type":"array","minItems":1.5}"#, "minItems must be a whole number"),
        (#"{"type":"array","minItems":3,"maxItems":2}"#, "minItems 3 is more than maxItems 2"),
        (#"{"type":"string","minLength":3,"maxLength":2}"#, "more than maxLength"),
        (#"{"type":"string","maxLength":4294967297}"#, "4294967297"),
        (#"{"type":"array","items":{"type":"string"},"maxItems":1000000}"#, "maxItems must be"),
        (
            #"{"required":["a"],"properties":{"a":{"type":"integer","minimum":5,"maximum":4}}}"#,
            "at #/properties/a: minimum 5, maximum 4 leave no whole number"
        ),
        (
            #"{"type":"number","exclusiveMinimum":1,"maximum":1}"#,
            "at #: exclusiveMinimum 1, maximum 1 leave no number"
        ),
        (
            #"{"type":"array","prefixItems":[true],"items":false,"minItems":2}"#,
            "at #: minItems 2 is more than the 1 that items false leaves"
        ),
        (
            #"{"required":["a"],"properties":{"a":{"type":"string","maxLength":1000000}}}"#,
            "at #/properties/a: maxLength must be a whole number, 0…20000, not 1000000"
        ),
        (#"{"minimum":12345678901234567890}"#, "at #: numbers beyond"),
        (#"{"type":"integer","minimum":"a"}"#, "minimum must be a number"),
        (#"{"type":"integer","minimum":1e300}"#, "not supported as bounds"),
        (##"{"$ref":"#/$defs/x"}"##, "leads nowhere"),
        (#"{"$ref":"http://x"}"#, "only places in the same schema"),
        (#"{"$ref":5}"#, "$ref must be a string"),
        (
            ##"{"$ref":"#/$defs/a","$defs":{"a":{"$ref":"#/$defs/b"},"b":{"$ref":"#/$defs/a"}}}"##,
            "no text fits"
        ),
        (
            ##"{"allOf":[{"$ref":"#/$defs/a"}],"$defs":{"a":{"$ref":"#/$defs/b"},"b":{"$ref":"#/$defs/a"}}}"##,
            "without end"
        ),
        (##"{"$ref":"#/$defs/a","$defs":{"a":{"allOf":[{"$ref":"#/$defs/a"}]}}}"##, "too deep"),
        (##"{"type":"object","properties":{"a":{"$ref":"#"}},"required":["a"]}"##, "no text fits"),
        (
            #"{"type":"object","required":["a"],"properties":{},"additionalProperties":false}"#,
            #"required names "a""#
        ),
        (#"{"type":"string","pattern":"("}"#, "lacks"),
        (#"{"type":"string","pattern":"a)"}"#, "too many"),
        (#"{"type":"string","pattern":"[z-a]"}"#, "wrong order"),
        (#"{"type":"string","pattern":"(?=a)b"}"#, "not supported"),
        (#"{"type":"string","pattern":"a\\b"}"#, "not supported"),
        (#"{"type":"string","pattern":"(a)\\1"}"#, "not supported"),
        (#"{"type":"string","pattern":"+"}"#, "to repeat"),
        (#"{"type":"string","pattern":"a{2}{3}"}"#, "repeats a repetition"),
        (#"{"type":"string","pattern":"(((a{1000}){1000}){1000}){100000}"}"#, "more than 20000"),
        (
            #"{"type":"array","minItems":20000,"items":{"type":"string","pattern":"^\#(String(repeating: "(a{9000}|b)", count: 50))$"}}"#,
            "400000"
        ),
        (#"{"pattern":"^(a|b$)"}"#, #""$" in a group, which is not supported: put it behind"#),
        (#"{"pattern":"^a$b"}"#, #"has a "$" in the middle"#),
        (#"{"pattern":"^(^a)"}"#, #"has a "^" behind the beginning"#),
        (#"{"properties":{"a":{"pattern":"a{20001}"}}}"#, "a: the pattern \"a{20001}\" repeats"),
    ])
    func badSchemaIsRefusedWithItsPlace(schema: String, message: String) {
        let error = #expect(throws: LMStudioError.self) { try SchemaGrammar.make(schema) }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    }

    @Test func hostileSchemasAreRefusedWithinBounds() {
        func nested(_ open: String, _ close: String, _ count: Int) -> String {
            String(repeating: open, count: count) + "{}" + String(repeating: close, count: count)
        }
        let deep = nested(#"{"properties":{"a":"#, "}}", 250)
        let tooDeep = nested(#"{"items":"#, "}", 600)
        // Each level doubles what must be made.
        let doubling = nested(#"{"type":["object","object"],"properties":{"a":"#, "}}", 60)
        let large = #"{"enum":["\#(String(repeating: "x", count: 300_000))"]}"#
        let members = (0..<25_000).map { #""\#($0)":{}"# }.joined(separator: ",")
        let many = #"{"properties":{\#(members)}}"#
        let pattern = #"{"pattern":"\#(String(repeating: "(a", count: 200))"}"#
        for schema in [deep, tooDeep, doubling, large, many, pattern] {
            let error = #expect(throws: LMStudioError.self) { try SchemaGrammar.make(schema) }
            #expect(error?.code == .invalidArgument)
        }
    }
}
