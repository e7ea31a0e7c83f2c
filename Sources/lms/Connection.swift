import ArgumentParser
import LMStudio
import LMStudioLlama

/// Where the models of a command run.
struct Connection: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Where the models run: host:port, a URL, local: or local:DIR.",
            discussion:
                "Without it: $LMSTUDIO_HOST, else a server on this computer, else this process."
        )
    )
    var host: String?

    /// A client of it.
    func client() async throws(LMStudioError) -> LMStudioClient {
        let client = try await LMStudioClient(host, local: .llama)
        // The model store may come into being with its first model.
        if client.address != LocalHost().address {
            try client.address.checkModels(
                "give local: one with models, or none for the model store"
            )
        }
        return client
    }

    /// A client of a server: what is loaded in this process would go with it.
    func serverClient(for what: String) async throws(LMStudioError) -> LMStudioClient {
        let client = try await client()
        if case .local = client.address {
            throw LMStudioError(
                .invalidState,
                "there is no server to \(what): start one with `lms server start`, or name one with --host"
            )
        }
        return client
    }
}
