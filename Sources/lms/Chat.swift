import ArgumentParser
import LMStudio

/// `lms chat`: answers one message, or talks.
struct Chat: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Have a model answer, by its chat template.",
        discussion: """
            With --prompt, or text on standard input, it answers once; both together are one message. \
            Else it talks: a line is a message, Ctrl-C stops an answer, Ctrl-D ends the talk.
            """
    )

    @Argument(help: "Key, identifier or path of the model; default: a loaded one, or the only one.")
    var model: String?

    @Option(name: .shortAndLong, parsing: .unconditional, help: "The message to answer.")
    var prompt: String?

    @Option(name: .shortAndLong, parsing: .unconditional, help: "How the model is to answer.")
    var systemPrompt: String?

    @Option(help: "An image that belongs to the first message; may be given several times.")
    var image: [String] = []

    @Option(
        parsing: .unconditional,
        help: "Idle time after which the model may go, seconds; default 3600."
    )
    var ttl: Double = 3600

    @OptionGroup var answer: Answer
    @OptionGroup(title: "Prediction") var prediction: PredictionOptions
    @OptionGroup(title: "Loading") var loading: LoadOptions
    @OptionGroup var connection: Connection

    func validate() throws {
        try LoadOptions.check(ttl: ttl)
    }

    func run() async throws {
        let message = try message()
        let client = try await connection.client()
        defer { client.close() }
        let config = try prediction.config(for: client)
        let request = try loading.request(model, ttl: ttl, for: client)
        let (llm, files) = try await Interruptible.run {
            let identifier = try await client.load(request, isQuiet: answer.json).identifier
            var files: [ChatFile] = []
            for path in image { files.append(try await client.prepareImage(at: path)) }
            return (LLM(client: client, identifier: identifier), files)
        }
        var talk = Talk(llm, config, system: systemPrompt, files: files, answer)
        if let message {
            if try await talk.isStopped(saying: message) { throw Interruptible.exitCode }
        } else {
            try await talk.run()
        }
    }

    /// The one message to answer; `nil`: somebody sits there to talk.
    private func message() throws(LMStudioError) -> String? {
        let text = Input.isPiped ? try Input.standardText() : nil
        let parts = [prompt, text].compactMap { $0 }
        guard !parts.isEmpty else { return nil }
        let message = parts.filter { !$0.isEmpty }.joined(separator: "\n\n")
        guard !message.isEmpty else {
            throw LMStudioError(
                .invalidArgument,
                "there is nothing to answer: \(text == nil ? "--prompt" : "standard input") is empty; "
                    + "give a message with --prompt"
            )
        }
        return message
    }
}
