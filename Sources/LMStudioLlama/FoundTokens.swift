import LMStudioCore
import Synchronization

/// The tokens of a long text, from the thread that finds them to the one that reads them.
final class FoundTokens: Sendable {
    private let result = Mutex<Result<[Int32], LMStudioError>?>(nil)

    func put(_ result: Result<[Int32], LMStudioError>) {
        self.result.withLock { $0 = result }
    }

    /// What was put there, once; `nil`: nothing.
    func take() throws(LMStudioError) -> [Int32]? {
        let taken = result.withLock { result in
            defer { result = nil }
            return result
        }
        return try taken?.get()
    }
}

extension LlamaModel {
    /// Whether finding a text's tokens takes longer than others should wait for it: 64 KB take some 10 ms,
    /// 60 MB half a minute.
    static func isLong(_ text: String) -> Bool { text.utf8.count > 64 << 10 }
}

extension PreparedPrompt {
    /// Whether its tokens are to be found on a thread of the workshop.
    var isLong: Bool { images == nil && LlamaModel.isLong(text) }
}

extension TokenSequence {
    /// Has the tokens of its long prompt found while others run; `resume` is called once they are.
    ///
    /// What has begun goes on when the prediction ends meanwhile, and keeps the model as long.
    func findTokens(by model: LlamaModel, _ resume: @escaping @Sendable () -> Void) {
        phase = .parked
        Task { [found = preparedPrompt.found, text = preparedPrompt.text, stopFlag, channel] in
            do throws(LMStudioError) {
                let tokens = try await Workshop.shared.run { () throws(LMStudioError) in
                    // Nobody waits for those of a prediction that has ended meanwhile.
                    stopFlag.stopReason == nil ? try model.tokenize(text) : []
                }
                found.put(.success(tokens))
            } catch {
                found.put(.failure(error))
            }
            // No other channel may have its address until then: it is what is resumed.
            withExtendedLifetime(channel, resume)
        }
    }
}
