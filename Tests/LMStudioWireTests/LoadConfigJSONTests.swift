import LMStudioCore
import LMStudioTesting
import LMStudioWire
import Testing

@Suite struct LoadConfigJSONTests {
    @Test(arguments: [nil, "null", "{}", #"{"contextLength":null}"#])
    func nothingGivesTheEnginesChoices(json: String?) throws {
        let (config, warnings) = try read(json)
        #expect(config == LoadConfig())
        #expect(warnings == [])
    }

    @Test(arguments: [
        """
        {"contextLength":1024,"evalBatchSize":64,"physicalBatchSize":32,"flashAttention":true,
        "keepModelInMemory":true,"tryMmap":false,"seed":3,"gpu":{"ratio":0.5},
        "offloadKVCacheToGpu":false,"ropeFrequencyBase":10000,"ropeFrequencyScale":0.5,
        "llamaKCacheQuantizationType":"q8_0","llamaVCacheQuantizationType":"q4_0"}
        """,
        """
        {"context_length":1024,"eval_batch_size":64,"physical_batch_size":32,"flash_attention":true,
        "keep_model_in_memory":true,"try_mmap":false,"seed":3,"gpu":{"ratio":0.5},
        "offload_kv_cache_to_gpu":false,"rope_frequency_base":10000,"rope_frequency_scale":0.5,
        "llama_k_cache_quantization_type":"q8_0","llama_v_cache_quantization_type":"q4_0"}
        """,
    ])
    func bothSpellingsAreRead(json: String) throws {
        let (config, warnings) = try read(json)
        var expected = LoadConfig()
        (expected.contextLength, expected.evalBatchSize) = (1024, 64)
        (expected.physicalBatchSize, expected.flashAttention) = (32, true)
        (expected.keepModelInMemory, expected.tryMmap, expected.seed) = (true, false, 3)
        (expected.gpuRatio, expected.offloadKVCacheToGPU) = (0.5, false)
        (expected.ropeFrequencyBase, expected.ropeFrequencyScale) = (10000, 0.5)
        (expected.keyCacheType, expected.valueCacheType) = (.q8_0, .q4_0)
        #expect(config == expected)
        #expect(warnings == [])
    }

    @Test func optionInBothSpellingsIsRefused() {
        let error = refusal(of: #"{"contextLength":1,"context_length":2}"#)
        #expect(error?.code == .invalidArgument)
    }

    @Test func falseSwitchesOff() throws {
        let json = """
            {"seed":false,"ropeFrequencyBase":false,"ropeFrequencyScale":false,
            "llamaKCacheQuantizationType":false,"llamaVCacheQuantizationType":false}
            """
        let (config, warnings) = try read(json)
        #expect(config == LoadConfig())
        #expect(warnings == [])
    }

    @Test func minusOneMeansNoSeed() throws {
        #expect(try read(#"{"seed":-1}"#).config.seed == nil)
    }

    @Test func wholeNumbersMayBeWrittenWithAPoint() throws {
        #expect(try read(#"{"contextLength":4096.0}"#).config.contextLength == 4096)
    }

    @Test(
        arguments: [
            (#"{"ratio":"max"}"#, 1), (#"{"ratio":"off"}"#, 0), (#"{"ratio":1}"#, 1),
            (#"{"ratio":0.25}"#, 0.25),
        ] as [(String, Double)]
    )
    func ratioIsANumberOrAWord(gpu: String, ratio: Double) throws {
        #expect(try read(#"{"gpu":\#(gpu)}"#).config.gpuRatio == ratio)
    }

    @Test(arguments: LoadConfig.CacheType.allCases)
    func eachCacheTypeIsRead(type: LoadConfig.CacheType) throws {
        let config = try read(#"{"llamaKCacheQuantizationType":"\#(type.rawValue)"}"#).config
        #expect(config.keyCacheType == type)
    }

    @Test func fullPrecisionCacheIsReadFromItsOldName() throws {
        let config = try read(#"{"useFp16ForKVCache":false}"#).config
        #expect(config.keyCacheType == .f32)
        #expect(config.valueCacheType == .f32)
    }

    @Test(arguments: [
        (#"{"contextLength":"big"}"#, #"contextLength must be a whole number, not "big""#),
        (#"{"contextLength":0}"#, "contextLength must be 1…2147483647, not 0"),
        (#"{"contextLength":1.5}"#, "contextLength must be a whole number, not 1.5"),
        (#"{"flashAttention":1}"#, "flashAttention must be true or false, not 1"),
        (#"{"tryMmap":"yes"}"#, #"tryMmap must be true or false, not "yes""#),
        (#"{"gpu":1}"#, "gpu must be a JSON object, not 1"),
        (#"{"gpu":{"ratio":"half"}}"#, #"gpu.ratio must be 0…1, "max" or "off", not "half""#),
        (#"{"gpu":{"ratio":2}}"#, "gpu.ratio must be 0.0…1.0, not 2.0"),
        (#"{"ropeFrequencyBase":true}"#, "ropeFrequencyBase must be a number or false, not true"),
        ("[1]", "the load config must be a JSON object, not [1]"),
    ])
    func unfitValueIsRefusedByNameAndValue(json: String, message: String) {
        let error = refusal(of: json)
        #expect(error?.code == .invalidArgument)
        #expect(error?.message == message)
    }

    @Test(arguments: [#""q9_9""#, "true", "8"])
    func unknownCacheTypeIsRefusedWithTheKnownOnes(value: String) {
        let error = refusal(of: #"{"llamaKCacheQuantizationType":\#(value)}"#)
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains(#""q8_0""#) == true)
    }

    @Test(arguments: [
        (
            #"{"contextLenght":1}"#,
            #"there is no load option "contextLenght"; did you mean "contextLength"?"#
        ),
        (#"{"n_ctx":1}"#, #"there is no load option "n_ctx""#),
        (#"{"gpu":{"ration":1}}"#, #"there is no load option "gpu.ration"; did you mean "ratio"?"#),
    ])
    func unknownOptionGivesAWarningThatNamesTheNearest(json: String, warning: String) throws {
        #expect(try read(json).warnings == [warning])
    }

    @Test(arguments: [#"{"strict":true,"n_ctx":1}"#, #"{"strict":true,"gpu":{"ration":1}}"#])
    func strictMakesAnUnknownOptionAnError(json: String) {
        #expect(refusal(of: json)?.code == .invalidArgument)
    }

    @Test func parallelPredictionsAreRead() throws {
        let (config, warnings) = try read(
            #"{"max_parallel_predictions":8,"useUnifiedKVCache":false}"#
        )
        #expect(config.maxParallelPredictions == 8)
        #expect(config.useUnifiedKVCache == false)
        #expect(config.others.isEmpty)
        #expect(warnings == [])
        #expect(try read(config.json.text).config == config)
    }

    @Test(arguments: [0, -1, 1024])
    func parallelPredictionsOutsideTheirRangeAreRefused(count: Int) {
        let error = refusal(of: #"{"maxParallelPredictions":\#(count)}"#)
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains("1…1023") == true)
    }

    @Test func gpuOptionsAreRead() throws {
        let json = """
            {"gpu":{"main_gpu":1,"splitStrategy":"favorMainGpu","disabledGpus":[2,3],
            "numCpuExpertLayersRatio":"max"},"gpu_strict_vram_cap":true}
            """
        let (config, warnings) = try read(json)
        var expected = LoadConfig()
        (expected.mainGPU, expected.gpuSplitStrategy) = (1, .favorMainGPU)
        (expected.disabledGPUs, expected.cpuExpertLayersRatio) = ([2, 3], 1)
        expected.strictVRAMCap = true
        #expect(config == expected)
        #expect(warnings == [])
        #expect(try read(config.json.text).config == config)
    }

    @Test func optionsOfTheInstanceAreRead() throws {
        let json = """
            {"numExperts":2,"cpuThreadPoolSize":3,"contextCheckpoints":5,"reasoningBudgetMessage":"Enough.",
            "promptTemplate":{"type":"jinja","jinjaPromptTemplate":{"template":"{{ 1 }}"}}}
            """
        let (config, warnings) = try read(json)
        var expected = LoadConfig()
        (expected.expertCount, expected.cpuThreadPoolSize) = (2, 3)
        expected.contextCheckpoints = 5
        (expected.reasoningBudgetMessage, expected.promptTemplate) = ("Enough.", "{{ 1 }}")
        #expect(config == expected)
        #expect(warnings == [])
        #expect(try read(config.json.text).config == config)
    }

    @Test func draftingIsRead() throws {
        let json = """
            {"speculativeDraftSimple":true,"speculativeDraftModel":"small",
            "speculativeDraftMaxTokens":8,"speculative_draft_min_tokens":2,
            "speculativeDraftMinContinueProbability":0.5,"speculativeDraftMtp":false}
            """
        let config = try read(json).config
        var expected = LoadDrafting(model: "small")
        (expected.maxTokens, expected.minTokens) = (8, 2)
        (expected.minContinueProbability, expected.usesOwnHeads) = (0.5, false)
        #expect(config.drafting == expected)
        #expect(config.others.isEmpty)
        #expect(try read(config.json.text).config == config)
    }

    @Test func anEmptyNameIsNoDraftModel() throws {
        let json = #"{"speculativeDraftSimple":false,"speculativeDraftModel":""}"#
        #expect(try read(json).config.drafting.draftModel == nil)
    }

    @Test(arguments: [
        (#"{"mlxDiskCache":true}"#, ["mlxDiskCache": "true"]),
        (#"{"llama_auto_fit":true}"#, ["llamaAutoFit": "true"]),
        (#"{"prompt_template":{"type":"jinja"}}"#, ["promptTemplate": #"{"type":"jinja"}"#]),
        (
            #"{"promptTemplate":{"type":"jinja","stopStrings":["x"],"jinjaPromptTemplate":{"template":""}}}"#,
            [
                "promptTemplate":
                    #"{"jinjaPromptTemplate":{"template":""},"stopStrings":["x"],"type":"jinja"}"#
            ]
        ),
    ])
    func optionWithoutAPropertyIsKept(json: String, others: [String: String]) throws {
        let (config, warnings) = try read(json)
        #expect(config.others == others)
        #expect(warnings == [])
        #expect(try read(config.json.text).config == config)
    }

    @Test func hostsWarningsArePassedOn() throws {
        var script = ScriptedHost.Script()
        script.reviewWarnings = ["mlxDiskCache has no effect here"]
        var warnings: [String] = []
        let json = try JSONValue(parsing: #"{"mlxDiskCache":true}"#, as: "config")
        _ = try LoadConfig(json: json, for: ScriptedHost(script: script), warnings: &warnings)
        #expect(warnings == script.reviewWarnings)
    }

    @Test func configurationSurvivesARoundTrip() throws {
        let json = """
            {"contextLength":1024,"evalBatchSize":64,"physicalBatchSize":32,"flashAttention":true,
            "keepModelInMemory":true,"tryMmap":false,"seed":3,"gpu":{"ratio":0.5},
            "offloadKVCacheToGpu":false,"ropeFrequencyBase":10000,"ropeFrequencyScale":0.5,
            "llamaKCacheQuantizationType":"q8_0","llamaVCacheQuantizationType":"q4_0"}
            """
        let config = try read(json).config
        #expect(try read(config.json.text).config == config)
    }

    // MARK: Reading

    private func read(_ json: String?) throws -> (config: LoadConfig, warnings: [String]) {
        var warnings: [String] = []
        let value = try json.map { try JSONValue(parsing: $0, as: "config") }
        return (try LoadConfig(json: value, for: nil, warnings: &warnings), warnings)
    }

    private func refusal(of json: String) -> LMStudioError? {
        #expect(throws: LMStudioError.self) { try read(json) }
    }
}
