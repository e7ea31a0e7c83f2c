import CABIHarness
import Testing

extension CABITests {
    @Suite struct EmbeddingTests {
        private let store: Store

        init() throws {
            store = try .encoder()
        }

        @Test func textsHaveVectors() async {
            await passes(harness_vectors_of_texts, at: store.address)
        }

        @Test func loadsSayWhatKindOfModelTheyAreFor() async {
            await passes(harness_loading_an_embedding_model, at: store.address)
        }

        @Test func cancellingFreeingAndClosingEndTheWork() async {
            await passes(harness_ending_embeddings, at: store.address)
        }

        @Test func badArgumentsAreRefused() async {
            await passes(harness_refused_embeddings, at: store.address)
        }
    }
}
