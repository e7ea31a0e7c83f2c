import LMStudio
import LMStudioLlama
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

extension EngineTests {
    @Suite(.onBothHosts) struct LogProbsTests {
        private func tokens(
            _ config: PredictionConfig,
            prompt: String = "My name is"
        ) async throws -> (tokens: [PredictedToken], content: String) {
            let client = try await TestModels.client()
            let stream = try await client.llm.model().completeStream(prompt, config: config)
            var tokens: [PredictedToken] = []
            for try await fragment in stream {
                tokens += fragment.tokens
                #expect(
                    fragment.tokens.count
                        == (config.logProbs == nil ? 0 : fragment.tokensCount)
                )
            }
            let content = try await stream.result().content
            client.close()
            return (tokens, content)
        }

        @Test func tokensTellTheirProbabilityAndTheirRivals() async throws {
            var config = PredictionConfig.greedy(16)
            config.repeatPenalty = nil
            config.logProbs = 5
            let (tokens, content) = try await tokens(config)
            #expect(tokens.count == 16)
            #expect(tokens.map(\.text).joined() == content)
            for token in tokens {
                #expect(token.candidates.count == 5)
                let first = try #require(token.candidates.first)
                #expect((first.id, first.text) == (token.id, token.text))
                #expect(first.logProb == token.logProb)
                let sum = token.candidates.map { exp($0.logProb) }.reduce(0, +)
                #expect(sum > 0 && sum <= 1.000001)
                #expect(
                    zip(token.candidates, token.candidates.dropFirst()).allSatisfy {
                        $0.logProb >= $1.logProb
                    }
                )
                #expect(Set(token.candidates.map(\.id)).count == 5)
            }
        }

        @Test func theyAreTheModelsOwnWhateverTheOptions() async throws {
            var config = PredictionConfig.greedy(1)
            config.logProbs = 100
            let plain = try #require(try await tokens(config).tokens.first)
            config.logitBias = [plain.id: -.infinity]
            config.presencePenalty = 2
            let other = try #require(try await tokens(config).tokens.first)
            #expect(other.id != plain.id)
            #expect(other.candidates == plain.candidates)
            #expect(other.logProb < plain.logProb)
            #expect(plain.candidates.contains { $0.id == other.id && $0.logProb == other.logProb })
            // All of a vocabulary of 49,152 tokens is more than its likeliest hundred.
            let sum = plain.candidates.map { exp($0.logProb) }.reduce(0, +)
            #expect(sum > 0.5 && sum < 1)
        }

        @Test func withoutCandidatesThereAreTheTokens() async throws {
            var config = PredictionConfig.greedy(4)
            config.logProbs = 0
            let (tokens, _) = try await tokens(config)
            #expect(tokens.count == 4)
            #expect(tokens.allSatisfy { $0.candidates.isEmpty && $0.logProb <= 0 })
        }

        @Test func theTextIsTheSameWithAndWithoutThem() async throws {
            var config = PredictionConfig(maxTokens: 20, seed: 9)
            let (none, plain) = try await tokens(config)
            config.logProbs = 3
            let (_, told) = try await tokens(config)
            #expect(none.isEmpty)
            #expect(told == plain)
        }

        @Test(arguments: [-1, 101])
        func numbersOutOfRangeAreRefused(count: Int) async throws {
            var config = PredictionConfig()
            config.logProbs = count
            let model = try await TestModels.client().llm.model()
            let error = await #expect(throws: LMStudioError.self) {
                try await model.complete("x", config: config)
            }
            #expect(error?.message == "logProbs must be 0…100, not \(count)")
        }
    }
}
