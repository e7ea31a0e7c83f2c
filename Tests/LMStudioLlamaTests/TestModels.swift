import LMStudio
import LMStudioLlama
import LMStudioTesting
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The real models that `make test` provides.
enum TestModels {
    /// SmolLM2-135M-Instruct, in a store of its own.
    static let starterKey = "smollm2-135m-instruct"
    static var starterFile: String { environment("LMSTUDIO_TEST_STARTER") }
    /// Gemma 3 270M: a vocabulary of 262,144 tokens, and one that every text begins with.
    static var gemmaFile: String { environment("LMSTUDIO_TEST_GEMMA") }
    /// A program of the same llama.cpp.
    static func tool(_ name: String) -> String { environment("LLAMA") + "/bin/" + name }

    /// What `make test` sets; a test without it fails rather than being skipped.
    static func environment(_ name: String) -> String {
        guard let value = getenv(name) else {
            Issue.record("\(name) is not set; run the tests with `make test`")
            return ""
        }
        return String(cString: value)
    }

    /// A client of a host of its own, so that tests do not see each other's models.
    ///
    /// That host is a server's where `HostTrait` says so.
    static func client() async throws -> LMStudioClient {
        guard let server = HostTrait.server else { return LMStudioClient(host: LocalHost()) }
        return try await LMStudioClient(server)
    }
}

extension PredictionConfig {
    /// The same text every time.
    static func greedy(_ maxTokens: Int?) -> PredictionConfig {
        PredictionConfig(maxTokens: maxTokens, temperature: 0)
    }
}
