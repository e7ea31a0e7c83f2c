package import LMStudioCore

extension PromptTemplate {
    /// Reads LM Studio's prompt template; `nil` if it is none.
    ///
    /// Older clients send tokens and an input configuration along, which say nothing new.
    package init?(json: JSONValue) {
        guard let stopStrings = json.texts(of: "stopStrings") else { return nil }
        switch json["type"]?.string {
        case "jinja":
            guard let template = json["jinjaPromptTemplate"]?["template"]?.string else {
                return nil
            }
            self.init(.jinja(template), stopStrings: stopStrings)
        case "manual":
            guard let texts = json["manualPromptTemplate"].flatMap(Manual.init(json:)) else {
                return nil
            }
            self.init(.manual(texts), stopStrings: stopStrings)
        default: return nil
        }
    }

    /// LM Studio's prompt template.
    package var json: JSONValue {
        switch form {
        case .jinja(let template):
            .object([
                "type": .string("jinja"), "stopStrings": .strings(stopStrings),
                "jinjaPromptTemplate": .object(["template": .string(template)]),
            ])
        case .manual(let texts):
            .object([
                "type": .string("manual"), "stopStrings": .strings(stopStrings),
                "manualPromptTemplate": texts.json,
            ])
        }
    }
}

extension PromptTemplate.Manual {
    /// Reads the texts, any of which may be left out; `nil` if one is no text.
    fileprivate init?(json: JSONValue) {
        guard let members = json.members,
            members.values.allSatisfy({ $0.string != nil || $0 == .null })
        else { return nil }
        self.init()
        beforeSystem = json["beforeSystem"]?.string ?? ""
        afterSystem = json["afterSystem"]?.string ?? ""
        beforeUser = json["beforeUser"]?.string ?? ""
        afterUser = json["afterUser"]?.string ?? ""
        beforeAssistant = json["beforeAssistant"]?.string ?? ""
        afterAssistant = json["afterAssistant"]?.string ?? ""
    }

    fileprivate var json: JSONValue {
        .object([
            "beforeSystem": .string(beforeSystem), "afterSystem": .string(afterSystem),
            "beforeUser": .string(beforeUser), "afterUser": .string(afterUser),
            "beforeAssistant": .string(beforeAssistant),
            "afterAssistant": .string(afterAssistant),
        ])
    }
}

extension PromptTemplateOptions {
    /// Reads the options of `applyPromptTemplate`; `nil` and null, of all or one: the defaults.
    package init(json: JSONValue?) throws(LMStudioError) {
        self.init()
        guard let json, json != .null else { return }
        guard let members = json.members else { throw Self.unfit("opts", json, "an object") }
        func flag(_ name: String) throws(LMStudioError) -> Bool {
            guard let value = members[name], value != .null else { return false }
            guard let flag = value.bool else {
                throw Self.unfit("opts.\(name)", value, "true or false")
            }
            return flag
        }
        omitBOSToken = try flag("omitBosToken")
        omitEOSToken = try flag("omitEosToken")
        guard let definitions = members["toolDefinitions"], definitions != .null else { return }
        guard let definitions = definitions.elements else {
            throw Self.unfit("opts.toolDefinitions", definitions, "an array of tools")
        }
        for (index, tool) in definitions.enumerated() {
            tools.append(try ToolDefinition(json: tool, at: "opts.toolDefinitions[\(index)]"))
        }
    }

    private static func unfit(_ name: String, _ value: JSONValue, _ rule: String) -> LMStudioError {
        LMStudioError(.invalidArgument, "\(name) must be \(rule), not \(value.text.prefix(100))")
    }

    /// The options of `applyPromptTemplate`; those that are off are left out.
    package var json: JSONValue {
        .present([
            "omitBosToken": omitBOSToken ? .bool(true) : nil,
            "omitEosToken": omitEOSToken ? .bool(true) : nil,
            "toolDefinitions": tools.isEmpty ? nil : .array(tools.map(\.json)),
        ])
    }
}

extension ReasoningParsing {
    /// Reads LM Studio's setting, what is missing with its default; `nil` if it is none.
    package init?(json: JSONValue) {
        guard let members = json.members,
            members["enabled"].map({ $0.bool != nil }) ?? true
        else { return nil }
        self.init()
        isEnabled = members["enabled"]?.bool ?? isEnabled
        startString = members["startString"]?.string ?? startString
        endString = members["endString"]?.string ?? endString
    }

    /// LM Studio's setting.
    package var json: JSONValue {
        .object([
            "enabled": .bool(isEnabled), "startString": .string(startString),
            "endString": .string(endString),
        ])
    }
}
