import ArgumentParser
import LMStudio

/// `lms complete`: continues a text.
struct Complete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Continue a text, without a chat template.",
        discussion: """
            The text is written as it comes. Ctrl-C stops it.
            """
    )

    @Argument(
        help:
            "The text to continue; without it, or with -, standard input but for its last newline."
    )
    var prompt: String?

    @Option(help: "Key, identifier or path of the model; default: a loaded one, or the only one.")
    var model: String?

    @OptionGroup var answer: Answer
    @OptionGroup(title: "Prediction") var prediction: PredictionOptions
    @OptionGroup(title: "Loading") var loading: LoadOptions
    @OptionGroup var connection: Connection

    func run() async throws {
        let prompt = try text()
        let client = try await connection.client()
        defer { client.close() }
        let config = try prediction.config(for: client)
        let request = try loading.request(model, for: client)
        let llm = try await Interruptible.run {
            let identifier = try await client.load(request, isQuiet: answer.json).identifier
            return LLM(client: client, identifier: identifier)
        }
        let (_, isStopped) = try await answer.write { callbacks throws(LMStudioError) in
            try llm.completeStream(prompt, config: config, callbacks: callbacks)
        }
        if isStopped { throw Interruptible.exitCode }
    }

    private func text() throws(LMStudioError) -> String {
        if let prompt, prompt != "-" { return prompt }
        return try Input.standardText()
    }
}
