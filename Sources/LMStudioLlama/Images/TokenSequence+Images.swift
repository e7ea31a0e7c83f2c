import LMStudioCore

extension TokenSequence {
    /// The image that it has to read next; `nil` if that is text.
    var image: PromptImages.Image? { images?[position] }

    /// Reads an image, or takes its slot's cells back to what they were.
    func read(_ image: PromptImages.Image, in context: LlamaContext) -> LlamaContext.Outcome {
        guard let images else { return .done }
        let outcome = context.read(image, of: images, at: place, sequence: slot)
        if case .done = outcome {
            pass(image.extent)
        } else {
            rewind(in: context)
        }
        return outcome
    }
}
