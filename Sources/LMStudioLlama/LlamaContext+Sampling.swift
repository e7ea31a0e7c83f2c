import CLlama
import LMStudioCore

// What comes of the numbers that a decode leaves.
extension LlamaContext {
    /// Draws the next token.
    ///
    /// - Parameters:
    ///   - sampler: what draws it.
    ///   - index: where in the batch its logits are.
    ///   - instead: the token that comes in place of the drawn one; `nil`: that one.
    /// - Returns: the token.
    /// - Throws: `.engine` if the model computed no usable number; `.invalidArgument` or `.engine` if
    ///   the form of the answer leaves no way to go on.
    func sample(
        _ sampler: LlamaSampler,
        at index: Int32,
        instead: (_ drawn: Int32) -> Int32? = { _ in nil }
    ) throws(LMStudioError) -> Int32 {
        var token = cllama_sampler_draw(sampler.pointer, pointer, index)
        guard token >= 0 else {
            throw LMStudioError(
                .engine,
                "the model computed no usable number; its file may be damaged, or logitBias leaves no token"
            )
        }
        token = instead(token) ?? token
        if let answer = sampler.answer {
            // Most tokens fit; only where one does not is the vocabulary looked through.
            if try !answer.allows(token) {
                token = try answer.mask().withUnsafeBufferPointer { mask in
                    cllama_sampler_redraw(sampler.pointer, pointer, index, mask.baseAddress)
                }
                guard token >= 0 else { throw AnswerGrammar.noToken }
            }
            try answer.accept(token)
        }
        cllama_sampler_accept(sampler.pointer, token)
        return token
    }

    /// What the model thought of the token that was drawn last.
    ///
    /// - Parameters:
    ///   - token: the token.
    ///   - count: how many others to tell of.
    ///   - sampler: what drew it; it keeps logits.
    /// - Returns: the token with its probability, and the likeliest ones at its place.
    func describe(_ token: Int32, candidates count: Int, by sampler: LlamaSampler) -> PredictedToken
    {
        let logProbs = [cllama_log_prob](unsafeUninitializedCapacity: count + 1) { buffer, filled in
            let pointer = buffer.baseAddress
            filled = Int(cllama_sampler_log_probs(sampler.pointer, token, Int32(count), pointer))
        }
        return PredictedToken(
            id: token,
            text: text(of: token),
            logProb: logProbs.first.map { Double($0.value) } ?? -.infinity,
            candidates: logProbs.dropFirst().map { candidate in
                PredictedToken.Candidate(
                    id: candidate.token,
                    text: text(of: candidate.token),
                    logProb: Double(candidate.value)
                )
            }
        )
    }

    private func text(of token: Int32) -> String {
        withBytes(of: token) { String(decoding: $0, as: UTF8.self) }
    }
}
