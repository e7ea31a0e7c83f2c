import LMStudioCore
import LMStudioTesting
import LMStudioWire
import Testing

@Suite struct DispatcherTests {
    private func call(
        _ endpoint: String,
        in namespace: String = "llm",
        _ parameter: String? = nil,
        on host: ScriptedHost = ScriptedHost()
    ) async throws -> JSONValue {
        try await Dispatcher(host: host).call(
            endpoint,
            in: namespace,
            parameter: try parameter.map { try JSONValue(parsing: $0, as: "parameter") }
        )
    }

    private var bothLoaded: ScriptedHost {
        var script = ScriptedHost.Script()
        script.loaded = [.embeddingSample, .sample]
        return ScriptedHost(script: script)
    }

    @Test func listLoadedGivesTheLanguageModels() async throws {
        let answer = try await call("listLoaded", on: bothLoaded)
        #expect(answer == .array([ModelInstanceInfo.sample.json]))
    }

    @Test func applyPromptTemplateGivesTheHostsText() async throws {
        let host = ScriptedHost()
        let answer = try await call(
            "applyPromptTemplate",
            #"{"specifier":{"type":"query","query":{"identifier":"x"}},"#
                + #""history":{"messages":[{"role":"user","content":[{"type":"text","text":"Hi"}]}]},"#
                + #""predictionConfigStack":{"layers":[]},"opts":{"omitBosToken":true,"#
                + #""toolDefinitions":[{"type":"function","function":{"name":"f","#
                + #""parameters":{"type":"object"}}}]}}"#,
            on: host
        )
        #expect(answer == .object(["formatted": .string("[Hi]")]))
        #expect(host.record.chats == ["Hi"])
        #expect(
            host.record.templateOptions == [
                PromptTemplateOptions(
                    omitBOSToken: true,
                    tools: [ToolDefinition(name: "f", parameters: #"{"type":"object"}"#)]
                )
            ]
        )
    }

    @Test func listDownloadedModelsGivesAllModels() async throws {
        var script = ScriptedHost.Script()
        script.downloaded = [.sample, .embeddingSample]
        let host = ScriptedHost(script: script)
        let answer = try await call("listDownloadedModels", in: "system", on: host)
        #expect(answer == .array([ModelInfo.sample.json, ModelInfo.embeddingSample.json]))
    }

    @Test(arguments: [
        (
            #"{"type":"query","query":{"identifier":"m"}}"#,
            ModelSpecifier.query(ModelQuery(domain: .llm, identifier: "m"))
        ),
        (
            #"{"type":"query","query":{"path":"a/b","vision":false}}"#,
            .query(ModelQuery(domain: .llm, path: "a/b", vision: false))
        ),
        (#"{"type":"query","query":{}}"#, .query(ModelQuery(domain: .llm))),
        (#"{"type":"instanceReference","instanceReference":"r"}"#, .instanceReference("r")),
    ])
    func specifierLeadsToTheInstance(specifier: String, model: ModelSpecifier) async throws {
        let host = ScriptedHost()
        let answer = try await call("getModelInfo", #"{"specifier":\#(specifier)}"#, on: host)
        #expect(answer == ModelInstanceInfo.sample.json)
        #expect(host.record.models == [model])
    }

    @Test func unloadModelUnloadsByIdentifierAndGivesNull() async throws {
        let host = ScriptedHost()
        #expect(try await call("unloadModel", #"{"identifier":"m"}"#, on: host) == .null)
        let parameter = #"{"identifier":"e"}"#
        #expect(try await call("unloadModel", in: "embedding", parameter, on: host) == .null)
        #expect(
            host.record.unloads == [
                .query(ModelQuery(domain: .llm, identifier: "m")),
                .query(ModelQuery(domain: .embedding, identifier: "e")),
            ]
        )
    }

    @Test func preloadDraftModelNamesBothModelsAndGivesNull() async throws {
        let host = ScriptedHost()
        let parameter = #"{"specifier":{"type":"query","query":{}},"draftModelKey":"tiny"}"#
        #expect(try await call("preloadDraftModel", parameter, on: host) == .null)
        #expect(host.record.drafts == ["tiny"])
        #expect(host.record.models == [.query(ModelQuery(domain: .llm))])
        await #expect(throws: LMStudioError.self) {
            try await call("preloadDraftModel", in: "embedding", parameter, on: host)
        }
    }

    private static let text = #"{"specifier":{"type":"query","query":{}},"inputString":"My name"}"#

    @Test func tokenizeGivesTheTokens() async throws {
        let host = ScriptedHost()
        #expect(try await call("tokenize", Self.text, on: host).text == #"{"tokens":[1,22,333]}"#)
        #expect(host.record.texts == ["My name"])
    }

    @Test func countTokensGivesTheirNumber() async throws {
        #expect(try await call("countTokens", Self.text).text == #"{"tokenCount":3}"#)
    }

    @Test(arguments: [
        ("llm", "predict"), ("system", "listLoaded"), ("LLM", "listLoaded"), ("", ""),
    ])
    func unknownEndpointIsUnsupported(namespace: String, endpoint: String) async {
        let error = await #expect(throws: LMStudioError.self) {
            try await call(endpoint, in: namespace)
        }
        #expect(error?.code == .unsupported)
    }

    @Test(arguments: [
        ("unloadModel", nil), ("unloadModel", "[]"), ("unloadModel", #"{"identifier":7}"#),
        ("getModelInfo", nil), ("getModelInfo", "{}"), ("getModelInfo", #"{"specifier":"m"}"#),
        ("getModelInfo", #"{"specifier":{"type":"other"}}"#),
        ("getModelInfo", #"{"specifier":{"type":"instanceReference"}}"#),
        ("tokenize", #"{"specifier":{"type":"query"}}"#), ("tokenize", #"{"inputString":"x"}"#),
        ("countTokens", #"{"specifier":{"type":"query"},"inputString":null}"#),
        ("preloadDraftModel", #"{"specifier":{"type":"query"}}"#),
    ])
    func unfitParameterIsRefusedByTheEndpointsName(
        endpoint: String,
        parameter: String?
    ) async {
        let error = await #expect(throws: LMStudioError.self) {
            try await call(endpoint, parameter)
        }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.hasPrefix(endpoint) == true)
    }

    @Test(arguments: ["listLoaded", "unloadModel", "getModelInfo", "tokenize", "countTokens"])
    func hostsErrorIsPassedOn(endpoint: String) async {
        var script = ScriptedHost.Script()
        script.error = LMStudioError(.modelNotFound, "gone")
        let host = ScriptedHost(script: script)
        let parameter =
            #"{"specifier":{"type":"query","query":{}},"inputString":"x","identifier":"m"}"#
        let error = await #expect(throws: LMStudioError.self) {
            try await call(endpoint, parameter, on: host)
        }
        #expect(error?.code == .modelNotFound)
    }

    private static let any = #"{"specifier":{"type":"query","query":{}}}"#

    @Test func missingInstanceIsNullWhereTheCallerWantsItSo() async throws {
        var script = ScriptedHost.Script()
        script.loaded = []
        let host = ScriptedHost(script: script)
        let quiet = #"{"specifier":{"type":"query","query":{}},"throwIfNotFound":false}"#
        #expect(try await call("getModelInfo", quiet, on: host) == .null)
        let loud = #"{"specifier":{"type":"query","query":{}},"throwIfNotFound":true}"#
        let error = await #expect(throws: LMStudioError.self) {
            try await call("getModelInfo", loud, on: host)
        }
        #expect(error?.code == .modelNotFound)
    }

    @Test func embeddingIsAnArrayOfNumbers() async throws {
        let parameter = #"{"modelSpecifier":{"type":"query","query":{}},"inputString":"x"}"#
        let host = ScriptedHost()
        let answer = try await call("embedString", in: "embedding", parameter, on: host)
        #expect(answer.text == #"{"embedding":[0.6000000238418579,0.800000011920929]}"#)
        #expect(host.record.models == [.query(ModelQuery(domain: .embedding))])
        #expect(host.record.texts == ["x"])
        let error = await #expect(throws: LMStudioError.self) {
            try await call("embedString", in: "llm", parameter)
        }
        #expect(error?.code == .unsupported)
    }

    @Test func instanceOfAnotherDomainIsRefused() async {
        let error = await #expect(throws: LMStudioError.self) {
            try await call("getModelInfo", in: "embedding", Self.any)
        }
        #expect(error?.code == .modelNotFound)
        guard case .domainMismatch = error?.details?.display else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func configurationsAreKeyValueLists() async throws {
        for endpoint in ["getLoadConfig", "getBasePredictionConfig"] {
            let answer = try await call(endpoint, Self.any)
            guard case .array? = answer.members?["fields"] else {
                Issue.record("\(endpoint): \(answer.text)")
                continue
            }
        }
    }

    @Test func processingStateIsTold() async throws {
        let answer = try await call("getInstanceProcessingState", Self.any)
        #expect(answer.text == #"{"queued":0,"status":"idle"}"#)
    }

    @Test(arguments: [
        ("version", #"{"build":4,"version":"1.2.3"}"#),
        ("info", #"{"isDaemon":true,"pid":5,"version":"1.2.3"}"#),
        ("getExperimentFlags", "[]"),
    ])
    func systemDescribesTheHost(endpoint: String, answer: String) async throws {
        #expect(try await call(endpoint, in: "system").text == answer)
    }

    @Test func notificationIsTaken() async throws {
        #expect(try await call("notify", in: "system", #"{"title":"t"}"#) == .null)
    }

    @Test(arguments: [
        ("countTokens", "My name is", true), ("embedString", "My name is", true),
        ("tokenize", String(repeating: "a", count: 1025), false),
        ("listLoaded", nil, true), ("listDownloadedModels", nil, false),
        ("applyPromptTemplate", nil, false), ("unloadModel", nil, false), ("nonsense", nil, false),
    ])
    func callsThatTakeLittleOfAThreadAreKnown(endpoint: String, text: String?, isSmall: Bool) {
        let parameter = text.map { JSONValue.object(["inputString": .string($0)]) }
        #expect(Dispatcher.isSmall(endpoint, parameter) == isSmall)
    }

    @Test func variantsAreThoseOfTheSameKey() async throws {
        var script = ScriptedHost.Script()
        var other = ModelInfo.sample
        other.modelKey = "sample-1b@q8_0"
        script.downloaded = [.sample, other, .embeddingSample]
        let answer = try await call(
            "listDownloadedModelVariants",
            in: "system",
            #"{"modelKey":"sample-1b"}"#,
            on: ScriptedHost(script: script)
        )
        #expect(answer == .array([ModelInfo.sample.json, other.json]))
        let error = await #expect(throws: LMStudioError.self) {
            try await call(
                "listDownloadedModelVariants",
                in: "system",
                #"{"modelKey":"none"}"#,
                on: ScriptedHost(script: script)
            )
        }
        let keys = script.downloaded.map(\.modelKey)
        #expect(error?.details?.display == .pathNotFound("none", available: keys, total: 3))
    }

    @Test func otherDevicesAreRefused() async throws {
        let parameter = #"{"identifier":"m","deviceIdentifier":"attic"}"#
        let error = await #expect(throws: LMStudioError.self) {
            try await call("unloadModel", parameter)
        }
        #expect(error?.code == .unsupported)
        let local = #"{"identifier":"m","deviceIdentifier":null}"#
        #expect(try await call("unloadModel", local) == .null)
    }

    @Test func uploadIsDescribed() async throws {
        let files = UploadedFiles(maximumBytes: 1000)
        let answer = try await upload(to: Dispatcher(host: ScriptedHost(), files: files))
        #expect(answer.members?["fileType"] == .string("image"))
        #expect(answer.members?["sizeBytes"] == .integer(9))
        #expect(files[answer.members?["identifier"]?.string ?? ""]?.bytes.count == 9)
    }

    @Test func uploadGoesToTheHostWhereNobodyElseTakesIt() async throws {
        let host = ScriptedHost()
        let answer = try await upload(to: Dispatcher(host: host))
        #expect(answer.members?["identifier"] == .string("local:1"))
        #expect(host.record.uploads["x.png"] == [137, 80, 78, 71, 32, 102, 97, 107, 101])
    }

    @Test func uploadThatIsNoBase64IsRefused() async throws {
        let error = await #expect(throws: LMStudioError.self) {
            try await upload("%%", to: Dispatcher(host: ScriptedHost()))
        }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains("\"x.png\"") == true)
    }

    private func upload(
        _ base64: String = "iVBORyBmYWtl",
        to dispatcher: Dispatcher
    ) async throws(LMStudioError) -> JSONValue {
        try await dispatcher.call(
            "uploadFileBase64",
            in: "files",
            parameter: .object(["name": .string("x.png"), "contentBase64": .string(base64)])
        )
    }
}
