import CLlama
import LMStudioCore

/// The working memory of a draft model beside that of the model it guesses for.
///
/// It belongs to the same thread, computes with the same threads and stops when the other is interrupted.
/// Its sequences have the numbers of the other's, and hold what they last read; what is not a beginning of
/// the text any more is forgotten when the next guess is made.
final class DraftContext {
    /// The model that guesses.
    let model: DraftModel
    private let context: LlamaContext
    /// What each sequence's cells hold.
    private var held: [[Int32]]

    /// Makes room for as many tokens as the other model has.
    ///
    /// - Throws: `.engine` with llama.cpp's reason.
    init(
        _ model: DraftModel,
        _ weights: LlamaModel,
        beside target: LlamaContext
    ) throws(LMStudioError) {
        self.model = model
        context = try LlamaContext(guessing: weights, beside: target)
        held = [[Int32]](repeating: [], count: target.sequenceCount)
    }

    /// How a guess is made.
    struct Limits {
        /// Most tokens.
        var most: Int
        /// It ends before a token less probable than this, 0…1.
        var leastProbability: Double
    }

    /// Guesses the tokens after a text.
    ///
    /// What it has not read of the text comes first, at most a micro-batch at a time, so that nobody waits
    /// longer for it than for a prompt.
    ///
    /// - Parameters:
    ///   - tokens: the text, not empty.
    ///   - sequence: the number of the sequence it belongs to.
    ///   - limits: how many, and how sure.
    /// - Returns: tokens; none while it still reads, or was interrupted.
    func guess(after tokens: [Int32], sequence: Int, _ limits: Limits) -> [Int32] {
        takeBack(to: tokens, sequence)
        let unread = tokens[held[sequence].count...].prefix(context.microBatchSize)
        var index = read(unread, sequence)
        guard held[sequence].count == tokens.count else { return [] }
        var guesses: [Int32] = []
        while let place = index, guesses.count < limits.most {
            let guess = context.likeliest(at: place)
            guard guess.token >= 0, guess.probability >= limits.leastProbability,
                !cllama_model_is_end_of_generation(context.model.pointer, guess.token)
            else { break }
            guesses.append(guess.token)
            index = guesses.count < limits.most ? read([guess.token], sequence) : nil
        }
        return guesses
    }

    /// Forgets what is not a beginning of the text, and its last token, which is read for its logits.
    private func takeBack(to tokens: [Int32], _ sequence: Int) {
        let limit = min(held[sequence].count, tokens.count - 1)
        var known = 0
        while known < limit, held[sequence][known] == tokens[known] { known += 1 }
        guard known < held[sequence].count else { return }
        forget(sequence, from: known)
    }

    private func forget(_ sequence: Int, from position: Int) {
        let isThere = context.truncate(sequence, from: position)
        held[sequence].removeSubrange((isThere ? min(position, held[sequence].count) : 0)...)
    }

    /// Reads tokens.
    ///
    /// - Returns: where the logits of the last one are; `nil` if that could not be.
    private func read(_ tokens: ArraySlice<Int32>, _ sequence: Int) -> Int32? {
        let position = held[sequence].count
        context.clearBatch()
        let index = context.addToBatch(tokens, at: position, sequence: sequence, logitsCount: 1)
        let outcome = context.decode()
        if case .done = outcome {
            held[sequence] += tokens
            return index
        }
        forget(sequence, from: position)
        // What other sequences have read makes room; they read it again.
        if case .full = outcome {
            for other in held.indices where other != sequence { forget(other, from: 0) }
        }
        return nil
    }
}

extension LlamaContext {
    /// The likeliest token after what was decoded, −1 if there is none, and its probability, 0…1.
    fileprivate func likeliest(at index: Int32) -> (token: Int32, probability: Double) {
        var probability: Float = 0
        let token = cllama_likeliest(pointer, index, &probability)
        return (token, Double(probability))
    }
}
