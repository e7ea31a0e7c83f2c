import CLlama
import Dispatch
import LMStudioCore
import Synchronization

/// The texts of a model's tokens, put in order when a prediction first needs them.
///
/// That takes up to a second, for which neither the scheduler's thread nor the one that asks waits.
final class ModelTokenTexts: Sendable {
    private enum State {
        case open
        /// They are being put in order, for these.
        case underWay([@Sendable (TokenTexts) -> Void])
        case made(TokenTexts)
    }

    private let state = Mutex(State.open)
    /// Those that are being put in order, of all models.
    static let underWay = DispatchGroup()

    /// Hands them to `body`: at once if they are there, else from another thread.
    ///
    /// - Parameters:
    ///   - model: always the same one.
    ///   - body: called once.
    func hand(of model: LlamaModel, to body: @escaping @Sendable (TokenTexts) -> Void) {
        let (made, isFirst) = state.withLock { state -> (TokenTexts?, Bool) in
            switch state {
            case .made(let texts): return (texts, false)
            case .underWay(let waiting):
                state = .underWay(waiting + [body])
                return (nil, false)
            case .open:
                state = .underWay([body])
                return (nil, true)
            }
        }
        if let made { return body(made) }
        guard isFirst else { return }
        DispatchQueue.global().async(group: Self.underWay) { [self] in
            let texts = TokenTexts(of: model)
            for body in finish(texts) { body(texts) }
        }
    }

    private func finish(_ texts: TokenTexts) -> [@Sendable (TokenTexts) -> Void] {
        state.withLock { state in
            guard case .underWay(let waiting) = state else { return [] }
            state = .made(texts)
            return waiting
        }
    }
}

extension TokenTexts {
    /// The tokens of a model; those that are marks, not text, have none.
    convenience init(of model: LlamaModel) {
        let count = cllama_model_vocabulary_size(model.pointer)
        var capacity = 256
        let texts = (0..<count).map { token in
            while true {
                var length: Int32 = 0
                let bytes = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, filled in
                    buffer.withMemoryRebound(to: CChar.self) { characters in
                        length = cllama_token_bytes(
                            model.pointer,
                            token,
                            false,
                            characters.baseAddress,
                            Int32(capacity)
                        )
                    }
                    filled = max(Int(length), 0)
                }
                if length >= 0 || length == .min { return bytes }
                capacity = Int(-length)
            }
        }
        let ends = (0..<count).filter { cllama_model_is_end_of_generation(model.pointer, $0) }
        self.init(texts, ends: ends)
    }
}
