import LMStudio
import LMStudioTesting
import Testing

@testable import LMStudioLlama

/// Models that are loaded with another one that guesses for them.
@Suite(.onBothHosts) struct LoadedDraftTests {
    private let store: TinyStore
    private let host: LocalHost
    private let client: LMStudioClient

    init() async throws {
        store = try TinyStore("main", "small", "other")
        var stranger = TinyModel()
        stranger.tokenizer = .bytePairs
        try store.add("stranger", stranger)
        host = try store.host()
        client = try await HostTrait.client(of: host)
    }

    private func model(
        guessedBy draft: String,
        _ change: (inout LoadDrafting) -> Void = { _ in }
    ) async throws -> LLM {
        var config = LoadConfig()
        config.drafting = LoadDrafting(model: draft)
        change(&config.drafting)
        return try await client.llm.load("main", config: config)
    }

    @Test func theDraftModelIsLoadedAndGuesses() async throws {
        let plain = try await client.llm.load("main")
        let text = try await plain.complete("hello", config: .greedy(24)).content
        try await plain.unload()
        let model = try await model(guessedBy: "small")
        #expect(try await host.loadedIdentifiers == ["main", "small"])
        let result = try await model.complete("hello", config: .greedy(24))
        #expect(result.content == text)
        #expect(result.stats.drafts?.modelKey == "small")
        let used = result.predictionConfig.speculativeDecoding
        #expect((used.draftModel, used.maxTokensToDraft) == ("small", 3))
        #expect(
            try await host.basePredictionConfig(.identifier("main")).speculativeDecoding == used
        )
        #expect(try await model.loadConfig().drafting == LoadDrafting(model: "small"))
    }

    @Test func aPredictionMayHaveAnotherOneOrNone() async throws {
        let model = try await model(guessedBy: "small")
        var config = PredictionConfig.greedy(8)
        config.speculativeDecoding.draftModel = "other"
        let drafts = try await model.complete("hello", config: config).stats.drafts
        #expect(drafts?.modelKey == "other")
        config = .greedy(8)
        config.speculativeDecoding.maxTokensToDraft = 0
        #expect(try await model.complete("hello", config: config).stats.drafts?.totalCount == 0)
    }

    @Test func theMostTokensAreThoseOfTheLoad() async throws {
        let model = try await model(guessedBy: "main") { $0.maxTokens = 1 }
        let drafts = try #require(
            try await model.complete("hello", config: .greedy(9)).stats.drafts
        )
        // It guesses for itself, one token with each that it writes.
        #expect(drafts.acceptedCount == 4)
    }

    @Test func aMissingDraftModelIsToldOfBeforeTheLoad() async throws {
        let error = await #expect(throws: LMStudioError.self) {
            try await model(guessedBy: "nobody")
        }
        #expect(error?.code == .modelNotFound)
        #expect(error?.message.contains("nobody") == true)
        #expect(try await host.loadedIdentifiers == [])
    }

    @Test func anotherVocabularyIsRefusedWithTheLoad() async throws {
        let error = await #expect(throws: LMStudioError.self) {
            try await model(guessedBy: "stranger")
        }
        #expect(error?.code == HostTrait.refusal)
        #expect(error?.message.contains("their vocabularies differ") == true)
        #expect(try await host.loadedIdentifiers == [])
    }

    @Test func anEstimateCountsIt() async throws {
        var config = LoadConfig()
        let alone = try await client.llm.estimateUsage("main", config: config).memory
        config.drafting = LoadDrafting(model: "small")
        let both = try await client.llm.estimateUsage("main", config: config).memory
        #expect(both.modelBytes == 2 * alone.modelBytes)
        #expect(both.contextBytes > 2 * alone.contextBytes)
        try await host.load("small")
        let rest = try await client.llm.estimateUsage("main", config: config).memory
        #expect(rest.modelBytes == alone.modelBytes)
        #expect(rest.contextBytes > alone.contextBytes)
        #expect(rest.contextBytes < both.contextBytes)
    }
}
