import LMStudioCore

extension StructuredOutput {
    /// What its setting is called where none is wanted.
    static let none = JSONValue.object(["type": .string("none")])

    /// Whether a value is a setting: its type is known, and what the type needs is there.
    static func isSetting(_ json: JSONValue) -> Bool {
        switch json["type"]?.string {
        case "none": true
        // Any JSON will do where nothing else is said, not where a schema has another name.
        case "json": schema(of: json) != nil || json.members?.count == 1
        case "gbnf": grammar(of: json) != nil
        default: false
        }
    }

    /// Reads LM Studio's setting, whose names may have either spelling; `nil`: any form will do.
    init?(json: JSONValue) {
        switch json["type"]?.string {
        case "json":
            self = .json(schema: Self.schema(of: json)?.text)
        case "gbnf":
            guard let grammar = Self.grammar(of: json) else { return nil }
            self = .grammar(grammar)
        default: return nil
        }
    }

    private static func schema(of json: JSONValue) -> JSONValue? {
        json["jsonSchema"] ?? json["json_schema"]
    }

    private static func grammar(of json: JSONValue) -> String? {
        (json["gbnfGrammar"] ?? json["gbnf_grammar"])?.string
    }

    /// LM Studio's setting; a schema that is no JSON is left out.
    var json: JSONValue {
        switch self {
        case .json(let schema):
            .present([
                "type": .string("json"),
                "jsonSchema": schema.flatMap {
                    try? JSONValue(parsing: $0, as: "the schema", keepingOrder: true)
                },
            ])
        case .grammar(let text):
            .object(["type": .string("gbnf"), "gbnfGrammar": .string(text)])
        }
    }
}
