import Testing

@testable import LMStudioCore

@Suite struct LoadDraftingTests {
    private func drafting(_ change: (inout LoadDrafting) -> Void) -> LoadDrafting {
        var drafting = LoadDrafting()
        change(&drafting)
        return drafting
    }

    private func refusal(_ change: (inout LoadDrafting) -> Void) -> String {
        let error = #expect(throws: LMStudioError.self) { try drafting(change).validate() }
        #expect(error?.code == .invalidArgument)
        return error?.message ?? ""
    }

    @Test func twoWaysOfGuessingExcludeEachOther() {
        let message = refusal { ($0.isSimple, $0.usesOwnHeads, $0.model) = (true, true, "m") }
        #expect(message.hasPrefix("speculativeDraftSimple and speculativeDraftMtp cannot both"))
    }

    @Test(arguments: [nil, ""])
    func aDraftModelThatIsMissingIsSaid(model: String?) {
        let message = refusal { ($0.isSimple, $0.model) = (true, model) }
        #expect(message.hasPrefix("speculativeDraftSimple needs a speculativeDraftModel"))
    }

    @Test(arguments: [nil, false])
    func aDraftModelIsOfNoUseByItself(isSimple: Bool?) {
        let message = refusal { ($0.isSimple, $0.model) = (isSimple, "m") }
        #expect(message.hasPrefix("speculativeDraftModel needs speculativeDraftSimple"))
    }

    @Test func theLeastIsNotMoreThanTheMost() throws {
        let message = refusal { ($0.minTokens, $0.maxTokens) = (4, 3) }
        #expect(message.contains("Tokens 4 is more than speculativeDraftMaxTokens 3"))
        try drafting { ($0.minTokens, $0.maxTokens) = (3, 3) }.validate()
    }

    @Test func predictionsGetItsModelAndLMStudiosDefaults() {
        let filled = SpeculativeDecoding().filled(by: LoadDrafting(model: "small"))
        #expect(filled.draftModel == "small")
        #expect(filled.maxTokensToDraft == 3)
        #expect(filled.minContinueDraftingProbability == 0)
    }

    @Test func whatAPredictionSaysCounts() {
        var load = LoadDrafting(model: "small")
        (load.maxTokens, load.minTokens, load.minContinueProbability) = (8, 2, 0.5)
        var own = SpeculativeDecoding(draftModel: "other")
        own.maxTokensToDraft = 4
        let filled = own.filled(by: load)
        #expect(filled.draftModel == "other")
        #expect(filled.maxTokensToDraft == 4)
        #expect(filled.minDraftLengthToConsider == 2)
        #expect(filled.minContinueDraftingProbability == 0.5)
    }

    @Test func anExactNumberOfGuessesStays() {
        var load = LoadDrafting(model: "small")
        load.maxTokens = 2
        var own = SpeculativeDecoding()
        own.numDraftTokensExact = 6
        let filled = own.filled(by: load)
        #expect(filled.draftModel == "small")
        #expect(filled.maxTokensToDraft == nil)
    }

    @Test func withoutADraftModelNothingChanges() {
        let load = drafting { ($0.isSimple, $0.maxTokens) = (false, 2) }
        #expect(SpeculativeDecoding().filled(by: load) == SpeculativeDecoding())
    }
}
