import LMStudioCore
import LMStudioWire
import Testing

@Suite struct LoadConfigDifferencesTests {
    @Test func whatIsAskedForAndNotInEffectIsNamed() {
        var asked = LoadConfig()
        asked.contextLength = 8192
        asked.flashAttention = true
        asked.seed = 7
        asked.promptTemplate = String(repeating: "a", count: 1000)
        var effective = LoadConfig()
        effective.contextLength = 4096
        effective.flashAttention = true
        effective.evalBatchSize = 512
        effective.promptTemplate = "b"
        let differences = asked.differences(from: effective)
        #expect(differences.count == 3)
        #expect(differences.first == "contextLength is 4096, not 8192")
        #expect(differences.last == "seed is not told, 7 was wanted")
        #expect(differences.allSatisfy { $0.count < 200 })
    }

    @Test func wholeNumbersAreEqualHoweverTheyAreWritten() {
        var asked = LoadConfig()
        asked.others = ["x": "1", "y": "{\"a\": 1}"]
        var effective = LoadConfig()
        effective.others = ["x": "1.0", "y": "{\"a\":1}"]
        #expect(asked.differences(from: effective) == [])
    }
}
