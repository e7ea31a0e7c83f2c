import CABIHarness
import Testing

extension CABITests {
    @Suite struct EmbeddingTests {
        private let store: Store

        init() throws {
            store = try .encoder()
        }

        @Test func textsHaveVectors() async {
            #expect(await failures(of: harness_vectors_of_texts, at: store.address) == "")
        }

        @Test func loadsSayWhatKindOfModelTheyAreFor() async {
            let found = await failures(of: harness_loading_an_embedding_model, at: store.address)
            #expect(found == "")
        }

        @Test func cancellingFreeingAndClosingEndTheWork() async {
            #expect(await failures(of: harness_ending_embeddings, at: store.address) == "")
        }

        @Test func badArgumentsAreRefused() async {
            #expect(await failures(of: harness_refused_embeddings, at: store.address) == "")
        }
    }
}
