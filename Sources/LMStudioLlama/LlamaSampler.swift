import CLlama
import LMStudioCore

/// The samplers of one prediction, which remember its last tokens.
final class LlamaSampler {
    let pointer: OpaquePointer
    /// What the answer may be; `nil`: anything.
    let answer: AnswerGrammar?

    /// The penalties look at the last 64 tokens, as llama.cpp's tools do unless told otherwise.
    private static let penaltyWindow: Int32 = 64

    /// Makes samplers.
    ///
    /// - Throws: `.invalidArgument` for a token that the model does not have, `.engine` without memory.
    init(
        model: LlamaModel,
        config: PredictionConfig,
        seed: UInt32,
        answer: AnswerGrammar?
    ) throws(LMStudioError) {
        self.answer = answer
        var options = cllama_sampler_options()
        options.temperature = Float(config.temperature)
        options.top_k = Int32(config.topK)
        options.top_p = Float(config.topP ?? 1)
        options.min_p = Float(config.minP ?? 0)
        options.repeat_penalty = Float(config.repeatPenalty ?? 1)
        options.presence_penalty = Float(config.presencePenalty ?? 0)
        options.frequency_penalty = Float(config.frequencyPenalty ?? 0)
        options.penalty_window = Self.penaltyWindow
        options.typical_p = Float(config.typicalP ?? 1)
        options.xtc_probability = Float(config.xtcProbability ?? 0)
        options.xtc_threshold = Float(config.xtcThreshold ?? 0.1)
        options.mirostat = Int32(config.mirostat?.version ?? 0)
        options.mirostat_rate = Float(config.mirostat?.learningRate ?? 0)
        options.mirostat_entropy = Float(config.mirostat?.targetEntropy ?? 0)
        options.keeps_logits = config.logProbs != nil
        // The greatest is llama.cpp's word for another one each time.
        options.seed = min(seed, .max - 1)
        let biases = try Self.biases(config.logitBias, in: model)
        let pointer = biases.tokens.withUnsafeBufferPointer { tokens in
            biases.values.withUnsafeBufferPointer { values in
                options.bias_tokens = tokens.baseAddress
                options.biases = values.baseAddress
                options.bias_count = Int32(tokens.count)
                return cllama_sampler_create(model.pointer, &options)
            }
        }
        guard let pointer else {
            throw LMStudioError(
                .engine,
                "llama.cpp has no memory for another prediction's samplers"
            )
        }
        self.pointer = pointer
    }

    deinit {
        cllama_sampler_free(pointer)
    }

    private static func biases(
        _ biases: [Int32: Double],
        in model: LlamaModel
    ) throws(LMStudioError) -> (tokens: [Int32], values: [Float]) {
        let tokens = biases.keys.sorted()
        let count = cllama_model_vocabulary_size(model.pointer)
        if let token = tokens.first(where: { $0 < 0 || $0 >= count }) {
            throw LMStudioError(
                .invalidArgument,
                "logitBias names token \(token), but the model's tokens are 0…\(count - 1)"
            )
        }
        return (tokens, tokens.map { Float(biases[$0] ?? 0) })
    }

    /// Tells the penalties of the prompt; numbers < 0 stand for images.
    func accept(prompt: [Int32]) {
        for token in prompt.suffix(Int(Self.penaltyWindow)) where token >= 0 {
            cllama_sampler_accept(pointer, token)
        }
    }
}
