import LMStudioCore
import Testing

@testable import LMStudioLlama

@Suite struct ContextCutTests {
    @Test(arguments: ContextOverflowPolicy.allCases, [1, 2, 3, 4, 5, 8, 100, 4096])
    func aCutLeavesRoomAndNeverEverything(policy: ContextOverflowPolicy, length: Int) {
        for promptCount in [1, 3, length] where promptCount <= length {
            let cut = policy.cut(promptCount: promptCount, length: length)
            #expect(!cut.isEmpty && cut.lowerBound >= 0 && cut.upperBound <= length)
        }
        guard policy != .stopAtLimit else { return }
        for promptCount in [length + 1, 2 * length + 7] {
            let cut = policy.promptCut(promptCount: promptCount, length: length)
            #expect(promptCount - cut.count == max(1, length - length / 4))
            #expect(cut.upperBound < promptCount)
        }
    }

    @Test func truncateMiddleKeepsTheHeadAndARollingWindowTheLatest() {
        #expect(ContextOverflowPolicy.truncateMiddle.cut(promptCount: 40, length: 100) == 40..<70)
        #expect(ContextOverflowPolicy.truncateMiddle.cut(promptCount: 90, length: 100) == 50..<75)
        #expect(ContextOverflowPolicy.rollingWindow.cut(promptCount: 40, length: 100) == 4..<52)
        #expect(
            ContextOverflowPolicy.truncateMiddle.promptCut(promptCount: 200, length: 100)
                == 50..<175
        )
        #expect(
            ContextOverflowPolicy.rollingWindow.promptCut(promptCount: 200, length: 100)
                == 4..<129
        )
    }
}
