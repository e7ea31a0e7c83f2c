import LMStudioCore
import LMStudioTesting
import LMStudioWire
import Testing

@Suite struct UsageEstimateJSONTests {
    private static let estimate = UsageEstimate(
        memory: MemoryUsage(
            modelBytes: 100,
            contextBytes: 20,
            modelVRAMBytes: 7,
            contextVRAMBytes: 3
        ),
        confidence: .low,
        passesGuardrails: false
    )

    @Test func itComesBackFromJSON() {
        #expect(UsageEstimate(json: Self.estimate.json) == Self.estimate)
        #expect(Self.estimate.json["memory"]?["totalVramBytes"] == .integer(10))
        #expect(UsageEstimate(json: .object([:])) == nil)
    }

    @Test func aServerAnswersWithTheHosts() async throws {
        let host = ScriptedHost()
        let answer = try await Dispatcher(host: host).call(
            "estimateModelUsage",
            in: "llm",
            parameter: .object([
                "modelKey": .string("x"), "loadConfigStack": .object(["layers": .array([])]),
            ])
        )
        #expect(UsageEstimate(json: answer)?.memory.totalBytes == 120)
        #expect(host.record.loads.map(\.model) == ["x"])
    }
}
