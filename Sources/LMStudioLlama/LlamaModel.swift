import CLlama
import LMStudioCore
import Synchronization

/// A model's weights and vocabulary, in memory as long as this lives.
///
/// `@unchecked Sendable`: after loading, llama.cpp only reads the model, and says that tokenization
/// is thread-safe (llama.h); nothing here changes it.
final class LlamaModel: @unchecked Sendable {
    let pointer: OpaquePointer
    let gpuLayers: Int
    /// The chat template that it was loaded with, in place of its own; `nil`: none.
    private let promptTemplate: String?
    /// The chat template, once somebody needed it.
    private let template = Mutex<Result<LlamaTemplate, LMStudioError>?>(nil)
    /// The one for chats with tools.
    private let toolTemplate = Mutex<Result<LlamaTemplate, LMStudioError>?>(nil)

    /// The texts of its tokens, once a form of an answer needed them.
    let tokenTexts = ModelTokenTexts()

    /// Loads a model.
    ///
    /// - Parameters:
    ///   - path: its file, or the first of its files.
    ///   - layout: what of it goes where; of its layers `config.gpuRatio` is a share.
    ///   - config: whether it is mapped, locked, and how much of it goes to the GPUs; its template.
    ///   - isEmpty: whether no memory is given to it, so that it can only tell what it would take.
    ///   - progress: receives the share done, 0…1; answers whether to go on.
    /// - Throws: `.cancelled` if `progress` said so, otherwise `.engine` with llama.cpp's reason.
    init(
        path: String,
        layout: ModelLayout,
        config: LoadConfig,
        isEmpty: Bool = false,
        progress: @escaping (Double) -> Bool
    ) throws(LMStudioError) {
        let hasGPU = cllama_supports_gpu_offload() && layout.gpus.gpus != []
        let ratio = hasGPU ? config.gpuRatio ?? 1 : 0
        gpuLayers = Int((ratio * Double(layout.layers)).rounded())
        promptTemplate = config.promptTemplate
        // With all layers on the GPU goes the output layer too, which llama.cpp counts as one more.
        let offloaded = ratio == 1 ? -1 : Int32(clamping: gpuLayers)
        let observer = Observer(progress)
        let loaded: (pointer: OpaquePointer?, reason: String) = withExtendedLifetime(observer) {
            layout.withOptions { options in
                path.withCString { path in
                    var options = options
                    options.path = path
                    options.gpu_layers = offloaded
                    options.use_mmap = config.tryMmap ?? true
                    options.use_mlock = config.keepModelInMemory ?? false
                    options.use_direct_io = config.tryDirectIO ?? false
                    options.is_empty = isEmpty
                    options.progress = { done, data in
                        guard let data else { return true }
                        return Unmanaged<Observer>.fromOpaque(data).takeUnretainedValue().report(
                            Double(done)
                        )
                    }
                    options.progress_data = Unmanaged.passUnretained(observer).toOpaque()
                    return LlamaReason.collect { cllama_model_load(&options, $0, $1) }
                }
            }
        }
        guard let pointer = loaded.pointer else {
            if observer.isStopped {
                throw LMStudioError(.cancelled, "loading \(path) was cancelled")
            }
            throw LMStudioError(
                .engine,
                "llama.cpp cannot load \(path): \(loaded.reason.isEmpty ? "no reason given" : loaded.reason)"
            )
        }
        self.pointer = pointer
    }

    deinit {
        cllama_model_free(pointer)
    }

    /// Whether a sequence cannot be taken back to an earlier token.
    var isRecurrent: Bool { cllama_model_is_recurrent(pointer) }
    /// Tokens that the layers with the smallest view look back at; 0: all see everything.
    var window: Int { Int(cllama_model_window(pointer)) }

