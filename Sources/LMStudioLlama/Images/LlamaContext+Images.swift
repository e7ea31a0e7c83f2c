import CLlama
import LMStudioCore

extension LlamaContext {
    /// Has a sequence read an image; unless that is done, part of it may have been read.
    ///
    /// It takes as long as the image takes to compute; making its vectors is not interrupted, reading them is.
    ///
    /// - Parameters:
    ///   - image: one of the prompt's.
    ///   - prompt: what the image belongs to.
    ///   - position: where in the sequence it begins.
    ///   - sequence: who reads it.
    /// - Returns: what came of it.
    func read(
        _ image: PromptImages.Image,
        of prompt: PromptImages,
        at position: Int,
        sequence: Int
    ) -> Outcome {
        guard image.isCausal || image.extent.count <= microBatchSize else {
            return .failed(
                LMStudioError(
                    .engine,
                    "the model reads the \(image.extent.count) vectors of an image in one go, but was loaded "
                        + "for \(microBatchSize); load it with evalBatchSize and physicalBatchSize of at least "
                        + "\(image.extent.count)"
                )
            )
        }
        return Self.outcome(
            cllama_image_decode(
                pointer,
                prompt.vision.pointer,
                prompt.chunks,
                image.chunk,
                Int32(position),
                Int32(sequence)
            )
        )
    }

    /// How many positions less than tokens a beginning of a sequence takes.
    func lag(of tokens: ArraySlice<Int32>) -> Int { vision?.lag(of: tokens) ?? 0 }
}
