import LMStudioCore
import LMStudioTesting
import LMStudioWire
import Testing

@Suite struct ModelInfoJSONTests {
    @Test func languageModelIsWrittenInLMStudiosNames() {
        let expected = """
            {"architecture":"llama","deviceIdentifier":null,"displayName":"Sample 1B","format":"gguf",\
            "hasChatTemplate":true,\
            "indexedModelIdentifier":"acme/Sample-1B-GGUF/Sample-1B-Q4_K_M.gguf",\
            "maxContextLength":8192,"modelKey":"sample-1b","paramsString":"1B",\
            "path":"acme/Sample-1B-GGUF/Sample-1B-Q4_K_M.gguf","publisher":"acme",\
            "quantization":{"bits":4,"name":"Q4_K_M"},"sizeBytes":1000000,"trainedForToolUse":true,\
            "type":"llm","vision":false}
            """
        #expect(ModelInfo.sample.json.text == expected)
    }

    @Test func embeddingModelSaysNothingOfToolsAndImages() {
        let members = ModelInfo.embeddingSample.json.members ?? [:]
        #expect(members["type"] == .string("embedding"))
        #expect(members["vision"] == nil)
        #expect(members["trainedForToolUse"] == nil)
    }

    @Test(arguments: ["paramsString", "architecture", "quantization"])
    func whatIsNotKnownIsLeftOut(name: String) {
        #expect(ModelInfo.embeddingSample.json.members?[name] == nil)
    }

    @Test func instanceAddsItsOwnMembersToTheModels() {
        let instance = ModelInstanceInfo.sample.json.members ?? [:]
        #expect(instance["identifier"] == .string("sample-1b"))
        #expect(instance["instanceReference"] == .string("reference-1"))
        #expect(instance["contextLength"] == .integer(4096))
        #expect(instance["modelKey"] == .string("sample-1b"))
    }

    @Test(arguments: [ModelInfo.sample, .embeddingSample])
    func modelSurvivesARoundTrip(model: ModelInfo) {
        #expect(ModelInfo(json: model.json) == model)
    }

    @Test func instanceSurvivesARoundTrip() {
        var instance = ModelInstanceInfo.sample
        (instance.timeToLive, instance.lastUsedMilliseconds) = (.seconds(3600), 1_760_000_000_000)
        #expect(instance.json["ttlMs"] == .integer(3_600_000))
        #expect(ModelInstanceInfo(json: instance.json) == instance)
    }

    @Test func membersThatTheStrictestClientNeedsAreThereEvenWithoutAValue() throws {
        guard case .object(let members) = ModelInstanceInfo.sample.json else {
            Issue.record("not an object")
            return
        }
        for name in ["deviceIdentifier", "ttlMs", "lastUsedTime"] {
            #expect(members[name] == .null)
        }
    }

    @Test func whatIsMissingIsLeftEmpty() throws {
        let json = try JSONValue(parsing: #"{"identifier":"m"}"#, as: "info")
        let instance = try #require(ModelInstanceInfo(json: json))
        #expect(instance.identifier == "m")
        #expect(instance.model.modelKey == "m")
        #expect(instance.model.domain == .llm)
        #expect(instance.timeToLive == nil)
    }

    @Test func oddValuesAreTaken() throws {
        let text = """
            {"type":"llm","modelKey":"m","format":"xyz","sizeBytes":12.0,"maxContextLength":8192.5,
            "architecture":null,"quantization":{"name":"Q4"},"vision":null,"identifier":"i",
            "ttlMs":1500.5,"lastUsedTime":1.5,"contextLength":"big","unknown":[1]}
            """
        let instance = try #require(
            ModelInstanceInfo(json: JSONValue(parsing: text, as: "info"))
        )
        #expect(instance.model.format == "xyz")
        #expect(instance.model.sizeBytes == 12)
        #expect(instance.model.maxContextLength == 8192)
        #expect(instance.model.quantization == ModelInfo.Quantization(name: "Q4", bits: 0))
        #expect(instance.timeToLive == .microseconds(1_500_500))
        #expect(instance.lastUsedMilliseconds == 1)
        #expect(instance.contextLength == 0)
    }

    @Test func timeBeyondAllNumbersIsAsGoodAsNone() {
        var instance = ModelInstanceInfo.sample
        instance.timeToLive = .seconds(Int64.max)
        #expect(instance.json["ttlMs"] == nil)
    }

    @Test(arguments: [
        "{}", "null", "[]", #"{"type":"drafter","modelKey":"m"}"#, #"{"type":"llm"}"#,
    ])
    func whatIsNoModelIsNotRead(text: String) throws {
        #expect(ModelInfo(json: try JSONValue(parsing: text, as: "info")) == nil)
        #expect(ModelInstanceInfo(json: try JSONValue(parsing: text, as: "info")) == nil)
    }
}
