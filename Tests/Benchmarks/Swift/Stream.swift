import LMStudio
import LMStudioLlama

/// Streams predictions through the Swift interface and prints what they cost, as JSON.
///
/// Usage: `stream-swift MODEL CONTEXT TOKENS ROUNDS`
@main struct Stream {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 5, let context = Int(arguments[2]), let tokens = Int(arguments[3]),
            let rounds = Int(arguments[4])
        else { return print("usage: stream-swift MODEL CONTEXT TOKENS ROUNDS") }
        let client = try await LMStudioClient(local: .llama)
        var load = LoadConfig()
        load.contextLength = context
        let model = try await client.llm.model(arguments[1], config: load)
        var runs: [String] = []
        for _ in 0..<rounds {
            let clock = ContinuousClock()
            let start = clock.now
            var (first, last) = (start, start)
            var predicted = 0
            let config = PredictionConfig(maxTokens: tokens, temperature: 0)
            for try await fragment in try model.completeStream("My name is", config: config) {
                last = clock.now
                if predicted == 0 { first = last }
                predicted += fragment.tokensCount
            }
            let rate = Double(predicted - 1) / ((last - first) / .seconds(1))
            runs.append(
                "{\"first_s\": \((first - start) / .seconds(1)), \"tokens_per_s\": \(rate)}"
            )
        }
        print("{\"runs\": [\(runs.joined(separator: ", "))]}")
    }
}
