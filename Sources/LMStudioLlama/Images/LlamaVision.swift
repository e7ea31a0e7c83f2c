import CLlama
import LMStudioCore
import Synchronization

/// What makes vectors of images, which a model reads in place of tokens: its `mmproj` file.
///
/// `@unchecked Sendable`: preparing images and prompts is thread-safe (mtmd.h), and only the thread
/// of the model's context has images computed.
final class LlamaVision: @unchecked Sendable {
    let pointer: OpaquePointer
    /// Whether an image takes fewer positions than tokens.
    let packsPositions: Bool
    /// The model, which must not go before this.
    private let model: LlamaModel
    private let registry = Mutex(Registry())

    /// The images that were seen, by number.
    private struct Registry {
        var numbers: [String: Int32] = [:]
        /// Tokens and positions of each; those of number −1 are at 0.
        var extents: [Extent] = []
    }

    /// What an image takes.
    struct Extent: Hashable {
        /// Vectors, each in a token's place.
        let count: Int
        /// Positions in the sequence.
        let positions: Int
    }

    /// Loads an `mmproj` file.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - model: the model it was made for.
    /// - Returns: `nil` for one that takes no images.
    /// - Throws: `.engine` if the file is damaged, or with llama.cpp's reason.
    static func load(_ path: String, for model: LlamaModel) throws(LMStudioError) -> LlamaVision? {
        // llama.cpp takes what lies behind the end of a file for zeros.
        let file = try GGUFFile(path: path)
        try file.validateTensors()
        try file.validateVision()
        let (made, reason) = LlamaReason.collect { error, capacity in
            cllama_vision_load(model.pointer, path, Int32(ThreadCount.usual), error, capacity)
        }
        guard let made else {
            throw LMStudioError(
                .engine,
                "llama.cpp cannot load \(path), which lets the model see images: "
                    + "\(reason.isEmpty ? "no reason given" : reason); "
                    + "without that file the model is loaded without images"
            )
        }
        guard cllama_vision_takes_images(made) else {
            cllama_vision_free(made)
            return nil
        }
        return LlamaVision(made, model)
    }

    private init(_ pointer: OpaquePointer, _ model: LlamaModel) {
        self.pointer = pointer
        self.model = model
        packsPositions = cllama_vision_packs_positions(pointer)
    }

    deinit {
        cllama_vision_free(pointer)
    }

    /// The number < 0 that stands for an image among tokens; the same one each time it is seen.
    func number(of image: String, _ extent: Extent) -> Int32 {
        registry.withLock { registry in
            let key = "\(image)/\(extent.count)"
            if let number = registry.numbers[key] { return number }
            registry.extents.append(extent)
            let number = -Int32(registry.extents.count)
            registry.numbers[key] = number
            return number
        }
    }

    /// How many positions less than tokens a beginning of a sequence takes; it ends with no part of an image.
    func lag(of tokens: ArraySlice<Int32>) -> Int {
        guard packsPositions else { return 0 }
        return registry.withLock { registry in
            var lag = 0
            var index = tokens.startIndex
            while index < tokens.endIndex {
                guard tokens[index] < 0 else {
                    index += 1
                    continue
                }
                let extent = registry.extents[-Int(tokens[index]) - 1]
                lag += extent.count - extent.positions
                index += extent.count
            }
            return lag
        }
    }
}
