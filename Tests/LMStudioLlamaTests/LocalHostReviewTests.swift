import LMStudio
import Testing

@testable import LMStudioLlama

@Suite struct LocalHostReviewTests {
    private let host = LocalHost()

    @Test(arguments: ["tailFreeSampling", "contextPrefill"])
    func whatChangesTheTextIsRefused(name: String) throws {
        var config = PredictionConfig()
        config.others = [name: #"{"type":"json"}"#]
        let error = try #require(throws: LMStudioError.self) { try host.review(config) }
        #expect(error.code == .unsupported)
        #expect(error.message.hasPrefix(name) && error.message.contains(#": {"type":"json"};"#))
        #expect(error.details?.display == .engineDoesNotSupportFeature(name))
    }

    /// Before anything is written: what makes no sense could not be told in the result either.
    @Test(arguments: [
        ("rawTools", #"{"type":"json"}"#), ("toolChoice", #"{"type":"json"}"#),
        ("promptTemplate", #"{"enabled":"x"}"#), ("reasoningParsing", #"{"enabled":"x"}"#),
    ])
    func aSettingThatIsNoneIsRefused(name: String, value: String) throws {
        var config = PredictionConfig()
        config.others = [name: value]
        let error = try #require(throws: LMStudioError.self) { try host.review(config) }
        #expect(error.code == .invalidArgument)
        #expect(error.message.hasPrefix("\(name) must be {"))
    }

    @Test func sidesOfImagesBelowOneAreRefused() throws {
        var config = PredictionConfig()
        config.others = ["userMaxImageDimensionPixels": "0"]
        let error = try #require(throws: LMStudioError.self) { try host.review(config) }
        #expect(error.code == .invalidArgument)
        #expect(error.message.hasPrefix("userMaxImageDimensionPixels must be a whole number ≥ 1"))
    }

    @Test(arguments: [
        "5", "[]", "{", #"{"type":"array"}"#,
        #"{"type":"object","properties":{"a":{"$ref":"http://x"}}}"#,
        #"{"type":"object","properties":"# + String(repeating: #"{"a":{"properties":"#, count: 200)
            + "{}" + String(repeating: "}}", count: 200) + "}",
    ])
    func parametersThatAreNoSchemaAreRefused(parameters: String) throws {
        var config = PredictionConfig()
        config.tools = [ToolDefinition(name: "add", parameters: parameters)]
        let error = try #require(throws: LMStudioError.self) { try host.review(config) }
        #expect(error.code == .invalidArgument)
        #expect(error.message.contains("the tool \"add\""))
    }

    @Test(arguments: ["false", "null", "\"\"", "[]", #"{"type":"none"}"#, #"{"fields":[]}"#])
    func whatIsSwitchedOffIsAccepted(value: String) throws {
        var config = PredictionConfig()
        config.others = ["rawTools": value, "contextPrefill": value]
        #expect(try host.review(config) == [])
    }

    @Test(arguments: ["enableThinking", "toolNaming"])
    func whatACompletionHasNoUseForIsAccepted(name: String) throws {
        var config = PredictionConfig()
        config.others = [name: #"{"type":"jinja"}"#]
        #expect(try host.review(config) == [])
    }

    @Test func theRestIsWarnedOfInTheOrderOfNames() throws {
        var config = PredictionConfig()
        config.others = ["zeal": #""x""#, "speculativeDecodingNumReuseTokens": "9"]
        #expect(
            try host.review(config) == [
                "speculativeDecodingNumReuseTokens is not supported by the engine in this process yet and has no effect",
                "zeal is not supported by the engine in this process yet and has no effect",
            ]
        )
    }

    @Test func loadOptionsAreWarnedOf() throws {
        var config = LoadConfig()
        config.others = ["mlxDiskCache": "true", "llamaAutoFit": "false"]
        config.drafting.usesOwnHeads = true
        #expect(
            try host.review(config)
                == ["mlxDiskCache", "speculativeDraftMtp"].map {
                    "\($0) is not supported by the engine in this process yet and has no effect"
                }
        )
    }

    @Test func aTemplateOfALoadThatIsNoneIsRefused() throws {
        var config = LoadConfig()
        config.others = ["promptTemplate": #"{"type":"manual"}"#]
        let error = try #require(throws: LMStudioError.self) { try host.review(config) }
        #expect(error.code == .invalidArgument)
        #expect(error.message.contains("jinjaPromptTemplate"))
    }

    @Test func aPredictionRefusesThemToo() async throws {
        var config = PredictionConfig()
        config.others = ["tailFreeSampling": "0.5"]
        let channel = PredictionChannel()
        host.predict(
            PredictionRequest(model: .any, input: .text("x"), config: config),
            into: channel
        )
        let error = await #expect(throws: LMStudioError.self) {
            try await PredictionStream(channel).result()
        }
        #expect(error?.code == .unsupported)
    }

    /// As a server does with what came by `raw`.
    @Test func keysThatNobodyKnowsAreWarnedOf() throws {
        let raw = #"{"fields":[{"key":"llm.prediction.x","value":1},{"key":"y","value":2}]}"#
        var (config, load) = (PredictionConfig(), LoadConfig())
        (config.others, load.others) = (["raw": raw], ["raw": raw])
        let warning = #"unknown keys of raw have no effect: "llm.prediction.x", "y""#
        #expect(try host.review(config) + host.review(load) == [warning, warning])
    }

    @Test func rulesThatAreDefinedTwiceAreWarnedOf() throws {
        var config = PredictionConfig()
        config.structured = .grammar("root ::= a\na ::= \"x\"\n a ::= \"y\"")
        #expect(
            try host.review(config) == [
                #"the grammar's rule "a" is defined again in line 3, column 2; the last definition counts"#
            ]
        )
    }

    @Test func moreThreadsThanCoresAreWarnedOf() throws {
        var (config, load) = (PredictionConfig(), LoadConfig())
        (config.cpuThreads, load.cpuThreadPoolSize) = (1, 1)
        #expect(try host.review(config) + host.review(load) == [])
        (config.cpuThreads, load.cpuThreadPoolSize) = (512, 512)
        let warnings = try host.review(config) + host.review(load)
        #expect(warnings.map { $0.prefix { $0 != " " } } == ["cpuThreads", "cpuThreadPoolSize"])
        #expect(warnings.allSatisfy { $0.hasSuffix("\(ThreadCount.most) are used") })
    }

    @Test func whatOfASchemaIsNotSeenToIsWarnedOf() throws {
        var config = PredictionConfig()
        config.structured = .json(schema: #"{"type":"array","uniqueItems":true}"#)
        #expect(
            try host.review(config) == ["the JSON schema at #: uniqueItems is not seen to"]
        )
    }

    @Test(arguments: [
        StructuredOutput.json(schema: "{"), .json(schema: "false"), .grammar("root ::= root"),
        .grammar("root ::= missing"),
    ])
    func aFormThatIsWrongIsRefused(output: StructuredOutput) async throws {
        var config = PredictionConfig()
        config.structured = output
        let error = #expect(throws: LMStudioError.self) { try host.review(config) }
        #expect(error?.code == .invalidArgument)
        let channel = PredictionChannel()
        host.predict(
            PredictionRequest(model: .any, input: .text("x"), config: config),
            into: channel
        )
        let later = await #expect(throws: LMStudioError.self) {
            try await PredictionStream(channel).result()
        }
        #expect(later?.message == error?.message)
    }

    @Test func aPresetIsNotFound() async throws {
        let channel = PredictionChannel()
        host.predict(
            PredictionRequest(model: .any, input: .text("x"), preset: "poet"),
            into: channel
        )
        let error = await #expect(throws: LMStudioError.self) {
            try await PredictionStream(channel).result()
        }
        #expect(error?.code == .presetNotFound)
        #expect(error?.details?.display == .presetNotFound("poet"))
    }
}
