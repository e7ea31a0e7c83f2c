import CLlama
import LMStudioCore

/// A model's working memory: KV cache, threads and the batch that is decoded next.
///
/// `@unchecked Sendable`: it belongs to its scheduler's thread; only `interrupt()` is called from
/// others, and that is one atomic store.
final class LlamaContext: @unchecked Sendable {
    let model: LlamaModel
    /// Reads images for it; `nil`: nobody does.
    let vision: LlamaVision?
    /// Tokens that one sequence may have, as asked for (llama.cpp may have rounded it up).
    let length: Int
    /// Sequences that run at once, at most a micro-batch's tokens.
    let sequenceCount: Int
    /// Whether the sequences share the cells; else each has its part of them.
    let isUnified: Bool
    /// Tokens that it holds in all.
    let cellCount: Int
    /// Tokens that llama.cpp may be given at once.
    let batchSize: Int
    /// Tokens of one decode.
    let microBatchSize: Int
    /// Checkpoints that a sequence may have; 0 where its model can take back tokens without them.
    let checkpointLimit: Int
    let pointer: OpaquePointer
    /// Threads of predictions that name no number.
    private let threads: Int
    /// The most that others get.
    private let threadLimit: Int
    /// The context whose threads this one uses.
    private let neighbour: LlamaContext?
    /// What the grammars of its predictions have in common.
    let answers = AnswerGrammars()
    private var pieceCapacity = 64

    /// What a decode came to.
    enum Outcome {
        case done, interrupted
        /// The cells do not hold the batch; nothing was done.
        case full
        case failed(LMStudioError)
    }

    /// Sequences where the load names no number; LM Studio's default.
    private static let defaultSequenceCount = 4
    /// Tokens of a divided context that a prediction can do something with.
    private static let leastPart = 16
    /// Less than LM Studio's 32: a large model's take hundreds of megabytes each.
    private static let defaultCheckpointLimit = 8

    init(
        model: LlamaModel,
        vision: LlamaVision? = nil,
        length: Int,
        config: LoadConfig
    ) throws(LMStudioError) {
        self.model = model
        self.vision = vision
        let batchSize = min(config.evalBatchSize ?? 2048, length)
        self.batchSize = batchSize
        microBatchSize = min(config.physicalBatchSize ?? 512, batchSize)
        let keyType = (config.keyCacheType ?? .f16).rawValue
        let valueType = (config.valueCacheType ?? .f16).rawValue
        let microBatchSize = microBatchSize
        let isUnified = config.useUnifiedKVCache ?? true
        self.isUnified = isUnified
        let wanted = config.maxParallelPredictions ?? Self.defaultSequenceCount
        // Each running sequence has a token in each micro-batch, and one of its own in its part.
        let sequences = min(wanted, Int(cllama_max_sequences()), microBatchSize, length)
        sequenceCount = sequences
        self.length = isUnified ? length : length / sequences
        guard isUnified || sequences == 1 || length / sequences >= Self.leastPart else {
            throw LMStudioError(
                .invalidArgument,
                "useUnifiedKvCache false divides a contextLength of \(length) among \(sequences) predictions, "
                    + "\(length / sequences) tokens each; give at least \(Self.leastPart * sequences), a smaller "
                    + "maxParallelPredictions, or useUnifiedKvCache true"
            )
        }
        neighbour = nil
        let needsCheckpoints = model.isRecurrent || model.window > 0
        checkpointLimit =
            needsCheckpoints ? config.contextCheckpoints ?? Self.defaultCheckpointLimit : 0
        let threads = ThreadCount.given(config.cpuThreadPoolSize)
        self.threads = threads
        threadLimit = ThreadCount.limit(config.cpuThreadPoolSize)
        let (made, reason) = keyType.withCString { keyType in
            valueType.withCString { valueType in
                var options = cllama_context_options()
                options.context_length = UInt32(length)
                options.batch_size = UInt32(batchSize)
                options.micro_batch_size = UInt32(microBatchSize)
                options.sequences = UInt32(sequences)
                options.threads = Int32(threads)
                options.flash_attention = config.flashAttention.map { $0 ? 1 : 0 } ?? -1
                options.k_cache_type = keyType
                options.v_cache_type = valueType
                options.rope_frequency_base = Float(config.ropeFrequencyBase ?? 0)
                options.rope_frequency_scale = Float(config.ropeFrequencyScale ?? 0)
                options.offload_kv_cache = config.offloadKVCacheToGPU ?? true
                options.unified_kv_cache = isUnified
                return LlamaReason.collect {
                    cllama_context_create(model.pointer, &options, $0, $1)
                }
            }
        }
        pointer = try Self.made((made, reason), length: length)
        cellCount = Int(cllama_context_length(pointer))
    }

    /// Makes the memory of a model that guesses for another one's predictions: as large, and on its thread.
    ///
    /// - Throws: `.engine` with llama.cpp's reason.
    init(guessing model: LlamaModel, beside other: LlamaContext) throws(LMStudioError) {
        self.model = model
        (vision, neighbour) = (nil, other)
        (length, cellCount, isUnified) = (other.length, other.cellCount, true)
        (sequenceCount, microBatchSize) = (other.sequenceCount, other.microBatchSize)
        batchSize = other.microBatchSize
        checkpointLimit = 0
        (threads, threadLimit) = (other.threads, other.threadLimit)
        var options = cllama_context_options()
        options.context_length = UInt32(other.cellCount)
        options.batch_size = UInt32(other.microBatchSize)
        options.micro_batch_size = UInt32(other.microBatchSize)
        options.sequences = UInt32(other.sequenceCount)
        options.threads = Int32(threads)
        options.flash_attention = -1
        options.offload_kv_cache = true
        options.unified_kv_cache = true
        options.beside = other.pointer
        let made = LlamaReason.collect { cllama_context_create(model.pointer, &options, $0, $1) }
        pointer = try Self.made(made, length: other.cellCount)
    }

