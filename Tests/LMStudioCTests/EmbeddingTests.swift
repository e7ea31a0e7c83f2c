import CABIHarness
import Testing

extension CABITests {
    @Suite struct EmbeddingTests {
        private let store: Store

        init() throws {
            store = try .encoder()
        }

        @Test func textsHaveVectors() async throws {
            try await passes(harness_vectors_of_texts, with: store)
        }

        @Test func loadsSayWhatKindOfModelTheyAreFor() async throws {
            try await passes(harness_loading_an_embedding_model, with: store)
        }

        @Test func cancellingFreeingAndClosingEndTheWork() async throws {
            try await passes(harness_ending_embeddings, with: store)
        }

        @Test func badArgumentsAreRefused() async throws {
            try await passes(harness_refused_embeddings, with: store)
        }
    }
}
