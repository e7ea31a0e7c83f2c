import LMStudioCore
import LMStudioTesting
import LMStudioWire
import Testing

@Suite struct PredictionConfigJSONTests {
    @Test func nothingGivesTheDefaults() throws {
        #expect(try read(nil).config == PredictionConfig())
    }

    @Test(arguments: ["null", "{}", #"{"temperature":null,"maxTokens":null,"unknown":null}"#])
    func nullStandsForNotGiven(json: String) throws {
        let (config, warnings) = try read(json)
        #expect(config == PredictionConfig())
        #expect(warnings == [])
    }

    @Test(arguments: [
        """
        {"maxTokens":5,"temperature":0.5,"topKSampling":7,"topPSampling":0.6,"minPSampling":0.1,
        "repeatPenalty":1.2,"presencePenalty":0.3,"frequencyPenalty":-0.4,"seed":9,
        "stopStrings":["a","b"],"cpuThreads":2}
        """,
        """
        {"max_tokens":5,"temperature":0.5,"top_k_sampling":7,"top_p_sampling":0.6,
        "min_p_sampling":0.1,"repeat_penalty":1.2,"presence_penalty":0.3,"frequency_penalty":-0.4,
        "seed":9,"stop_strings":["a","b"],"cpu_threads":2}
        """,
    ])
    func bothSpellingsAreRead(json: String) throws {
        let (config, warnings) = try read(json)
        var expected = PredictionConfig(
            maxTokens: 5,
            temperature: 0.5,
            seed: 9,
            stopStrings: ["a", "b"]
        )
        (expected.topK, expected.topP, expected.minP) = (7, 0.6, 0.1)
        (expected.repeatPenalty, expected.presencePenalty) = (1.2, 0.3)
        (expected.frequencyPenalty, expected.cpuThreads) = (-0.4, 2)
        #expect(config == expected)
        #expect(warnings == [])
    }

    @Test func optionInBothSpellingsIsRefusedByBothNames() {
        let error = refusal(of: #"{"maxTokens":1,"max_tokens":1}"#)
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains("maxTokens") == true)
        #expect(error?.message.contains("max_tokens") == true)
    }

    @Test func falseSwitchesOff() throws {
        let json = """
            {"maxTokens":false,"topKSampling":false,"topPSampling":false,"minPSampling":false,
            "repeatPenalty":false,"presencePenalty":false,"frequencyPenalty":false,"seed":false}
            """
        let (config, warnings) = try read(json)
        var expected = PredictionConfig()
        (expected.topK, expected.topP, expected.minP, expected.repeatPenalty) = (0, nil, nil, nil)
        #expect(config == expected)
        #expect(warnings == [])
    }

    @Test func minusOneMeansNoLimitAndNoSeed() throws {
        let (config, _) = try read(#"{"maxTokens":-1,"seed":-1,"topKSampling":-1}"#)
        #expect(config.maxTokens == nil)
        #expect(config.seed == nil)
        #expect(config.topK <= 0)
    }

    @Test func wholeNumbersMayBeWrittenWithAPoint() throws {
        let (config, _) = try read(#"{"topKSampling":40.0,"maxTokens":8.0,"seed":4294967295.0}"#)
        #expect(config.topK == 40)
        #expect(config.maxTokens == 8)
        #expect(config.seed == .max)
    }

    @Test func wholeNumbersAreTakenForNumbers() throws {
        #expect(try read(#"{"temperature":1,"topPSampling":0}"#).config.temperature == 1)
    }

    @Test(arguments: [
        (#"{"maxTokens":"5"}"#, #"maxTokens must be a whole number or false, not "5""#),
        (#"{"maxTokens":2.5}"#, "maxTokens must be a whole number or false, not 2.5"),
        (#"{"maxTokens":true}"#, "maxTokens must be a whole number or false, not true"),
        (#"{"max_tokens":[]}"#, "maxTokens must be a whole number or false, not []"),
        (#"{"temperature":"hot"}"#, #"temperature must be a number, not "hot""#),
        (#"{"temperature":false}"#, "temperature must be a number, not false"),
        (#"{"topPSampling":{}}"#, "topPSampling must be a number or false, not {}"),
        (
            #"{"structured":{"type":"xml"}}"#,
            #"structured must be {"type":"none"}, {"type":"json","jsonSchema":…} or "#
                + #"{"type":"gbnf","gbnfGrammar":"…"}, not {"type":"xml"}"#
        ),
        (#"{"seed":-2}"#, "seed must be 0…4294967295, -1 or false, not -2"),
        (#"{"seed":4294967296}"#, "seed must be 0…4294967295, -1 or false, not 4294967296"),
        (#"{"stopStrings":"a"}"#, #"stopStrings must be an array of strings, not "a""#),
        (#"{"stopStrings":["a",1]}"#, "stopStrings must be an array of strings, not 1"),
        (#"{"cpuThreads":false}"#, "cpuThreads must be a whole number, not false"),
        (
            #"{"contextOverflowPolicy":"drop"}"#,
            #"contextOverflowPolicy must be one of "stopAtLimit", "truncateMiddle", "rollingWindow", not "drop""#
        ),
        (#"{"maxTokens":0}"#, "maxTokens must be 1…2147483647, not 0"),
        (#"{"temperature":-1}"#, "temperature must be 0.0…100.0, not -1.0"),
        (#"{"maxTokens":1e300}"#, "maxTokens must be a whole number or false, not 1e+300"),
        (#"{"strict":1}"#, "strict must be true or false, not 1"),
        ("[]", "the prediction config must be a JSON object, not []"),
        ("7", "the prediction config must be a JSON object, not 7"),
    ])
    func unfitValueIsRefusedByNameAndValue(json: String, message: String) {
        let error = refusal(of: json)
        #expect(error?.code == .invalidArgument)
        #expect(error?.message == message)
    }

    @Test(arguments: [
        (
            #"{"maxToken":5}"#,
            #"there is no prediction option "maxToken"; did you mean "maxTokens"?"#
        ),
        (
            #"{"temprature":1}"#,
            #"there is no prediction option "temprature"; did you mean "temperature"?"#
        ),
        (
            #"{"top_p":0.9}"#,
            #"there is no prediction option "top_p"; did you mean "topPSampling"?"#
        ),
        (
            #"{"qqqqqqqqqqqqqqqqqqqqqqqq":1}"#,
            #"there is no prediction option "qqqqqqqqqqqqqqqqqqqqqqqq""#
        ),
    ])
    func unknownOptionGivesAWarningThatNamesTheNearest(json: String, warning: String) throws {
        #expect(try read(json).warnings == [warning])
    }

    @Test func everyUnknownOptionGivesItsOwnWarning() throws {
        #expect(try read(#"{"foo":1,"bar":2}"#).warnings.count == 2)
    }

    @Test func strictMakesAnUnknownOptionAnError() {
        let error = refusal(of: #"{"strict":true,"maxToken":5}"#)
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains("maxTokens") == true)
    }

    @Test func strictTakesWhatIsKnown() throws {
        let (config, warnings) = try read(#"{"strict":true,"max_tokens":5}"#)
        #expect(config.maxTokens == 5)
        #expect(warnings == [])
    }

    @Test(arguments: [
        ("raw_tools", #"{"type":"new"}"#), ("speculativeDecodingNumReuseTokens", "9"),
        ("toolChoice", #"{"type":"generic"}"#), ("tailFreeSampling", "0.5"),
        ("promptTemplate", #"{"type":"jinja"}"#),
    ])
    func optionWithoutAPropertyIsKept(name: String, value: String) throws {
        let (config, warnings) = try read(#"{"\#(name)":\#(value)}"#)
        #expect(Array(config.others.values) == [value])
        #expect(config.others.keys.first?.contains("_") == false)
        #expect(warnings == [])
        #expect(try read(config.json.text).config == config)
    }

    @Test(arguments: ContextOverflowPolicy.allCases)
    func overflowPolicyIsRead(policy: ContextOverflowPolicy) throws {
        let (config, warnings) = try read(#"{"context_overflow_policy":"\#(policy.rawValue)"}"#)
        #expect(config.contextOverflowPolicy == policy)
        #expect(config.others.isEmpty)
        #expect(warnings == [])
        #expect(try read(config.json.text).config == config)
    }

    @Test func wholeNumberWithoutAPropertyLosesItsPoint() throws {
        let text = #"{"speculativeDecodingNumReuseTokens":5.0}"#
        #expect(
            try read(text).config.others == ["speculativeDecodingNumReuseTokens": "5"]
        )
    }

    @Test func rawListLiesBeneathTheOptions() throws {
        let json = """
            {"temperature":0.5,"raw":{"fields":[
            {"key":"llm.prediction.temperature","value":0.1},
            {"key":"llm.prediction.seed","value":{"checked":true,"value":7}},
            {"key":"llm.prediction.systemPrompt","value":"Be brief."},
            {"key":"llm.prediction.speculativeDecoding.numReuseTokens","value":9},
            {"key":"ext.virtualModel.customField.a.b.c","value":true}]}}
            """
        let config = try read(json).config
        #expect(config.temperature == 0.5)
        #expect(config.seed == 7)
        #expect(config.systemPrompt == "Be brief.")
        #expect(config.others["speculativeDecodingNumReuseTokens"] == "9")
        #expect(
            config.others["raw"]
                == #"{"fields":[{"key":"ext.virtualModel.customField.a.b.c","value":true}]}"#
        )
        #expect(config.kv.text.contains(#""key":"ext.virtualModel.customField.a.b.c""#))
    }

    @Test(arguments: ["[]", #"{"fields":1}"#])
    func rawThatIsNoListIsRefused(raw: String) {
        #expect(refusal(of: #"{"raw":\#(raw)}"#)?.code == .invalidArgument)
    }

    // MARK: Hosts

    private var reluctantHost: ScriptedHost {
        var script = ScriptedHost.Script()
        script.reviewWarnings = ["draftModel has no effect here"]
        return ScriptedHost(script: script)
    }

    @Test func hostsWarningsFollowThoseOfReading() throws {
        var warnings: [String] = []
        let json = try JSONValue(parsing: #"{"foo":1,"draftModel":"x"}"#, as: "config")
        _ = try PredictionConfig(json: json, for: reluctantHost, warnings: &warnings)
        #expect(warnings.count == 2)
        #expect(warnings.last == "draftModel has no effect here")
    }

    @Test func strictMakesAHostsWarningAnError() throws {
        let json = try JSONValue(parsing: #"{"strict":true,"draftModel":"x"}"#, as: "config")
        var warnings: [String] = []
        let error = #expect(throws: LMStudioError.self) {
            try PredictionConfig(json: json, for: reluctantHost, warnings: &warnings)
        }
        #expect(error?.code == .unsupported)
        #expect(error?.message == "draftModel has no effect here")
    }

    @Test func hostsRefusalIsPassedOn() throws {
        var script = ScriptedHost.Script()
        script.error = LMStudioError(.unsupported, "no")
        var warnings: [String] = []
        let error = #expect(throws: LMStudioError.self) {
            try PredictionConfig(
                json: nil,
                for: ScriptedHost(script: script),
                warnings: &warnings
            )
        }
        #expect(error?.code == .unsupported)
    }

    // MARK: Round trips

    @Test(arguments: [
        "{}",
        #"{"maxTokens":5,"temperature":0,"seed":7,"stopStrings":["x"],"cpuThreads":3}"#,
        #"{"presencePenalty":0.5,"frequencyPenalty":0.25,"topKSampling":0}"#,
    ])
    func configurationSurvivesARoundTrip(json: String) throws {
        let config = try read(json).config
        #expect(try read(config.json.text).config == config)
    }

    @Test func optionThatIsOffSurvivesARoundTrip() throws {
        let config = try read(#"{"topPSampling":false,"minPSampling":false,"repeatPenalty":false}"#)
            .config
        let again = try read(config.json.text).config
        #expect(again == config)
    }

    // MARK: Reading

    private func read(_ json: String?) throws -> (config: PredictionConfig, warnings: [String]) {
        var warnings: [String] = []
        let value = try json.map { try JSONValue(parsing: $0, as: "config") }
        return (try PredictionConfig(json: value, for: nil, warnings: &warnings), warnings)
    }

    private func refusal(of json: String) -> LMStudioError? {
        #expect(throws: LMStudioError.self) { try read(json) }
    }
}
