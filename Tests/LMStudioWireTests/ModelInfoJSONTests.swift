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

    @Test func statisticsLeaveOutWhatIsNotKnown() {
        let stats = PredictionStats(stopReason: .eosFound)
        #expect(stats.json.text == #"{"stopReason":"eosFound"}"#)
    }

    @Test func statisticsAreWrittenInLMStudiosNames() {
        var stats = PredictionStats(stopReason: .stopStringFound)
        (stats.stopString, stats.tokensPerSecond, stats.gpuLayers) = ("\n", 12.5, 0)
        (stats.timeToFirstToken, stats.totalTime) = (.milliseconds(250), .seconds(2))
        (stats.promptTokensCount, stats.predictedTokensCount) = (3, 4)
        let expected = """
            {"numGpuLayers":0,"predictedTokensCount":4,"promptTokensCount":3,\
            "stopReason":"stopStringFound","stopString":"\\n","timeToFirstTokenSec":0.25,\
            "tokensPerSecond":12.5,"totalTimeSec":2,"totalTokensCount":7}
            """
        #expect(stats.json.text == expected)
    }
}
