import LMStudioCore
import Testing

@Suite struct SuggestionTests {
    private let names = ["maxTokens", "temperature", "topKSampling", "topPSampling", "seed"]

    @Test(arguments: [
        ("maxToken", "maxTokens"), ("max_tokens", "maxTokens"), ("MAX-TOKENS", "maxTokens"),
        ("temprature", "temperature"), ("sed", "seed"), ("top", "topKSampling"),
    ])
    func misspeltNameFindsItsOwn(name: String, nearest: String) {
        #expect(Suggestion.nearest(to: name, in: names).first == nearest)
    }

    @Test(arguments: ["", "zzzzzz", "💥", "contextOverflowPolicyWithMore"])
    func nameThatSharesLittleFindsNone(name: String) {
        #expect(Suggestion.nearest(to: name, in: names).isEmpty)
    }

    @Test func nearestComesFirst() {
        let found = Suggestion.nearest(to: "model-b", in: ["model-xy", "model-c", "model-b2"])
        #expect(found == ["model-b2", "model-c", "model-xy"])
    }

    @Test func equallyNearOnesComeInAlphabeticalOrder() {
        #expect(Suggestion.nearest(to: "aac", in: ["aad", "aab", "aaa"]) == ["aaa", "aab", "aad"])
    }

    @Test(arguments: 0...4)
    func noMoreThanTheLimitAreFound(limit: Int) {
        let found = Suggestion.nearest(to: "a", in: ["a1", "a2", "a3", "a4", "a5"], limit: limit)
        #expect(found.count == limit)
    }

    @Test func hugeNamesAreCompared() {
        let huge = String(repeating: "x", count: 100_000)
        #expect(Suggestion.nearest(to: huge, in: [huge + "y"]) == [huge + "y"])
    }
}
