import LMStudioCore
import Testing

@testable import LMStudioLlama

@Suite struct PredictionReportTests {
    @Test func timesCountFromWhenItWasAskedFor() {
        var report = PredictionReport(to: PredictionChannel(), since: .now - .seconds(100))
        report.promptCount = 1
        report.note(isGuessed: false)
        let stats = report.stats(stopReason: .eosFound)
        #expect(stats.timeToFirstToken.map { $0 >= .seconds(100) } == true)
        #expect(stats.totalTime.map { $0 >= .seconds(100) } == true)
    }
}
