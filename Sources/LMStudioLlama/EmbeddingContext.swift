import CLlama
import LMStudioCore

/// An embedding model's working memory, and the batch of texts that is computed next.
///
/// `@unchecked Sendable`: it belongs to its scheduler's thread; only `interrupt()` is called from
/// others, and that is one atomic store.
final class EmbeddingContext: @unchecked Sendable {
    /// Numbers a vector has.
    private let width: Int
    /// Tokens that texts together may have; a longer one has a batch to itself.
    let sharedTokens: Int
    let pointer: OpaquePointer
    /// The model, which must not go before this.
    private let model: LlamaModel
    /// Texts that a batch may have.
    private let maximumTexts: Int
    private var textCount = 0

    /// Enough to fill a batch with short texts; llama.cpp counts no further than 256.
    private static let usualTexts = 64
    /// Many short texts in one long batch are slow: each token is held against all others of it.
    private static let defaultSharedTokens = 512

    /// Makes a context.
    ///
    /// - Parameters:
    ///   - model: an embedding model.
    ///   - length: most tokens of a text.
    ///   - pooling: how a text is summed up.
    ///   - config: how it was loaded.
    /// - Throws: `.engine` if memory is short.
    init(
        model: LlamaModel,
        length: Int,
        pooling: TextPooling,
        config: LoadConfig
    ) throws(LMStudioError) {
        self.model = model
        width = Int(cllama_model_embedding_length(model.pointer))
        sharedTokens = min(config.evalBatchSize ?? Self.defaultSharedTokens, length)
        maximumTexts = min(Self.usualTexts, length)
        var options = cllama_context_options()
        options.context_length = UInt32(length)
        options.batch_size = UInt32(length)
        options.micro_batch_size = UInt32(pooling.readsPieces ? sharedTokens : length)
        options.sequences = UInt32(maximumTexts)
        options.threads = Int32(ThreadCount.given(config.cpuThreadPoolSize))
        options.flash_attention = config.flashAttention.map { $0 ? 1 : 0 } ?? -1
        options.rope_frequency_base = Float(config.ropeFrequencyBase ?? 0)
        options.rope_frequency_scale = Float(config.ropeFrequencyScale ?? 0)
        options.offload_kv_cache = config.offloadKVCacheToGPU ?? true
        options.unified_kv_cache = true
        options.embeddings = true
        options.pooling_type = pooling.type
        let made = LlamaReason.collect { cllama_context_create(model.pointer, &options, $0, $1) }
        pointer = try LlamaContext.made(made, length: length)
    }

    deinit {
        cllama_context_free(pointer)
    }

    /// Makes a running computation, or the next one, stop early; from any thread.
    func interrupt() {
        cllama_context_abort(pointer, true)
    }

    /// Takes `interrupt()` back.
    func allow() {
        cllama_context_abort(pointer, false)
    }

    /// Begins another batch.
    func clear() {
        cllama_batch_clear(pointer)
        cllama_context_forget(pointer)
        textCount = 0
    }

    /// Adds a text to the batch; answers whether there was room for it.
    func add(_ tokens: [Int32]) -> Bool {
        let taken = Int(cllama_batch_count(pointer))
        guard textCount == 0 || taken + tokens.count <= sharedTokens,
            textCount < maximumTexts,
            cllama_batch_add_text(pointer, tokens, Int32(tokens.count), Int32(textCount))
        else { return false }
        textCount += 1
        return true
    }

    /// Computes the batch.
    func compute() -> LlamaContext.Outcome {
        LlamaContext.decode(pointer)
    }

    /// The vector of a text of the batch, by its place in it, made to length 1.
    ///
    /// - Throws: `.engine` if the model computed no usable numbers.
    func vector(of text: Int) throws(LMStudioError) -> [Float] {
        let start = cllama_embedding(pointer, Int32(text))
        let pooled = UnsafeBufferPointer(start: start, count: start == nil ? 0 : width)
        let length = pooled.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
        guard start != nil, length.isFinite else {
            throw LMStudioError(
                .engine,
                "the model computed no usable vector of a text; its file may be damaged"
            )
        }
        // A vector of zeros has no direction, and stays.
        return length > 0 ? pooled.map { Float(Double($0) / length) } : Array(pooled)
    }
}
