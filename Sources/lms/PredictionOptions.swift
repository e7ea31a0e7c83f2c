import ArgumentParser
import LMStudio
import LMStudioWire

/// How text is predicted.
struct PredictionOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: "Most tokens to write; default: until the model or the context ends."
    )
    var maxTokens: Int?

    @Option(
        parsing: .unconditional,
        help: "Randomness, 0…100; 0 always takes the likeliest token; default 0.8."
    )
    var temperature: Double?

    @Option(
        parsing: .unconditional,
        help: "Seed of the random draw, 0…4294967295; default: another one each time."
    )
    var seed: UInt32?

    @Option(
        parsing: .unconditionalSingleValue,
        help: "Text that ends the writing and is not part of it; may be given several times."
    )
    var stop: [String] = []

    @Option(
        parsing: .unconditional,
        help: "Only so many of the likeliest tokens are drawn from; 0: all; default 40."
    )
    var topK: Int?

    @Option(
        parsing: .unconditional,
        help: "Only the likeliest tokens with this probability together, 0…1; default 0.95."
    )
    var topP: Double?

    @Option(
        parsing: .unconditional,
        help: "Only tokens at least this share as likely as the likeliest, 0…1; default 0.05."
    )
    var minP: Double?

    @Option(
        parsing: .unconditional,
        help: "Divides the logits of the last 64 tokens; 1: none; default 1.1."
    )
    var repeatPenalty: Double?

    @Option(
        parsing: .unconditional,
        help: "Threads to compute with; default: one for each physical core."
    )
    var cpuThreads: Int?

    @Option(help: "Further options as a JSON object, or a file that holds one; see the README.")
    var config: String?

    /// The configuration; what is not given has LM Studio's default.
    ///
    /// - Throws: `.invalidArgument` for a `--config` that is no such object, or options in it that are
    ///   wrong; `.unsupported` from the host.
    func config(for client: LMStudioClient) throws(LMStudioError) -> PredictionConfig {
        var warnings: [String] = []
        var config = try PredictionConfig(
            json: try Input.options(config, "--config"),
            for: try client.host(),
            warnings: &warnings
        )
        Output.error.warn(warnings)
        if let maxTokens { config.maxTokens = maxTokens }
        if let temperature { config.temperature = temperature }
        if let seed { config.seed = seed }
        if !stop.isEmpty { config.stopStrings = stop }
        if let topK { config.topK = topK }
        if let topP { config.topP = topP }
        if let minP { config.minP = minP }
        if let repeatPenalty { config.repeatPenalty = repeatPenalty }
        if let cpuThreads { config.cpuThreads = cpuThreads }
        return config
    }
}
