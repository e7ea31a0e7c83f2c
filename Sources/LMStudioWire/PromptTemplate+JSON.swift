package import LMStudioCore

extension PromptTemplate {
    /// Reads LM Studio's prompt template; `nil` if it is none.
    ///
    /// Older clients send tokens and an input configuration along, which say nothing new.
    package init?(json: JSONValue) {
        let stopStrings = json["stopStrings"]?.strings ?? []
        switch json["type"]?.string {
        case "jinja":
            guard let template = json["jinjaPromptTemplate"]?["template"]?.string else {
                return nil
            }
            self.init(.jinja(template), stopStrings: stopStrings)
        case "manual":
            guard let texts = json["manualPromptTemplate"] else { return nil }
            self.init(.manual(Manual(json: texts)), stopStrings: stopStrings)
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
    fileprivate init(json: JSONValue) {
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
    /// Reads the options of `applyPromptTemplate`; `nil` and null: the defaults.
    package init(json: JSONValue?) throws(LMStudioError) {
        self.init()
        omitBOSToken = json?["omitBosToken"]?.bool ?? false
        omitEOSToken = json?["omitEosToken"]?.bool ?? false
        for (index, tool) in (json?["toolDefinitions"]?.elements ?? []).enumerated() {
            tools.append(try ToolDefinition(json: tool, at: "opts.toolDefinitions[\(index)]"))
        }
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
