import LMStudioCore
import LMStudioWire
import Testing

/// Prediction options in key-value lists, as protocol and clients have them.
@Suite struct KVPredictionTests {
    @Test(arguments: [
        ("temperature", "0.5", #"{"temperature":0.5}"#),
        ("temperature", "1", #"{"temperature":1}"#),
        ("maxPredictedTokens", #"{"checked":true,"value":16}"#, #"{"maxTokens":16}"#),
        ("maxPredictedTokens", #"{"checked":true,"value":16.0}"#, #"{"maxTokens":16}"#),
        ("stopStrings", #"["a","b"]"#, #"{"stopStrings":["a","b"]}"#),
        ("toolCallStopStrings", #"["x"]"#, #"{"toolCallStopStrings":["x"]}"#),
        (
            "contextOverflowPolicy", #""rollingWindow""#,
            #"{"contextOverflowPolicy":"rollingWindow"}"#
        ),
        ("structured", #"{"type":"none"}"#, "{}"),
        ("structured", #"{"type":"json"}"#, #"{"structured":{"type":"json"}}"#),
        ("tools", #"{"type":"none"}"#, "{}"),
        ("tools", #"{"type":"toolArray"}"#, "{}"),
        (
            "tools",
            #"{"type":"toolArray","tools":[{"type":"function","function":{"name":"add","parameters":{"type":"object","properties":{"b":{},"a":{}}}}}]}"#,
            #"{"rawTools":{"type":"toolArray","tools":[{"type":"function","function":{"name":"add","parameters":{"type":"object","properties":{"b":{},"a":{}}}}}]}}"#
        ),
        (
            "toolChoice", #"{"type":"generic","mode":"none"}"#,
            #"{"toolChoice":{"type":"generic","mode":"none"}}"#
        ),
        ("toolChoice", #"{"type":"generic","mode":"auto"}"#, "{}"),
        ("toolChoice", #"{"type":"generic"}"#, #"{"toolChoice":{"type":"generic"}}"#),
        ("toolNaming", #""snakeCase""#, #"{"toolNaming":"snakeCase"}"#),
        ("topKSampling", "20.0", #"{"topKSampling":20}"#),
        ("topKSampling", "-1", #"{"topKSampling":-1}"#),
        ("topPSampling", #"{"checked":true,"value":0.5}"#, #"{"topPSampling":0.5}"#),
        ("minPSampling", #"{"checked":true,"value":0}"#, #"{"minPSampling":0}"#),
        ("repeatPenalty", #"{"checked":true,"value":1.05}"#, #"{"repeatPenalty":1.05}"#),
        ("llama.presencePenalty", #"{"checked":true,"value":1}"#, #"{"presencePenalty":1}"#),
        ("llama.xtcProbability", #"{"checked":true,"value":0.5}"#, #"{"xtcProbability":0.5}"#),
        ("llama.xtcThreshold", #"{"checked":false,"value":0.1}"#, #"{"xtcThreshold":false}"#),
        ("logProbs", #"{"checked":true,"value":3}"#, #"{"logProbs":3}"#),
        ("llama.cpuThreads", "4", #"{"cpuThreads":4}"#),
        ("promptTemplate", #"{"type":"jinja"}"#, #"{"promptTemplate":{"type":"jinja"}}"#),
        ("speculativeDecoding.draftModel", #""d""#, #"{"draftModel":"d"}"#),
        ("speculativeDecoding.draftModel", #""""#, "{}"),
        (
            "speculativeDecoding.numDraftTokensExact", "3",
            #"{"speculativeDecodingNumDraftTokensExact":3}"#
        ),
        (
            "speculativeDecoding.minDraftLengthToConsider", "1",
            #"{"speculativeDecodingMinDraftLengthToConsider":1}"#
        ),
        (
            "speculativeDecoding.minContinueDraftingProbability", "0.5",
            #"{"speculativeDecodingMinContinueDraftingProbability":0.5}"#
        ),
        (
            "speculativeDecoding.maxTokensToDraft", "8",
            #"{"speculativeDecodingMaxTokensToDraft":8}"#
        ),
        ("reasoning.parsing", #"{"enabled":true}"#, #"{"reasoningParsing":{"enabled":true}}"#),
        ("reasoning.budgetTokens", #"{"checked":true,"value":9}"#, #"{"reasoningBudget":9}"#),
        ("reasoning.enableThinking", "false", #"{"enableThinking":false}"#),
        (
            "vision.userMaxImageDimensionPixels", #"{"checked":false,"value":1024}"#,
            #"{"userMaxImageDimensionPixels":false}"#
        ),
        (
            "vision.ignoreModelPreferredMaxImageDimension", "true",
            #"{"ignoreModelPreferredMaxImageDimension":true}"#
        ),
        ("seed", #"{"checked":true,"value":7}"#, #"{"seed":7}"#),
        ("seed", #"{"checked":true,"value":-1}"#, "{}"),
        ("systemPrompt", #""Be brief.""#, #"{"systemPrompt":"Be brief."}"#),
        ("contextPrefill", "[]", #"{"contextPrefill":[]}"#),
        ("llama.frequencyPenalty", #"{"checked":true,"value":0.5}"#, #"{"frequencyPenalty":0.5}"#),
        ("llama.mirostatSampling", #"{"version":0}"#, #"{"mirostatSampling":{"version":0}}"#),
        ("llama.logitBias", "[[1,-1.5]]", #"{"logitBias":[[1,-1.5]]}"#),
        // Odd ones that clients really send.
        ("maxPredictedTokens", #"{"checked":true,"value":-1}"#, "{}"),
        ("maxPredictedTokens", #"{"checked":true,"value":false}"#, "{}"),
        ("maxPredictedTokens", #"{"checked":false,"value":1}"#, "{}"),
        ("topPSampling", #"{"checked":true,"value":false}"#, #"{"topPSampling":false}"#),
        ("topPSampling", #"{"checked":false}"#, #"{"topPSampling":false}"#),
        ("minPSampling", #"{"checked":false,"value":0.05}"#, #"{"minPSampling":false}"#),
        ("repeatPenalty", #"{"checked":true}"#, "{}"),
        ("repeatPenalty", #"{"checked":true,"value":true}"#, "{}"),
        ("repeatPenalty", "1.5", #"{"repeatPenalty":1.5}"#),
        ("repeatPenalty", "null", "{}"),
    ])
    func keyStandsForItsOption(key: String, value: String, options: String) throws {
        var warnings: [String] = []
        let list = #"{"fields":[{"key":"llm.prediction.\#(key)","value":\#(value)}]}"#
        let expected = try read(options: options)
        let stack = try JSONValue(parsing: Self.stack(list), as: "stack")
        #expect(try PredictionConfig(stack: stack, warnings: &warnings) == expected)
        #expect(PredictionConfig(kv: try JSONValue(parsing: list, as: "list")) == expected)
        #expect(warnings == [])
        #expect(PredictionConfig(kv: expected.kv) == expected)
    }

    @Test func whatIsOffIsWrittenAsAnEmptyBoxWithItsFiller() throws {
        let config = try read(
            options: """
                {"topPSampling":false,"minPSampling":false,"repeatPenalty":false,
                "userMaxImageDimensionPixels":false}
                """
        )
        #expect(fields(of: config.kv)["topPSampling"]?.text == #"{"checked":false,"value":0.95}"#)
        #expect(fields(of: config.kv)["minPSampling"]?.text == #"{"checked":false,"value":0.05}"#)
        #expect(fields(of: config.kv)["repeatPenalty"]?.text == #"{"checked":false,"value":1.1}"#)
        #expect(
            fields(of: config.kv)["vision.userMaxImageDimensionPixels"]?.text
                == #"{"checked":false,"value":1024}"#
        )
    }

    @Test func defaultsAreWrittenInFull() {
        let expected = """
            {"fields":[\
            {"key":"llm.prediction.minPSampling","value":{"checked":true,"value":0.05}},\
            {"key":"llm.prediction.repeatPenalty","value":{"checked":true,"value":1.1}},\
            {"key":"llm.prediction.stopStrings","value":[]},\
            {"key":"llm.prediction.temperature","value":0.8},\
            {"key":"llm.prediction.topKSampling","value":40},\
            {"key":"llm.prediction.topPSampling","value":{"checked":true,"value":0.95}}]}
            """
        #expect(PredictionConfig().kv.text == expected)
    }

    @Test func clientAsksOnlyForWhatDiffersFromTheDefaults() {
        var config = PredictionConfig(maxTokens: 5, temperature: 0.8)
        config.speculativeDecoding.draftModel = "d"
        let expected = """
            {"layers":[{"config":{"fields":[\
            {"key":"llm.prediction.maxPredictedTokens","value":{"checked":true,"value":5}},\
            {"key":"llm.prediction.speculativeDecoding.draftModel","value":"d"}]},\
            "layerName":"apiOverride"}]}
            """
        #expect(config.stack(isRawText: false).text == expected)
    }

    @Test func completionIsKnownByItsLayer() throws {
        var warnings: [String] = []
        let config = try read(options: #"{"maxTokens":5}"#)
        let stack = config.stack(isRawText: true)
        #expect(PredictionConfig.isRawText(stack: stack))
        #expect(!PredictionConfig.isRawText(stack: config.stack(isRawText: false)))
        #expect(!PredictionConfig.isRawText(stack: nil))
        #expect(try PredictionConfig(stack: stack, warnings: &warnings) == config)
        #expect(warnings == [])
    }

    @Test func optionBeneathWhichRawLiesIsWrittenOnce() throws {
        var config = PredictionConfig(temperature: 0.5)
        config.others["raw"] = """
            {"fields":[{"key":"llm.prediction.temperature","value":9},{"key":"x","value":1}]}
            """
        #expect(fields(of: config.kv)["temperature"] == .number(0.5))
        #expect(config.kv.text.contains(#"{"key":"x","value":1}"#))
    }

    // MARK: Layers

    @Test func laterLayersAndLaterDuplicatesWin() throws {
        let text = """
            {"layers":[
            {"layerName":"preset","config":{"fields":[{"key":"llm.prediction.temperature","value":0.1},
            {"key":"llm.prediction.topKSampling","value":1}]}},
            {"layerName":"apiOverride","config":{"fields":[
            {"key":"llm.prediction.temperature","value":0.2},
            {"key":"llm.prediction.temperature","value":0.3}]}},
            {"layerName":"serverSession","config":{"fields":[]}}]}
            """
        var warnings: [String] = []
        let stack = try JSONValue(parsing: text, as: "stack")
        let config = try PredictionConfig(stack: stack, warnings: &warnings)
        #expect(config.temperature == 0.3)
        #expect(config.topK == 1)
        #expect(warnings == [])
    }

    @Test func unknownLayersAndKeysGiveOneWarningEach() throws {
        let text = """
            {"layers":[{"layerName":"o\\nne","config":{"fields":[{"key":"a","value":1}]}},
            {"layerName":"two","config":{}},
            {"layerName":"apiOverride","config":{"fields":[{"key":"a","value":1},
            {"key":"llm.prediction.b","value":1},{"key":"llm.load.contextLength","value":1},
            {"value":2},{"key":"c"},7]}}]}
            """
        var warnings: [String] = []
        let stack = try JSONValue(parsing: text, as: "stack")
        #expect(try PredictionConfig(stack: stack, warnings: &warnings) == PredictionConfig())
        try #require(warnings.count == 3)
        #expect(warnings.first?.contains(#""o\nne", "two""#) == true)
        #expect(warnings[1].contains(#""llm.prediction.b""#))
        let fields = "fields of the config stack without a key or a value have no effect"
        #expect(warnings[2] == fields)
    }

    @Test(arguments: [nil, "null", #"{"layers":[]}"#, #"{"layers":[{"layerName":"apiOverride"}]}"#])
    func emptyStackGivesTheDefaults(text: String?) throws {
        var warnings: [String] = []
        let stack = try text.map { try JSONValue(parsing: $0, as: "stack") }
        #expect(try PredictionConfig(stack: stack, warnings: &warnings) == PredictionConfig())
    }

    @Test(arguments: [
        "[]", "{}", #"{"layers":{}}"#, #"{"layers":[1]}"#, #"{"layers":[{"layerName":1}]}"#,
        stack(#"{"fields":[{"key":"llm.prediction.temperature","value":"hot"}]}"#),
        stack(#"{"fields":[{"key":"llm.prediction.temperature","value":-1}]}"#),
        stack(#"{"fields":[{"key":"llm.prediction.contextOverflowPolicy","value":"drop"}]}"#),
        stack(#"{"fields":[{"key":"llm.prediction.seed","value":{"checked":true,"value":0.5}}]}"#),
    ])
    func unfitStackIsRefused(text: String) throws {
        let stack = try JSONValue(parsing: text, as: "stack")
        let error = #expect(throws: LMStudioError.self) {
            var warnings: [String] = []
            return try PredictionConfig(stack: stack, warnings: &warnings)
        }
        #expect(error?.code == .invalidArgument)
    }

    @Test func refusalNamesTheKeyAndTheValue() throws {
        let list =
            #"{"fields":[{"key":"llm.prediction.topPSampling","value":{"checked":true,"value":"x"}}]}"#
        let stack = try JSONValue(parsing: Self.stack(list), as: "stack")
        let error = #expect(throws: LMStudioError.self) {
            var warnings: [String] = []
            return try PredictionConfig(stack: stack, warnings: &warnings)
        }
        #expect(
            error?.message == #"llm.prediction.topPSampling must be a number or false, not "x""#
        )
    }

    @Test(arguments: [
        "null", "[]", "{}", #"{"fields":1}"#, #"{"fields":[1,{},{"key":"a"},{"value":1}]}"#,
        #"{"fields":[{"key":"llm.prediction.temperature","value":"hot"}]}"#,
        #"{"fields":[{"key":"llm.prediction.temperature"},{"key":"llm.prediction.x","value":1}]}"#,
    ])
    func unfitListOfAServerGivesTheDefaults(text: String) throws {
        #expect(
            PredictionConfig(kv: try JSONValue(parsing: text, as: "list")) == PredictionConfig()
        )
    }

    // MARK: Reading

    private static func stack(_ list: String) -> String {
        #"{"layers":[{"layerName":"apiOverride","config":\#(list)}]}"#
    }

    private func read(options: String) throws -> PredictionConfig {
        var warnings: [String] = []
        let json = try JSONValue(parsing: options, as: "options")
        return try PredictionConfig(json: json, for: nil, warnings: &warnings)
    }

    private func fields(of list: JSONValue) -> [String: JSONValue] {
        var fields: [String: JSONValue] = [:]
        for field in list["fields"]?.elements ?? [] {
            let key = field["key"]?.string ?? ""
            fields[String(key.dropFirst("llm.prediction.".count))] = field["value"]
        }
        return fields
    }

    @Test func whatWasAskedForIsSentThoughItIsTheDefault() throws {
        var warnings: [String] = []
        let json = try JSONValue(
            parsing: #"{"temperature":0.8,"maxTokens":false,"top_k_sampling":40}"#,
            as: "config"
        )
        let config = try PredictionConfig(json: json, for: nil, warnings: &warnings)
        #expect(config == PredictionConfig())
        let text = config.stack(isRawText: false).text
        #expect(text.contains(#"{"key":"llm.prediction.temperature","value":0.8}"#))
        #expect(text.contains(#"{"key":"llm.prediction.topKSampling","value":40}"#))
        #expect(text.contains(#""llm.prediction.maxPredictedTokens","value":{"checked":false,"#))
        #expect(!text.contains("topPSampling"))
    }
}
