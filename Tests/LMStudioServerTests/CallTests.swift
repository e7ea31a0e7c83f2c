import LMStudioCore
import LMStudioServer
import LMStudioTesting
import LMStudioWire
import Testing

@Suite(.timeLimit(.minutes(10))) struct CallTests {
    private static let any = #"{"specifier":{"type":"query","query":{}}}"#
    private static let text = #"{"specifier":{"type":"query","query":{}},"inputString":"abc"}"#

    @Test(arguments: [
        ("/llm", "listLoaded", nil), ("/llm", "getModelInfo", any), ("/llm", "getLoadConfig", any),
        ("/llm", "getBasePredictionConfig", any), ("/llm", "getInstanceProcessingState", any),
        ("/llm", "tokenize", text), ("/llm", "countTokens", text),
        ("/embedding", "listLoaded", nil),
        (
            "/embedding", "embedString",
            #"{"modelSpecifier":{"type":"query","query":{}},"inputString":"abc"}"#
        ), ("/system", "listDownloadedModels", nil),
        ("/system", "listDownloadedModelVariants", #"{"modelKey":"sample-1b"}"#),
        ("/system", "version", nil), ("/system", "info", nil),
        ("/system", "getExperimentFlags", nil),
    ])
    func callIsAnsweredWithItsResult(
        path: String,
        endpoint: String,
        parameter: String?
    ) async throws {
        try await LMStudioServer.with(ScriptedHost()) { server async throws in
            let peer = try await Peer.admitted(server, path)
            let answer = try await peer.call(endpoint, parameter, id: 7)
            #expect(answer.members?["type"] == .string("rpcResult"))
            #expect(answer.members?["callId"] == .integer(7))
            #expect(answer.members?["result"] != nil)
        }
    }

    @Test func callOfAClientThatIsGoneIsCancelled() async throws {
        var script = ScriptedHost.Script()
        script.loadWaits = true
        let host = ScriptedHost(script: script)
        try await LMStudioServer.with(host) { server async throws in
            let peer = try await Peer.admitted(server)
            try await peer.send(
                #"{"type":"rpcCall","endpoint":"estimateModelUsage","callId":0,"#
                    + #""parameter":{"modelKey":"tiny"}}"#
            )
            await host.wait { $0.loads.count == 1 }
            try await peer.close()
            await host.wait { $0.cancelledLoads == 1 }
        }
    }

    @Test(arguments: [
        ("/llm", "unloadModel", #"{"identifier":"m"}"#),
        (
            "/llm", "getModelInfo",
            #"{"specifier":{"type":"query","query":{}},"throwIfNotFound":false}"#
        ),
        ("/system", "notify", #"{"title":"t"}"#),
    ])
    func nothingIsAResultLeftOut(path: String, endpoint: String, parameter: String) async throws {
        var script = ScriptedHost.Script()
        script.loaded = []
        try await LMStudioServer.with(ScriptedHost(script: script)) { server async throws in
            let peer = try await Peer.admitted(server, path)
            let answer = try await peer.call(endpoint, parameter)
            #expect(answer == .object(["type": .string("rpcResult"), "callId": .integer(0)]))
        }
    }

    @Test(arguments: [
        ("/llm", "nope"), ("/system", "startHttpServer"), ("/files", "getLocalFileAbsolutePath"),
        ("/repository", "searchModels"), ("/runtime", "listEngines"),
        ("/plugins", "reindexPlugins"), ("/diagnostics", "x"),
    ])
    func callOfWhatIsNotThereIsAnErrorObject(path: String, endpoint: String) async throws {
        try await LMStudioServer.with(ScriptedHost()) { server async throws in
            let peer = try await Peer.admitted(server, path)
            let answer = try await peer.call(endpoint)
            #expect(answer.members?["type"] == .string("rpcError"))
            let title = answer.members?["error"]?.members?["title"]?.string
            #expect(title?.contains("\"\(endpoint)\"") == true)
        }
    }

    @Test func keepAliveAndPingsAreAnswered() async throws {
        try await LMStudioServer.with(ScriptedHost()) { server async throws in
            let peer = try await Peer.admitted(server)
            try await peer.send(#"{"type":"keepAlive"}"#)
            #expect(try await peer.text() == #"{"type":"keepAliveAck"}"#)
            try await peer.send(bytes: Peer.frame(0x9, [1, 2, 3]))
            #expect(try await peer.next() == .pong([1, 2, 3]))
        }
    }

    @Test func garbageLeavesTheConnectionAlone() async throws {
        try await LMStudioServer.with(ScriptedHost()) { server async throws in
            let peer = try await Peer.admitted(server)
            for text in ["{", "[]", "7", "{}", #"{"type":"x"}"#, "\u{0}", ""] {
                try await peer.send(text)
            }
            try await peer.send(bytes: Peer.frame(0x2, [0xFF, 0xFE]))
            #expect(try await peer.call("countTokens", Self.text).members?["result"] != nil)
        }
    }

    @Test func fragmentsAndBytesMakeMessagesToo() async throws {
        try await LMStudioServer.with(ScriptedHost()) { server async throws in
            let peer = try await Peer.admitted(server)
            let text = Array(#"{"type":"keepAlive"}"#.utf8)
            try await peer.send(bytes: Peer.frame(0x1, Array(text[..<3]), isFinal: false))
            try await peer.send(bytes: Peer.frame(0x9, [7]))
            try await peer.send(bytes: Peer.frame(0x0, Array(text[3..<9]), isFinal: false))
            try await peer.send(bytes: Peer.frame(0x0, Array(text[9...])))
            #expect(try await peer.next() == .pong([7]))
            #expect(try await peer.text() == #"{"type":"keepAliveAck"}"#)
            try await peer.send(bytes: Peer.frame(0x2, text))
            #expect(try await peer.text() == #"{"type":"keepAliveAck"}"#)
            for byte in Peer.frame(0x1, text) { try await peer.send(bytes: [byte]) }
            #expect(try await peer.text() == #"{"type":"keepAliveAck"}"#)
        }
    }

    @Test func largeUploadIsTaken() async throws {
        try await LMStudioServer.with(Self.reader) { server async throws in
            let peer = try await Peer.admitted(server, "/files")
            let size = 64_000_000
            // Four characters of base64 for three bytes; "/" is what some writers escape.
            let content = String(repeating: "/9j/4A/A", count: size / 6) + "/9j/"
            try await peer.sendLong(
                #"{"type":"rpcCall","endpoint":"uploadFileBase64","callId":0,"parameter":"#
                    + #"{"name":"large.jpg","contentBase64":"\#(content)"}}"#
            )
            let answer = try await peer.json()
            let result = answer.members?["result"]?.members
            #expect(result?["sizeBytes"] == .integer(Int64(size / 6 * 6 + 3)))
            #expect(result?["fileType"] == .string("image"))
            #expect(result?["identifier"]?.string?.hasPrefix("local:") == true)
        }
    }

    @Test func uploadIntoAnotherDirectoryIsRefused() async throws {
        try await LMStudioServer.with(Self.reader) { server async throws in
            let peer = try await Peer.admitted(server, "/files")
            let answer = try await peer.call(
                "uploadFileBase64",
                #"{"name":"../../etc/passwd","contentBase64":"aGk="}"#
            )
            #expect(answer.members?["type"] == .string("rpcError"))
        }
    }

    @Test func aHostThatKeepsFilesIsHandedThem() async throws {
        let host = ScriptedHost()
        try await LMStudioServer.with(host) { server async throws in
            let peer = try await Peer.admitted(server, "/files")
            let answer = try await peer.call(
                "uploadFileBase64",
                #"{"name":"x.png","contentBase64":"aGk="}"#
            )
            let result = answer.members?["result"]?.members
            #expect(result?["identifier"] == .string("local:1"))
        }
        #expect(host.record.uploads["x.png"] == [104, 105])
    }

    /// A host that wants the bytes of files with the chat.
    private static var reader: ScriptedHost {
        var script = ScriptedHost.Script()
        script.readsFileContent = true
        return ScriptedHost(script: script)
    }
}
