import LMStudioCore
import Testing

@testable import LMStudioLlama

@Suite struct WaitingQueueTests {
    private func sequence() -> TokenSequence {
        TokenSequence(
            request: PredictionRequest(model: .any, input: .text("x")),
            prompt: PreparedPrompt(text: "x", stopStrings: []),
            channel: PredictionChannel(),
            stopFlag: TokenSequence.StopFlag()
        )
    }

    @Test func theFirstThatCameIsTheFirstThatGoes() {
        var queue = WaitingQueue()
        let sequences = (0..<300).map { _ in sequence() }
        for sequence in sequences { queue.append(sequence) }
        for index in 0..<300 where index % 3 != 0 {
            sequences[index].phase = .ended
            queue.lose()
        }
        for index in stride(from: 0, to: 300, by: 3) {
            #expect(queue.first() === sequences[index])
            queue.removeFirst()
        }
        #expect(queue.first() == nil)
    }

    @Test func whatIsPutBackGoesNext() {
        var queue = WaitingQueue()
        let (first, second, third) = (sequence(), sequence(), sequence())
        queue.putBack(first)
        queue.append(second)
        queue.putBack(third)
        var order: [TokenSequence] = []
        while let next = queue.first() {
            order.append(next)
            queue.removeFirst()
        }
        #expect(
            order.map { ObjectIdentifier($0) }
                == [third, first, second].map { ObjectIdentifier($0) }
        )
    }
}
