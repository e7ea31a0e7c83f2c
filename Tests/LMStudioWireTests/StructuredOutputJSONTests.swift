import LMStudioCore
import LMStudioWire
import Testing

/// The form of an answer, biases, Mirostat and tokens as JSON has them.
@Suite struct StructuredOutputJSONTests {
    @Test(arguments: [
        (#"{"type":"none"}"#, nil), (#"{"type":"json"}"#, StructuredOutput.json()),
        (#"{"type":"json","jsonSchema":{"type":"object"}}"#, .json(schema: #"{"type":"object"}"#)),
        (#"{"type":"json","json_schema":true}"#, .json(schema: "true")),
        (#"{"type":"gbnf","gbnfGrammar":"root ::= \"a\""}"#, .grammar(#"root ::= "a""#)),
        (#"{"type":"gbnf","gbnf_grammar":"x"}"#, .grammar("x")),
    ])
    func settingIsRead(json: String, output: StructuredOutput?) throws {
        let config = try read(#"{"structured":\#(json)}"#)
        #expect(config.structured == output)
        #expect(try read(config.json.text) == config)
        #expect(PredictionConfig(kv: config.kv) == config)
        var warnings: [String] = []
        #expect(
            try PredictionConfig(stack: config.stack(isRawText: true), warnings: &warnings)
                == config
        )
    }

    @Test func membersOfASchemaKeepTheirOrder() throws {
        let schema =
            #"{"properties":{"z":{"b":1,"a":[{"y":0,"x":1}]},"a":{}},"$defs":{},"type":"object"}"#
        let config = try read(#"{"structured":{"jsonSchema":\#(schema),"type":"json"},"seed":1}"#)
        #expect(config.structured == .json(schema: schema))
        #expect(config.json.text.contains(schema))
        #expect(config.stack(isRawText: false).text.contains(#""jsonSchema":"# + schema))
        let frame = try JSONValue(parsing: config.stack(isRawText: false).text, as: "stack")
        var warnings: [String] = []
        #expect(
            try PredictionConfig(stack: frame, warnings: &warnings).structured
                == .json(schema: schema)
        )
    }

    @Test(arguments: [
        #"{"structured":"json"}"#, #"{"structured":{}}"#, #"{"structured":{"type":"xml"}}"#,
        #"{"structured":{"type":"gbnf"}}"#, #"{"structured":{"type":"gbnf","gbnfGrammar":1}}"#,
        #"{"logitBias":[[1]]}"#, #"{"logitBias":[[-1,1]]}"#, #"{"logitBias":[["a",1]]}"#,
        #"{"logitBias":[[1,"inf"]]}"#, #"{"logitBias":{}}"#, #"{"logitBias":[[1,2000]]}"#,
        #"{"mirostatSampling":{}}"#, #"{"mirostatSampling":{"version":3}}"#,
        #"{"mirostatSampling":{"version":1,"learningRate":"x"}}"#,
        #"{"mirostatSampling":{"version":1,"targetEntropy":-1}}"#,
        #"{"logProbs":101}"#, #"{"logProbs":-1}"#, #"{"xtcProbability":1.5}"#,
        #"{"locallyTypicalSampling":-0.1}"#, #"{"xtcThreshold":2}"#,
    ])
    func unfitSettingIsRefusedByName(json: String) {
        let error = #expect(throws: LMStudioError.self) { try read(json) }
        #expect(error?.code == .invalidArgument)
        let name = json.dropFirst(2).prefix { $0 != "\"" }
        #expect(error?.message.hasPrefix(name) == true)
    }

    @Test(arguments: [
        (#"{"structured":{"type":"json","schema":{}}}"#, #"not {"schema":{},"type":"json"}"#),
        (#"{"structured":[1]}"#, "not [1]"),
        (
            #"{"mirostatSampling":{"version":2,"tau":5}}"#,
            #""targetEntropy":…}, not {"tau":5,"version":2}"#
        ),
        (#"{"logitBias":[[1,2],[3,"inf"]]}"#, #"[token, number or "-inf"], not [3,"inf"]"#),
    ])
    func aRefusalShowsWhatIsUnfit(json: String, end: String) {
        let error = #expect(throws: LMStudioError.self) { try read(json) }
        #expect(error?.message.hasSuffix(end) == true, "\(error?.message ?? "")")
    }

    @Test func samplingOptionsHaveTheirProperties() throws {
        let config = try read(
            """
            {"logitBias":[[5,1.5],[7,"-inf"],[5,2]],"mirostatSampling":{"version":2,"targetEntropy":3},
            "xtcProbability":0.5,"xtcThreshold":0.2,"locallyTypicalSampling":0.9,"logProbs":3}
            """
        )
        #expect(config.logitBias == [5: 2, 7: -.infinity])
        #expect(config.mirostat == Mirostat(version: 2, learningRate: 0.1, targetEntropy: 3))
        #expect((config.xtcProbability, config.xtcThreshold) == (0.5, 0.2))
        #expect((config.typicalP, config.logProbs) == (0.9, 3))
        #expect(config.others == [:])
        #expect(PredictionConfig(kv: config.kv) == config)
        #expect(try read(config.json.text) == config)
    }

    @Test func askingForNothingIsSent() throws {
        let config = try read(
            #"{"structured":{"type":"none"},"mirostatSampling":{"version":0},"logitBias":[],"logProbs":false}"#
        )
        #expect(config == PredictionConfig())
        let text = config.stack(isRawText: false).text
        #expect(text.contains(#"{"key":"llm.prediction.structured","value":{"type":"none"}}"#))
        #expect(text.contains(#"{"key":"llm.prediction.llama.logitBias","value":[]}"#))
        #expect(text.contains(#"mirostatSampling","value":{"version":0}"#))
        #expect(text.contains(#"logProbs","value":{"checked":false,"value":0}"#))
    }

    @Test func tokensOfFragmentsGoBothWays() throws {
        var fragment = PredictionFragment(content: "ab", tokensCount: 2)
        fragment.tokens = [
            PredictedToken(id: 1, text: "a", logProb: -0.5),
            PredictedToken(
                id: 2,
                text: "b\"",
                logProb: -.infinity,
                candidates: [PredictedToken.Candidate(id: 3, text: "", logProb: -1)]
            ),
        ]
        #expect(PredictionFragment(json: fragment.json) == fragment)
        var bytes: [UInt8] = []
        FragmentWriter.append(fragment, channel: 4, to: &bytes)
        let written = try bytes.withUnsafeBytes { try JSONValue(parsing: $0, as: "frame") }
        #expect(written["message"]?["fragment"] == fragment.json)
        // A frame with tokens is read as JSON.
        #expect(bytes.withUnsafeBytes { FragmentScanner.scan($0)?.channel } == nil)
        fragment.tokens = []
        #expect(!fragment.json.text.contains("tokens\":"))
    }

    private func read(_ json: String) throws -> PredictionConfig {
        var warnings: [String] = []
        let value = try JSONValue(parsing: json, as: "config")
        let config = try PredictionConfig(json: value, for: nil, warnings: &warnings)
        #expect(warnings == [])
        return config
    }
}
