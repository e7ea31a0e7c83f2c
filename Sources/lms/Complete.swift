import ArgumentParser
import LMStudio
import LMStudioWire

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

    @Flag(help: "Write statistics to standard error at the end.")
    var stats = false

    @Flag(
        help:
            "Write nothing but one JSON object at the end: content, statistics, model, configuration."
    )
    var json = false

    @OptionGroup(title: "Prediction") var prediction: PredictionOptions
    @OptionGroup(title: "Loading") var loading: LoadOptions
    @OptionGroup var connection: Connection

    func run() async throws {
        let prompt = try text()
        let config = prediction.config
        let request = LoadRequest(
            model: model,
            config: loading.config,
            // What LM Studio grants a model that was loaded because somebody used it.
            timeToLive: .seconds(3600)
        )
        let client = try await connection.client()
        defer { client.close() }
        let result = try await Interruptible.run {
            let identifier = try await client.load(request, isQuiet: json).identifier
            let llm = LLM(client: client, identifier: identifier)
            return try await write(prompt, with: llm, config)
        }
        if json {
            Output.standard.json(Self.json(result))
        } else if !Output.standard.isTerminal {
            Output.standard.write("\n")
        }
        if stats { Output.error.line(Self.text(result.stats)) }
    }

    private func text() throws(LMStudioError) -> String {
        if let prompt, prompt != "-" { return prompt }
        var text = try Input.standard()
        if text.last?.isNewline == true { text.removeLast() }
        return text
    }

    private func write(
        _ prompt: String,
        with llm: LLM,
        _ config: PredictionConfig
    ) async throws(LMStudioError) -> PredictionResult {
        let bar = ProgressBar("Reading the prompt", isHidden: json)
        defer { bar.clear() }
        // Whatever comes next on the terminal begins on a line of its own.
        defer { if !json, Output.standard.isTerminal { Output.standard.write("\n") } }
        let stream = try llm.completeStream(
            prompt,
            config: config,
            callbacks: .init(
                onPromptProgress: { bar.show($0) },
                onFirstToken: { bar.clear() }
            )
        )
        for try await fragment in stream where !json {
            Output.standard.write(fragment.content)
        }
        return try await stream.result()
    }

    private static func json(_ result: PredictionResult) -> JSONValue {
        .object([
            "content": .string(result.content),
            "stats": result.stats.fullJSON,
            "modelInfo": result.modelInfo.json,
            "loadConfig": result.loadConfig.json,
            "predictionConfig": result.predictionConfig.json,
        ])
    }

    private static func text(_ stats: PredictionStats) -> String {
        var parts: [String] = []
        if let count = stats.promptTokensCount { parts.append("prompt \(count) tokens") }
        if let count = stats.predictedTokensCount { parts.append("predicted \(count) tokens") }
        if let rate = stats.tokensPerSecond { parts.append("\(decimal(rate)) tokens/s") }
        if let time = stats.timeToFirstToken {
            parts.append("first token after \(decimal(time / .milliseconds(1))) ms")
        }
        parts.append("stopped by \(stats.stopReason.rawValue)")
        return parts.joined(separator: ", ")
    }

    private static func decimal(_ value: Double) -> String {
        guard value.isFinite, abs(value) < 1e15 else { return "\(value)" }
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(abs(tenths % 10))"
    }
}
