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

    @Test func listDownloadedModelsGivesAllModels() async throws {
        var script = ScriptedHost.Script()
        script.downloaded = [.sample, .embeddingSample]
        let host = ScriptedHost(script: script)
        let answer = try await call("listDownloadedModels", in: "system", on: host)
        #expect(answer == .array([ModelInfo.sample.json, ModelInfo.embeddingSample.json]))
    }

    @Test(arguments: [
        (#"{"type":"query","query":{"identifier":"m"}}"#, ModelSpecifier.identifier("m")),
        (#"{"type":"query","query":{"path":"a/b"}}"#, .identifier("a/b")),
        (#"{"type":"query","query":{}}"#, .any),
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
        #expect(host.record.unloads == [.identifier("m")])
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
}
