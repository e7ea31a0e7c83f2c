import CLlama
import LMStudioCore

/// A model's weights and vocabulary, in memory as long as this lives.
///
/// `@unchecked Sendable`: after loading, llama.cpp only reads the model, and says that tokenization
/// is thread-safe (llama.h); nothing here changes it.
final class LlamaModel: @unchecked Sendable {
    let pointer: OpaquePointer
    let gpuLayers: Int

    /// Loads a model.
    ///
    /// - Parameters:
    ///   - path: its file, or the first of its files.
    ///   - layers: layers it has, of which `config.gpuRatio` is a share.
    ///   - config: whether it is mapped, locked, and how much of it goes to the GPU.
    ///   - progress: receives the share done, 0…1; answers whether to go on.
    /// - Throws: `.cancelled` if `progress` said so, otherwise `.engine` with llama.cpp's reason.
    init(
        path: String,
        layers: Int,
        config: LoadConfig,
        progress: @escaping (Double) -> Bool
    ) throws(LMStudioError) {
        let ratio = cllama_supports_gpu_offload() ? config.gpuRatio ?? 1 : 0
        gpuLayers = Int((ratio * Double(layers)).rounded())
        // With all layers on the GPU goes the output layer too, which llama.cpp counts as one more.
        let offloaded = ratio == 1 ? -1 : Int32(clamping: gpuLayers)
        let observer = Observer(progress)
        let loaded: (pointer: OpaquePointer?, reason: String) = withExtendedLifetime(observer) {
            path.withCString { path in
                var options = cllama_model_options()
                options.path = path
                options.gpu_layers = offloaded
                options.use_mmap = config.tryMmap ?? true
                options.use_mlock = config.keepModelInMemory ?? false
                options.use_direct_io = config.tryDirectIO ?? false
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

    /// The tokens of a prompt: with the model's leading token, exactly once, and none that ends it.
    func tokenize(_ text: String) throws(LMStudioError) -> [Int32] {
        var text = text
        let tokens: [Int32]? = text.withUTF8 { bytes in
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
                            true,
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
        guard var tokens else {
            throw LMStudioError(
                .engine,
                "the model's tokenizer refused a text of \(text.utf8.count) bytes"
            )
        }
        let bos = cllama_model_bos(pointer)
        if tokens.count > 1, tokens[0] == bos, tokens[1] == bos { tokens.removeFirst() }
        if cllama_model_adds_eos(pointer), tokens.count > 1,
            tokens.last == cllama_model_eos(pointer)
        {
            tokens.removeLast()
        }
        return tokens
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
