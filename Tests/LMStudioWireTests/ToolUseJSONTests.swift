import LMStudioCore
import LMStudioWire
import Testing

/// Tools in options, and calls of them in messages.
@Suite struct ToolUseJSONTests {
    private func read(_ text: String) throws -> PredictionConfig {
        var warnings: [String] = []
        let json = try JSONValue(parsing: text, as: "config")
        let config = try PredictionConfig(json: json, for: nil, warnings: &warnings)
        #expect(warnings == [])
        return config
    }

    private static let tool =
        #"{"type":"function","function":{"name":"add","description":"Adds.","parameters":{"type":"object","properties":{"b":{"type":"integer"},"a":{"type":"integer"}}}}}"#

    @Test func toolsAreReadInTheirOrderAndKeepThatOfTheirParameters() throws {
        let config = try read(
            #"{"rawTools":{"type":"toolArray","tools":[\#(Self.tool),{"type":"function","function":{"name":"now"}}]}}"#
        )
        #expect(config.tools.map(\.name) == ["add", "now"])
        #expect(config.tools[0].description == "Adds.")
        #expect(
            config.tools[0].parameters
                == #"{"type":"object","properties":{"b":{"type":"integer"},"a":{"type":"integer"}}}"#
        )
        #expect(config.tools[1].parameters == nil)
        #expect(try read(config.json.text) == config)
    }

    @Test func namesAreToldApartByTheirBytes() throws {
        let tools = ["\u{E9}", "e\u{301}"].map {
            #"{"type":"function","function":{"name":"\#($0)"}}"#
        }
        let setting = #"{"type":"toolArray","tools":[\#(tools.joined(separator: ","))]}"#
        #expect(try read(#"{"rawTools":\#(setting)}"#).tools.count == 2)
        let choice = #"{"type":"function","function":{"name":"e\#u{301}"}}"#
        #expect(throws: LMStudioError.self) {
            try read(
                #"{"rawTools":{"type":"toolArray","tools":[\#(tools[0])]},"toolChoice":\#(choice)}"#
            )
        }
    }

    @Test func forceAsksForACall() throws {
        let config = try read(
            #"{"rawTools":{"type":"toolArray","force":true,"tools":[\#(Self.tool)]}}"#
        )
        #expect(config.toolChoice == .required)
    }

    @Test(arguments: [
        (#"{"type":"generic","mode":"required"}"#, ToolChoice.required),
        (#"{"type":"generic","mode":"none"}"#, .none),
        (#"{"type":"generic","mode":"auto"}"#, .auto),
        (#"{"type":"function","function":{"name":"add"}}"#, .tool("add")),
    ])
    func choicesAreRead(text: String, choice: ToolChoice) throws {
        let config = try read(
            #"{"rawTools":{"type":"toolArray","tools":[\#(Self.tool)]},"toolChoice":\#(text)}"#
        )
        #expect(config.toolChoice == choice)
        #expect(try read(config.json.text) == config)
    }

    @Test(arguments: [
        (#"{"type":"toolArray","tools":[TOOL,TOOL]}"#, "two tools are called \"add\""),
        (
            #"{"type":"toolArray","tools":[{"type":"function","function":{"name":""}}]}"#,
            "1…256 bytes"
        ),
        (
            #"{"type":"toolArray","tools":["#
                + (0..<10_000).map { #"{"type":"function","function":{"name":"t\#($0)"}}"# }
                .joined(separator: ",") + "]}", "at most 128 tools, not 10000"
        ),
        (
            #"{"type":"toolArray","tools":[{"type":"function","function":{"name":"a","description":""#
                + String(repeating: "x", count: 300_000) + #""}}]}"#, "at most 262144 bytes"
        ),
    ])
    func toolsThatAreTooManyOrAlikeAreRefused(setting: String, reason: String) throws {
        let setting = setting.split(separator: "TOOL", omittingEmptySubsequences: false)
            .joined(separator: Self.tool)
        let error = #expect(throws: LMStudioError.self) { try read(#"{"rawTools":\#(setting)}"#) }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains(reason) == true)
    }

    @Test(arguments: [
        (#"{"toolChoice":{"type":"generic","mode":"required"}}"#, "rawTools holds no tool"),
        (
            #"{"toolChoice":{"type":"function","function":{"name":"mul"}},"rawTools":{"type":"toolArray","tools":[TOOL]}}"#,
            "toolChoice names the tool \"mul\""
        ),
        (
            #"{"structured":{"type":"json"},"rawTools":{"type":"toolArray","tools":[TOOL]}}"#,
            "cannot be combined"
        ), (#"{"toolCallStopStrings":[""]}"#, "empty string"),
        (#"{"reasoningBudget":-1}"#, "reasoningBudget must be 0"),
    ])
    func whatCannotBeIsRefused(config: String, reason: String) throws {
        let config = config.split(separator: "TOOL", omittingEmptySubsequences: false)
            .joined(separator: Self.tool)
        let error = #expect(throws: LMStudioError.self) { try read(config) }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains(reason) == true)
    }

    /// Which an engine refuses, and says how it must look.
    @Test func whatIsNoSettingOfToolsIsKept() throws {
        let config = try read(#"{"rawTools":{"type":"toolArray","tools":5}}"#)
        #expect(config.tools.isEmpty)
        #expect(config.others["rawTools"] == #"{"tools":5,"type":"toolArray"}"#)
        #expect(try read(#"{"rawTools":{"type":"toolArray"}}"#).others.isEmpty)
        let tool = #"{"function":{"description":5,"name":"a"},"type":"function"}"#
        let setting = #"{"tools":[\#(tool)],"type":"toolArray"}"#
        #expect(try read(#"{"rawTools":\#(setting)}"#).others["rawTools"] == setting)
    }

    @Test func stepsOfACallSurviveARoundTrip() throws {
        let call = ToolCallRequest(id: "c1", name: "add", arguments: #"{"b":2,"a":1}"#)
        let events: [ToolCallEvent] = [
            .started(id: "c1"), .started(id: nil), .named("add"), .argumentFragment(#"{"b""#),
            .ended(call, rawContent: "<tool_call>…"), .ended(call, rawContent: nil),
            .failed(reason: "it is no call", rawContent: "oh"),
        ]
        for event in events {
            let message = try JSONValue(parsing: event.message.text, as: "message")
            guard case .toolCall(let read) = PredictionMessage(message) else {
                Issue.record("\(message.text)")
                continue
            }
            #expect(read == event)
        }
    }

    @Test func messagesAreThoseOfTheProtocol() {
        let call = ToolCallRequest(id: "c1", name: "add", arguments: #"{"a":1}"#)
        #expect(
            ToolCallEvent.started(id: "c1").message.text
                == #"{"toolCallId":"c1","type":"toolCallGenerationStart"}"#
        )
        #expect(
            ToolCallEvent.ended(call, rawContent: "x").message.text
                == #"{"rawContent":"x","toolCallRequest":{"arguments":{"a":1},"id":"c1","name":"add","type":"function"},"type":"toolCallGenerationEnd"}"#
        )
        // The TypeScript SDK drops a failure without an error, and takes it amiss to have no stack.
        #expect(
            ToolCallEvent.failed(reason: "no", rawContent: nil).message["error"]
                == .object([
                    "title": .string("no"), "rootTitle": .string("no"), "stack": .string("no"),
                ])
        )
    }
}