    /// A context that was made.
    ///
    /// - Throws: `.engine` with llama.cpp's reason, if it was not.
    static func made(
        _ made: (pointer: OpaquePointer?, reason: String),
        length: Int
    ) throws(LMStudioError) -> OpaquePointer {
        guard let pointer = made.pointer else {
            throw LMStudioError(
                .engine,
                "llama.cpp cannot make a context of \(length) tokens: \(made.reason.isEmpty ? "no reason given" : made.reason); "
                    + "a smaller contextLength takes less memory"
            )
        }
        return pointer
    }

    deinit {
        cllama_context_free(pointer)
    }

    /// Makes a running decode, or the next one, stop early; from any thread.
    func interrupt() {
        cllama_context_abort(pointer, true)
    }

    /// Makes a running decode stop early for one of its sequences, unless that costs the others more than
    /// the rest of it: what cannot be taken back is read again from its beginning.
    func interruptForOne() {
        if !model.isRecurrent { interrupt() }
    }

    /// Takes `interrupt()` back.
    func allow() {
        cllama_context_abort(pointer, false)
    }

    /// Computes with so many threads from now on, as far as there are; `nil`: with those of the load.
    func useThreads(_ count: Int?) {
        cllama_context_set_threads(pointer, Int32(count.map { min($0, threadLimit) } ?? threads))
    }

    /// Forgets a sequence from a position on.
    ///
    /// - Returns: `false` if it cannot go on from there; it is then empty.
    @discardableResult
    func truncate(_ sequence: Int, from position: Int) -> Bool {
        cllama_sequence_truncate(pointer, Int32(sequence), Int32(position))
    }

    /// Lets a sequence begin with the first tokens of another one.
    ///
    /// - Returns: `false` if it cannot go on from there; it is then empty.
    func copy(_ source: Int, to target: Int, upTo position: Int) -> Bool {
        cllama_sequence_copy(pointer, Int32(source), Int32(target), Int32(position))
    }

    /// Forgets tokens from a position on and moves the later ones up; they must belong to it alone.
    ///
    /// - Returns: `false` if the model's memory cannot do that; nothing has changed then.
    func shift(_ sequence: Int, from position: Int, by count: Int) -> Bool {
        cllama_sequence_shift(pointer, Int32(sequence), Int32(position), Int32(count))
    }

    /// The error of a sequence that does not fit though it is alone.
    func isTooSmall(for tokenCount: Int) -> LMStudioError {
        LMStudioError(
            .engine,
            "the KV cache has no room for \(tokenCount) tokens of a contextLength of \(length); "
                + "load the model with a larger contextLength"
        )
    }

    func clearBatch() {
        cllama_batch_clear(pointer)
    }

    /// Adds consecutive tokens of a sequence, of which the last ones have logits that can be sampled.
    ///
    /// - Returns: the index of the last one.
    func addToBatch(
        _ tokens: ArraySlice<Int32>,
        at position: Int,
        sequence: Int,
        logitsCount: Int
    ) -> Int32 {
        tokens.withUnsafeBufferPointer { tokens in
            cllama_batch_add(
                pointer,
                tokens.baseAddress,
                Int32(tokens.count),
                Int32(position),
                Int32(sequence),
                Int32(logitsCount)
            )
        }
    }

    func decode() -> Outcome { Self.decode(pointer) }

    /// Decodes a context's batch.
    static func decode(_ pointer: OpaquePointer) -> Outcome { outcome(cllama_decode(pointer)) }

    /// What the bridge's number for a decode means.
    static func outcome(_ status: Int32) -> Outcome {
        switch status {
        case 0: .done
        case 2: .interrupted
        case 1: .full
        case let status:
            .failed(
                LMStudioError(
                    .engine,
                    "llama.cpp failed to compute (llama_decode returned \(status))"
                )
            )
        }
    }

    /// Hands a token's bytes to `body`; those of control tokens only if they are asked for.
    func withBytes<Value>(
        of token: Int32,
        showsControl: Bool = false,
        _ body: (UnsafeRawBufferPointer) -> Value
    ) -> Value {
        while true {
            let capacity = pieceCapacity
            let value: Value? = withUnsafeTemporaryAllocation(of: CChar.self, capacity: capacity) {
                buffer in
                let count = Int(
                    cllama_token_bytes(
                        model.pointer,
                        token,
                        showsControl,
                        buffer.baseAddress,
                        Int32(capacity)
                    )
                )
                guard count >= 0 else {
                    // INT32_MIN stands for a token that has no text at all.
                    if count == Int(Int32.min) {
                        return body(UnsafeRawBufferPointer(start: nil, count: 0))
                    }
                    pieceCapacity = -count
                    return nil
                }
                return body(UnsafeRawBufferPointer(start: buffer.baseAddress, count: count))
            }
            if let value { return value }
        }
    }
}
