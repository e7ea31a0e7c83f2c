import LMStudioCore
import LMStudioWire
import Testing

/// Load options in key-value lists, as protocol and clients have them.
@Suite struct KVLoadTests {
    @Test(arguments: [
        ("llm.load.contextLength", "1024", #"{"contextLength":1024}"#),
        ("llm.load.contextLength", "1024.0", #"{"contextLength":1024}"#),
        ("llm.load.llama.acceleration.offloadRatio", "0.5", #"{"gpu":{"ratio":0.5}}"#),
        ("llm.load.llama.acceleration.offloadRatio", #""max""#, #"{"gpu":{"ratio":1}}"#),
        ("llm.load.llama.acceleration.offloadRatio", #""off""#, #"{"gpu":{"ratio":0}}"#),
        (
            "llm.load.numCpuExpertLayersRatio", #""off""#,
            #"{"gpu":{"numCpuExpertLayersRatio":"off"}}"#
        ),
        ("load.gpuStrictVramCap", "true", #"{"gpuStrictVramCap":true}"#),
        ("llm.load.offloadKVCacheToGpu", "false", #"{"offloadKVCacheToGpu":false}"#),
        ("llm.load.numExperts", "2", #"{"numExperts":2}"#),
        ("llm.load.seed", #"{"checked":true,"value":3}"#, #"{"seed":3}"#),
        ("llm.load.seed", #"{"checked":false,"value":0}"#, "{}"),
        (
            "llm.load.llama.ropeFrequencyBase", #"{"checked":true,"value":1e4}"#,
            #"{"ropeFrequencyBase":10000}"#
        ),
        ("llm.load.llama.ropeFrequencyScale", #"{"checked":false,"value":0}"#, "{}"),
        ("llm.load.llama.evalBatchSize", "64", #"{"evalBatchSize":64}"#),
        ("llm.load.llama.physicalBatchSize", "32", #"{"physicalBatchSize":32}"#),
        ("llm.load.llama.flashAttention", "true", #"{"flashAttention":true}"#),
        ("llm.load.llama.keepModelInMemory", "true", #"{"keepModelInMemory":true}"#),
        ("llm.load.llama.useFp16ForKVCache", "false", #"{"useFp16ForKVCache":false}"#),
        ("llm.load.llama.tryMmap", "false", #"{"tryMmap":false}"#),
        ("llm.load.llama.tryDirectIO", "true", #"{"tryDirectIO":true}"#),
        (
            "llm.load.llama.kCacheQuantizationType", #"{"checked":true,"value":"q8_0"}"#,
            #"{"llamaKCacheQuantizationType":"q8_0"}"#
        ),
        ("llm.load.llama.vCacheQuantizationType", #"{"checked":true,"value":false}"#, "{}"),
        ("llm.load.numParallelSessions", "4", #"{"maxParallelPredictions":4}"#),
        ("llm.load.useUnifiedKvCache", "true", #"{"useUnifiedKvCache":true}"#),
        ("llm.load.promptTemplate", #"{"type":"jinja"}"#, #"{"promptTemplate":{"type":"jinja"}}"#),
        ("llm.load.llama.contextCheckpoints", "0", #"{"contextCheckpoints":0}"#),
        ("llm.load.llama.reasoningBudgetMessage", #""x""#, #"{"reasoningBudgetMessage":"x"}"#),
        ("llm.load.llama.speculativeDecoding.draftMtp", "true", #"{"speculativeDraftMtp":true}"#),
        (
            "llm.load.llama.speculativeDecoding.draftSimple", "false",
            #"{"speculativeDraftSimple":false}"#
        ),
        ("llm.load.llama.speculativeDecoding.draftModel", #""""#, "{}"),
        ("llm.load.llama.cpuThreadPoolSize", "4", #"{"cpuThreadPoolSize":4}"#),
        (
            "llm.load.llama.speculativeDecoding.draftMaxTokens", "3",
            #"{"speculativeDraftMaxTokens":3}"#
        ),
        (
            "llm.load.llama.speculativeDecoding.draftMinTokens", "0",
            #"{"speculativeDraftMinTokens":0}"#
        ),
        (
            "llm.load.llama.speculativeDecoding.draftMinContinueProbability", "0.5",
            #"{"speculativeDraftMinContinueProbability":0.5}"#
        ),
        ("llm.load.mlx.diskCache", "true", #"{"mlxDiskCache":true}"#),
        (
            "llm.load.mlx.kvCacheQuantization", #"{"enabled":false}"#,
            #"{"mlxKvCacheQuantization":{"enabled":false}}"#
        ),
        ("llm.load.autoFitMinContextLength", "0", #"{"autoFitMinContextLength":0}"#),
        ("envVars", "{}", #"{"envVars":{}}"#),
        (
            "load.gpuSplitConfig",
            #"{"strategy":"evenly","disabledGpus":[],"priority":[],"customRatio":[]}"#, "{}"
        ),
        (
            "load.gpuSplitConfig",
            #"{"strategy":"priorityOrder","disabledGpus":[2],"priority":[1],"customRatio":[]}"#,
            #"{"gpu":{"mainGpu":1,"splitStrategy":"favorMainGpu","disabledGpus":[2]}}"#
        ),
        ("load.gpuSplitConfig", #"{"strategy":"tensor"}"#, "{}"),
    ])
    func keyStandsForItsOption(key: String, value: String, options: String) throws {
        let list = #"{"fields":[{"key":"\#(key)","value":\#(value)}]}"#
        let stack = #"{"layers":[{"layerName":"apiOverride","config":\#(list)}]}"#
        let expected = try read(options: options)
        var warnings: [String] = []
        let config = try LoadConfig(
            stack: JSONValue(parsing: stack, as: "stack"),
            domain: .llm,
            warnings: &warnings
        )
        #expect(config == expected)
        #expect(warnings == [])
        let json = try JSONValue(parsing: list, as: "list")
        #expect(LoadConfig(kv: json, domain: .llm) == expected)
        #expect(LoadConfig(kv: expected.kv(for: .llm), domain: .llm) == expected)
    }

    @Test func nothingIsWrittenForTheEnginesChoices() {
        #expect(LoadConfig().kv(for: .llm).text == #"{"fields":[]}"#)
    }

    @Test(arguments: [
        (
            #"{"gpu":{"ratio":0.5}}"#,
            #"{"customRatio":[],"disabledGpus":[],"priority":[],"strategy":"evenly"}"#
        ),
        (
            #"{"gpu":{"mainGpu":1,"splitStrategy":"favorMainGpu","disabledGpus":[2]}}"#,
            #"{"customRatio":[],"disabledGpus":[2],"priority":[1],"strategy":"priorityOrder"}"#
        ),
        (
            #"{"gpu":{"mainGpu":1,"splitStrategy":"evenly"}}"#,
            #"{"customRatio":[],"disabledGpus":[],"priority":[1],"strategy":"evenly"}"#
        ),
    ])
    func anyGPUOptionBringsTheWholeSplit(options: String, split: String) throws {
        let config = try read(options: options)
        for domain in ModelDomain.allCases {
            let text = config.kv(for: domain).text
            #expect(text.contains(#"{"key":"load.gpuSplitConfig","value":\#(split)}"#))
        }
    }

    @Test func embeddingModelsHaveTheirOwnKeysAndFewer() throws {
        let config = try read(
            options: """
                {"contextLength":512,"gpu":{"ratio":1},"keepModelInMemory":true,"tryMmap":true,
                "ropeFrequencyBase":1.5,"flashAttention":true,"numExperts":2,"evalBatchSize":8,
                "llamaKCacheQuantizationType":"f16"}
                """
        )
        let kv = config.kv(for: .embedding)
        let keys = (kv["fields"]?.elements ?? []).compactMap { $0["key"]?.string }
        #expect(
            keys == [
                "embedding.load.contextLength", "embedding.load.llama.acceleration.offloadRatio",
                "embedding.load.llama.evalBatchSize", "embedding.load.llama.keepModelInMemory",
                "embedding.load.llama.ropeFrequencyBase", "embedding.load.llama.tryMmap",
                "load.gpuSplitConfig",
            ]
        )
        #expect(LoadConfig(kv: kv, domain: .embedding).contextLength == 512)
        #expect(LoadConfig(kv: kv, domain: .llm).contextLength == nil)
    }

    @Test func draftModelsTravelWhole() throws {
        let config = try read(
            options: #"{"speculativeDraftSimple":true,"speculativeDraftModel":"d"}"#
        )
        var warnings: [String] = []
        let stack = config.stack(for: .llm)
        #expect(try LoadConfig(stack: stack, domain: .llm, warnings: &warnings) == config)
        #expect(warnings == [])
    }

    @Test func stackOfAClientHoldsTheList() throws {
        let config = try read(options: #"{"contextLength":512}"#)
        var warnings: [String] = []
        for domain in ModelDomain.allCases {
            let stack = config.stack(for: domain)
            #expect(
                try LoadConfig(stack: stack, domain: domain, warnings: &warnings) == config
            )
        }
        #expect(warnings == [])
    }

    @Test func stackIsCheckedLikeOptions() throws {
        let stack = try JSONValue(
            parsing: """
                {"layers":[{"layerName":"apiOverride","config":{"fields":[
                {"key":"llm.load.contextLength","value":0}]}}]}
                """,
            as: "stack"
        )
        let error = #expect(throws: LMStudioError.self) {
            var warnings: [String] = []
            return try LoadConfig(stack: stack, domain: .llm, warnings: &warnings)
        }
        #expect(error?.message == "contextLength must be 1…2147483647, not 0")
    }

    @Test func countsAreWrittenWithoutAPoint() throws {
        let config = try read(options: #"{"contextLength":512.0,"numExperts":2.0,"seed":7.0}"#)
        #expect(!config.kv(for: .llm).text.contains(".0"))
    }

    private func read(options: String) throws -> LoadConfig {
        var warnings: [String] = []
        let json = try JSONValue(parsing: options, as: "options")
        return try LoadConfig(json: json, for: nil, warnings: &warnings)
    }
}
