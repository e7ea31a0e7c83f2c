import LMStudioCore
import LMStudioWire
import Testing

/// Stacks as the official clients were seen to send them.
@Suite struct KVOfficialClientTests {
    @Test func completionOfThePythonClientIsRead() throws {
        let text = #"""
            {"layers": [{"layerName": "apiOverride", "config": {"fields": [
            {"key": "llm.prediction.contextOverflowPolicy", "value": "rollingWindow"},
            {"key": "llm.prediction.llama.cpuThreads", "value": 2},
            {"key": "llm.prediction.maxPredictedTokens", "value": {"checked": true, "value": false}},
            {"key": "llm.prediction.minPSampling", "value": {"checked": true, "value": 0.02}},
            {"key": "llm.prediction.repeatPenalty", "value": {"checked": true, "value": 1.05}},
            {"key": "llm.prediction.speculativeDecoding.draftModel", "value": "tiny"},
            {"key": "llm.prediction.stopStrings", "value": ["\n\n"]},
            {"key": "llm.prediction.structured", "value": {"type": "none"}},
            {"key": "llm.prediction.temperature", "value": 0.2},
            {"key": "llm.prediction.topKSampling", "value": 20.0},
            {"key": "llm.prediction.topPSampling", "value": {"checked": true, "value": false}}]}},
            {"layerName": "completeModeFormatting", "config": {"fields": [
            {"key": "llm.prediction.promptTemplate", "value": {"jinjaPromptTemplate": {"bosToken": "",
            "eosToken": "", "inputConfig": {"messagesConfig": {"contentConfig": {"type": "string"}},
            "useTools": false}, "template":
            "{% for message in messages %}{{ message['content'] }}{% endfor %}"},
            "stopStrings": [], "type": "jinja"}}]}}]}
            """#
        var expected = PredictionConfig(temperature: 0.2, stopStrings: ["\n\n"])
        (expected.topK, expected.topP, expected.minP) = (20, nil, 0.02)
        (expected.repeatPenalty, expected.cpuThreads) = (1.05, 2)
        expected.contextOverflowPolicy = .rollingWindow
        expected.speculativeDecoding.draftModel = "tiny"
        let (config, warnings) = try read(text)
        #expect(config == expected)
        #expect(warnings == [])
        #expect(PredictionConfig.isRawText(stack: try JSONValue(parsing: text, as: "stack")))
    }

    @Test func completionOfTheTypeScriptClientIsRead() throws {
        let (config, warnings) = try read(
            """
            {"layers":[{"layerName":"apiOverride","config":{"fields":[
            {"key":"llm.prediction.maxPredictedTokens","value":{"checked":true,"value":10}},
            {"key":"llm.prediction.stopStrings","value":[]}]}}]}
            """
        )
        #expect(config == PredictionConfig(maxTokens: 10))
        #expect(warnings == [])
    }

    @Test func loadOfThePythonClientIsRead() throws {
        let text = """
            {"layers": [{"layerName": "apiOverride", "config": {"fields": [
            {"key": "llm.load.contextLength", "value": 1024},
            {"key": "llm.load.llama.acceleration.offloadRatio", "value": 0.5},
            {"key": "load.gpuSplitConfig", "value": {"customRatio": [], "disabledGpus": [2],
            "priority": [1], "strategy": "priorityOrder"}},
            {"key": "llm.load.llama.kCacheQuantizationType", "value": {"checked": true, "value": false}},
            {"key": "llm.load.llama.ropeFrequencyBase", "value": {"checked": true, "value": 10000.0}},
            {"key": "llm.load.llama.tryMmap", "value": false},
            {"key": "llm.load.llama.useFp16ForKVCache", "value": true},
            {"key": "llm.load.seed", "value": {"checked": true, "value": 3}}]}}]}
            """
        var expected = LoadConfig()
        (expected.contextLength, expected.gpuRatio, expected.seed) = (1024, 0.5, 3)
        (expected.ropeFrequencyBase, expected.tryMmap) = (10000, false)
        (expected.mainGPU, expected.gpuSplitStrategy) = (1, .favorMainGPU)
        expected.disabledGPUs = [2]
        var warnings: [String] = []
        let stack = try JSONValue(parsing: text, as: "stack")
        #expect(try LoadConfig(stack: stack, domain: .llm, warnings: &warnings) == expected)
        #expect(warnings == [])
    }

    @Test func everyLoadOfTheOldTypeScriptClientIsADefault() throws {
        let text = """
            {"layers":[{"layerName":"apiOverride","config":{"fields":[{"key":"load.gpuSplitConfig",
            "value":{"strategy":"evenly","disabledGpus":[],"priority":[],"customRatio":[]}}]}}]}
            """
        var warnings: [String] = []
        let stack = try JSONValue(parsing: text, as: "stack")
        for domain in ModelDomain.allCases {
            #expect(
                try LoadConfig(stack: stack, domain: domain, warnings: &warnings) == LoadConfig()
            )
        }
        #expect(warnings == [])
    }

    private func read(_ text: String) throws -> (PredictionConfig, [String]) {
        var warnings: [String] = []
        let stack = try JSONValue(parsing: text, as: "stack")
        return (try PredictionConfig(stack: stack, warnings: &warnings), warnings)
    }
}
