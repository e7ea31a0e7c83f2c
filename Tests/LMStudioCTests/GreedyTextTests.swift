import CABIHarness
import Foundation
import LMStudio
import LMStudioLlama
import LMStudioTesting
import Testing

extension CABITests {
    /// One prompt, one model, no chance or the same: every way to the text gives the same one.
    @Suite struct GreedyTextTests {
        private static let prompt = "My name is"
        private static let tokens = 40

        /// A way to the text.
        enum Way: CaseIterable {
            case complete, completeStream, c
        }

        private let store: Store

        init() throws {
            store = try .starter()
        }

        private static func text(by way: Way, at address: String) async throws -> String {
            let config = PredictionConfig(maxTokens: tokens, temperature: 0)
            let client = try await LMStudioClient(address, local: .llama)
            switch way {
            case .complete:
                return try await client.llm.model().complete(prompt, config: config).content
            case .completeStream:
                return try await client.llm.model().completeStream(prompt, config: config)
                    .reduce(into: "") { $0 += $1.content }
            case .c:
                return await onThread {
                    let config = #"{"temperature": 0, "maxTokens": \#(tokens)}"#
                    let text = harness_completion(address, prompt, config)
                    defer { free(text) }
                    return text.map { String(cString: $0) } ?? ""
                }
            }
        }

        private static let reference = Task { try await llamaCppsText(["--temp", "0"]) }

        /// The prompt and its completion, as llama.cpp's own program prints them.
        private static func llamaCppsText(_ options: [String]) async throws -> String {
            let environment = ProcessInfo.processInfo.environment
            let tool = try #require(environment["LLAMA"], "run the tests with `make test`")
            let model = try #require(environment["LMSTUDIO_TEST_STARTER"])
            let run = try await Subprocess.run(
                [
                    tool + "/bin/llama-completion", "-m", model, "-p", prompt, "-n", "\(tokens)",
                    "--repeat-penalty", "1.1", "-no-cnv", "--no-warmup", "-t", "2",
                ] + options
            )
            #expect(run.status == 0, "\(run.errors)")
            return run.output
        }

        @Test(arguments: Way.allCases)
        func textIsLlamaCpps(way: Way) async throws {
            let reference = try await Self.reference.value
            try await onBothHosts(of: store) { address in
                let text = try await Self.text(by: way, at: address)
                #expect(text.count > Self.tokens)
                #expect(reference == Self.prompt + text + "\n\n")
            }
        }

        @Test(arguments: [(0.8, 42), (1.5, 7)] as [(Double, UInt32)])
        func sampledTextIsLlamaCpps(temperature: Double, seed: UInt32) async throws {
            var config = PredictionConfig(
                maxTokens: Self.tokens,
                temperature: temperature,
                seed: seed
            )
            (config.topK, config.topP, config.minP) = (30, 0.9, 0.02)
            let reference = try await Self.llamaCppsText([
                "--temp", "\(temperature)", "-s", "\(seed)", "--top-k", "30", "--top-p", "0.9",
                "--min-p", "0.02", "--samplers", "penalties;top_k;top_p;min_p;temperature",
            ])
            try await onBothHosts(of: store) { [config] address in
                let text = try await LMStudioClient(address, local: .llama).llm.model()
                    .complete(Self.prompt, config: config).content
                #expect(reference.hasPrefix(Self.prompt + text))
                #expect(text.count > Self.tokens)
            }
        }

        @Test func answerOverCIsSwifts() async throws {
            try await onBothHosts(of: store) { address in
                let answer = try await LMStudioClient(address, local: .llama).llm.model().respond(
                    Chat("What is the capital of France?", system: "Be brief."),
                    config: PredictionConfig(maxTokens: Self.tokens, temperature: 0)
                ).content
                let text = await onThread {
                    let chat =
                        #"{"messages": [{"role": "system", "content": "Be brief."}, "#
                        + #"{"role": "user", "content": [{"type": "text", "#
                        + #""text": "What is the capital of France?"}]}]}"#
                    let config = #"{"temperature": 0, "maxTokens": \#(Self.tokens)}"#
                    let text = harness_answer(address, chat, config)
                    defer { free(text) }
                    return text.map { String(cString: $0) } ?? ""
                }
                #expect(text.contains("Paris"))
                #expect(text == answer)
            }
        }
    }
}
