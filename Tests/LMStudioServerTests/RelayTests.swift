import LMStudio
import LMStudioServer
import LMStudioTesting
import Testing

/// A server whose host is another server.
@Suite(.timeLimit(.minutes(10))) struct RelayTests {
    /// A client of a server of a server of a host.
    private func relayed(
        _ script: ScriptedHost.Script = .init(),
        _ body: (LMStudioClient, ScriptedHost) async throws -> Void
    ) async throws {
        let host = ScriptedHost(script: script)
        try await LMStudioServer.with(host) { server async throws in
            let relay = try RemoteHost(HostAddress(server.addresses[0]))
            try await LMStudioServer.with(relay) { outer async throws in
                let client = try await LMStudioClient(outer.addresses[0])
                try await body(client, host)
                client.close()
            }
            relay.close()
        }
    }

    @Test func callsAndPredictionsPassThrough() async throws {
        try await relayed { client, host async throws in
            var config = LoadConfig()
            config.contextLength = 64
            let model = try await client.llm.model("sample-1b", config: config)
            #expect(host.record.loads.first?.config.contextLength == 64)
            #expect(try await model.tokenize("text") == [1, 22, 333])
            #expect(try await client.llm.listLoaded().count == 1)
            #expect(try await client.llm.listDownloaded().count == 1)
            let seen = Recorder<String>()
            let stream = try model.completeStream(
                "My name is",
                config: PredictionConfig(maxTokens: 2, temperature: 0),
                callbacks: .init(onPromptProgress: { seen.record("\($0)") })
            )
            for try await fragment in stream { seen.record(fragment.content) }
            #expect(seen.values == ["0.0", "1.0", "Hello", " world"])
            let result = try await stream.result()
            #expect(result.stats.stopReason == .eosFound)
            #expect(result.modelInfo == .sample)
            #expect(host.record.predictions.first?.config.maxTokens == 2)
            #expect(host.record.predictions.first?.input == .text("My name is"))
        }
    }

    @Test func cancellationPassesThrough() async throws {
        var script = ScriptedHost.Script()
        script.ending = .stopped
        try await relayed(script) { client, host async throws in
            let model = LLM(client: client, identifier: "sample-1b")
            let stream = try model.completeStream("text")
            for try await _ in stream { stream.cancel() }
            #expect(try await stream.result().stats.stopReason == .userStopped)
            #expect(host.record.stops == 1)
        }
    }

    @Test func errorsPassThrough() async throws {
        var script = ScriptedHost.Script()
        let title = "there is no such model"
        let display = LMStudioErrorDetails.DisplayData.noModelMatchingQuery(
            ModelQuery(identifier: "nothing"),
            loaded: [],
            total: 0
        )
        script.error = LMStudioError(
            .modelNotFound,
            title,
            details: LMStudioErrorDetails(title: title, display: display)
        )
        try await relayed(script) { client, _ async throws in
            let error = await #expect(throws: LMStudioError.self) {
                _ = try await client.llm.model("nothing")
            }
            #expect(error?.code == .modelNotFound)
            #expect(error?.message.contains(title) == true)
            #expect(error?.details?.display == display)
        }
    }
}
