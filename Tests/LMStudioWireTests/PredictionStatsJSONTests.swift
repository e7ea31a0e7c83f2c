import LMStudioCore
import LMStudioWire
import Testing

@Suite struct PredictionStatsJSONTests {
    @Test func statisticsLeaveOutWhatIsNotKnown() {
        let stats = PredictionStats(stopReason: .eosFound)
        #expect(stats.json.text == #"{"stopReason":"eosFound"}"#)
    }

    private var full: PredictionStats {
        var stats = PredictionStats(stopReason: .stopStringFound)
        (stats.stopString, stats.tokensPerSecond, stats.gpuLayers) = ("\n", 12.5, 0)
        (stats.timeToFirstToken, stats.totalTime) = (.milliseconds(250), .seconds(2))
        (stats.promptTokensCount, stats.predictedTokensCount) = (3, 4)
        return stats
    }

    @Test func statisticsAreWrittenInLMStudiosNames() {
        let expected = """
            {"numGpuLayers":0,"predictedTokensCount":4,"promptTokensCount":3,\
            "stopReason":"stopStringFound","stopString":"\\n","timeToFirstTokenSec":0.25,\
            "tokensPerSecond":12.5,"totalTimeSec":2.0,"totalTokensCount":7}
            """
        #expect(full.json.text == expected)
    }

    @Test func statisticsSurviveARoundTrip() {
        #expect(PredictionStats(json: full.json) == full)
    }

    @Test func countsOfDraftsAddUp() throws {
        var stats = PredictionStats(stopReason: .eosFound)
        stats.drafts = DraftStats(
            modelKey: "tiny",
            acceptedCount: 5,
            rejectedCount: 2,
            ignoredCount: 1
        )
        #expect(
            stats.json.text
                == #"{"acceptedDraftTokensCount":5,"ignoredDraftTokensCount":1,"rejectedDraftTokensCount":2,"stopReason":"eosFound","totalDraftTokensCount":8,"usedDraftModelKey":"tiny"}"#
        )
        #expect(PredictionStats(json: stats.json) == stats)
        stats.drafts?.modelKey = nil
        #expect(PredictionStats(json: stats.json) == stats)
    }

    @Test(arguments: PredictionStats.StopReason.allCases)
    func everyStopReasonSurvivesARoundTrip(reason: PredictionStats.StopReason) {
        let stats = PredictionStats(stopReason: reason)
        #expect(PredictionStats(json: stats.json) == stats)
    }

    @Test func rateThatIsNotFiniteIsLeftOut() {
        var stats = PredictionStats(stopReason: .eosFound)
        stats.tokensPerSecond = .infinity
        #expect(stats.json.text == #"{"stopReason":"eosFound"}"#)
    }

    @Test(arguments: [
        #"{"stopReason":"somethingNew"}"#, "{}", "null", #"{"stopReason":1}"#,
        #"{"stopReason":"failed","numGpuLayers":-1,"totalTimeSec":-1,"timeToFirstTokenSec":"x"}"#,
        #"{"stopReason":null,"totalTimeSec":1e300,"promptTokensCount":null}"#,
    ])
    func oddStatisticsAreTaken(text: String) throws {
        let stats = PredictionStats(json: try JSONValue(parsing: text, as: "stats"))
        #expect(stats == PredictionStats(stopReason: .failed))
    }

    @Test(arguments: ["9223372036854775807", "-9223372036854775808", "1e18"])
    func countsBeyondAllReasonAreNotKnown(count: String) throws {
        let text = """
            {"promptTokensCount":\(count),"predictedTokensCount":1,"acceptedDraftTokensCount":\(count),
            "rejectedDraftTokensCount":\(count),"ignoredDraftTokensCount":\(count)}
            """
        let stats = PredictionStats(json: try JSONValue(parsing: text, as: "stats"))
        #expect(stats.totalTokensCount == nil)
        #expect((stats.drafts?.totalCount ?? 0) == 0)
    }

    @Test func countsWithAPointAreTaken() throws {
        let text = #"{"stopReason":"eosFound","promptTokensCount":3.0,"predictedTokensCount":4.5}"#
        let stats = PredictionStats(json: try JSONValue(parsing: text, as: "stats"))
        #expect(stats.totalTokensCount == 7)
    }
}