    /// The tokens of a text: with the model's leading token, exactly once.
    ///
    /// - Parameters:
    ///   - text: any.
    ///   - isWhole: whether the token that ends a text may end this one; a prompt goes on.
    /// - Returns: its tokens, in text order.
    /// - Throws: `.engine`.
    func tokenize(_ text: String, isWhole: Bool = false) throws(LMStudioError) -> [Int32] {
        guard var tokens = split(text, addsMarks: true) else {
            throw LMStudioError(
                .engine,
                "the model's tokenizer refused a text of \(text.utf8.count) bytes"
            )
        }
        let bos = cllama_model_bos(pointer)
        if tokens.count > 1, tokens[0] == bos, tokens[1] == bos { tokens.removeFirst() }
        if !isWhole, cllama_model_adds_eos(pointer), tokens.count > 1,
            tokens.last == cllama_model_eos(pointer)
        {
            tokens.removeLast()
        }
        return tokens
    }

    /// What makes prompts of chats unless a request has a template of its own; parsed once.
    ///
    /// - Parameter tools: whether the chat comes with tools, for which some models have another one.
    /// - Returns: the template.
    /// - Throws: `.invalidArgument` if it is faulty, naming its line.
    func chatTemplate(for tools: Bool = false) throws(LMStudioError) -> LlamaTemplate {
        try
            (tools
            ? toolTemplate.withLock { parse(&$0, for: true) }
            : template.withLock { parse(&$0, for: false) }).get()
    }

    private func parse(
        _ parsed: inout Result<LlamaTemplate, LMStudioError>?,
        for tools: Bool
    ) -> Result<LlamaTemplate, LMStudioError> {
        if let parsed { return parsed }
        let made = Result { () throws(LMStudioError) in
            if let promptTemplate { return try LlamaTemplate(promptTemplate, for: self) }
            return try LlamaTemplate(of: self, for: tools)
        }
        parsed = made
        return made
    }

    /// The tokens of a piece of text, without any that the model puts around texts.
    func tokens(of text: String) -> [Int32] {
        split(text, addsMarks: false) ?? []
    }

    /// The tokens of a text; `nil` if the tokenizer refuses it.
    private func split(_ text: String, addsMarks: Bool) -> [Int32]? {
        var text = text
        return text.withUTF8 { bytes in
            guard bytes.count <= Int32.max - 64 else { return nil }
            return bytes.withMemoryRebound(to: CChar.self) { characters in
                // Most text is three or more bytes a token; the second try knows the exact number.
                var capacity = Int32(bytes.count / 3 + 16)
                while true {
                    var count: Int32 = 0
                    let tokens = [Int32](unsafeUninitializedCapacity: Int(capacity)) {
                        buffer,
                        filled in
                        count = cllama_tokenize(
                            pointer,
                            characters.baseAddress,
                            Int32(characters.count),
                            addsMarks,
                            buffer.baseAddress,
                            capacity
                        )
                        filled = count < 0 ? 0 : Int(min(count, capacity))
                    }
                    if count < 0 { return nil }
                    if count <= capacity { return tokens }
                    capacity = count
                }
            }
        }
    }

    /// The token that a text is, if it is one and no more.
    func token(of text: String) -> Int32? {
        var text = text
        return text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { characters in
                var token: Int32 = 0
                let count = cllama_tokenize(
                    pointer,
                    characters.baseAddress,
                    Int32(clamping: characters.count),
                    false,
                    &token,
                    1
                )
                return count == 1 ? token : nil
            }
        }
    }

    private final class Observer {
        private let progress: (Double) -> Bool
        private(set) var isStopped = false

        init(_ progress: @escaping (Double) -> Bool) {
            self.progress = progress
        }

        func report(_ done: Double) -> Bool {
            isStopped = isStopped || !progress(done)
            return !isStopped
        }
    }
}

/// Gives a bridge call room for the reason of its failure.
enum LlamaReason {
    static func collect(
        _ call: (UnsafeMutablePointer<CChar>?, Int) -> OpaquePointer?
    ) -> (OpaquePointer?, String) {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 2048) { buffer in
            buffer.initialize(repeating: 0)
            let made = call(buffer.baseAddress, buffer.count)
            guard made == nil, let text = buffer.baseAddress else { return (made, "") }
            return (nil, String(cString: text))
        }
    }
}
