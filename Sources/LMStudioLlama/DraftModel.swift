import CLlama
import LMStudioCore
import Synchronization

/// A loaded model as one that guesses for others.
///
/// Those who guess with it hold this, not the model, so that an unload frees the model's memory though
/// their predictions go on, without guesses.
final class DraftModel: Sendable {
    private struct State: ~Copyable {
        /// `nil` once it was unloaded.
        var model: LlamaModel?
        var onWithdrawal: [ObjectIdentifier: @Sendable () -> Void] = [:]
    }

    /// The model's key, for statistics.
    let key: String
    private let state: Mutex<State>

    init(_ model: LlamaModel, key: String) {
        self.key = key
        state = Mutex(State(model: model))
    }

    /// The model; `nil` once it was unloaded.
    var model: LlamaModel? { state.withLock { $0.model } }

    /// Lets go of the model, and asks those who use it to do the same.
    func withdraw() {
        let callbacks = state.withLock { state in
            defer { (state.model, state.onWithdrawal) = (nil, [:]) }
            return state.onWithdrawal.values.map(\.self)
        }
        for callback in callbacks { callback() }
    }

    /// Sees to it that `callback` is called, from any thread, when the model is unloaded; at once if it was.
    ///
    /// - Parameters:
    ///   - user: who wants to know; a second callback replaces the first.
    ///   - callback: what to call.
    func onWithdrawal(for user: AnyObject, _ callback: @escaping @Sendable () -> Void) {
        let isLate = state.withLock { state in
            guard state.model != nil else { return true }
            state.onWithdrawal[ObjectIdentifier(user)] = callback
            return false
        }
        if isLate { callback() }
    }

    /// Takes `onWithdrawal(for:_:)` back.
    func forget(_ user: AnyObject) {
        _ = state.withLock { $0.onWithdrawal.removeValue(forKey: ObjectIdentifier(user)) }
    }

    /// Refuses a pair of models of which one cannot guess for the other.
    ///
    /// - Parameters:
    ///   - target: the model that predicts.
    ///   - targetKey: its key.
    /// - Throws: `.invalidArgument` naming both and what keeps them apart.
    func check(for target: LlamaModel, key targetKey: String) throws(LMStudioError) {
        guard let model else { return }
        for (name, model) in [(targetKey, target), (key, model)] where model.isRecurrent {
            throw Self.refusal(
                key,
                targetKey,
                "\(name.quoted) cannot take back a token that was guessed wrong"
            )
        }
        guard cllama_model_shares_vocabulary(target.pointer, model.pointer) else {
            throw Self.refusal(key, targetKey, "their vocabularies differ")
        }
    }

    /// The error of a pair that does not fit.
    static func refusal(_ draft: String, _ target: String, _ why: String) -> LMStudioError {
        LMStudioError(
            .invalidArgument,
            "the draftModel \(draft.quoted) cannot guess for \(target.quoted): \(why); "
                + "name a smaller model of the same family, or leave it out"
        )
    }
}
