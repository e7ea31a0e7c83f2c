import ArgumentParser
import LMStudio
import LMStudioWire

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// How predictions are shown: the text as it comes, and what is asked for at the end.
struct Answer: ParsableArguments {
    @Flag(help: "Write statistics to standard error at the end.")
    var stats = false

    @Flag(
        help:
            "Write nothing but one JSON object at the end: content, statistics, model, configuration."
    )
    var json = false

    /// Writes a prediction's text as it comes, and at the end what else is asked for.
    ///
    /// Thinking is written only where somebody looks at it. Ctrl-C stops the prediction.
    ///
    /// - Parameter start: starts it.
    /// - Returns: its result, and whether it was stopped.
    /// - Throws: what made it fail.
    func write(
        _ start: (PredictionStream.Callbacks) throws(LMStudioError) -> PredictionStream
    ) async throws(LMStudioError) -> (result: PredictionResult, isStopped: Bool) {
        let (result, isStopped) = try await show(start)
        if json {
            Output.standard.json(Self.json(result))
        } else {
            if !Output.standard.isTerminal { Output.standard.write("\n") }
            for call in result.toolCalls { Output.standard.json(call.json) }
        }
        if stats { Output.error.line(Self.text(result.stats)) }
        return (result, isStopped)
    }

    private func show(
        _ start: (PredictionStream.Callbacks) throws(LMStudioError) -> PredictionStream
    ) async throws(LMStudioError) -> (PredictionResult, Bool) {
        let output = Output.standard
        let bar = ProgressBar("Reading the prompt", isHidden: json)
        defer { bar.clear() }
        // Whatever comes next on the terminal begins on a line of its own.
        defer { if !json, output.isTerminal { output.write("\n") } }
        let stream = try start(
            PredictionStream.Callbacks(
                onPromptProgress: { bar.show($0) },
                onFirstToken: { bar.clear() }
            )
        )
        let signals = Signals([SIGINT]) { stream.cancel() }
        for try await fragment in stream where !json {
            if fragment.reasoningType == .none {
                output.write(fragment.content)
            } else if output.isTerminal {
                output.write(Self.faint(fragment.content))
            }
        }
        return (try await stream.result(), signals.last != nil)
    }

    private static func faint(_ text: String) -> String { "\u{1B}[2m\(text)\u{1B}[22m" }

    private static func json(_ result: PredictionResult) -> JSONValue {
        .object([
            "content": .string(result.content),
            "reasoningContent": .string(result.reasoningContent),
            "nonReasoningContent": .string(result.nonReasoningContent),
            "toolCalls": .array(result.toolCalls.map(\.json)),
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
