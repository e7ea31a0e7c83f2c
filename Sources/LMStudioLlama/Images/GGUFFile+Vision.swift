import LMStudioCore

extension GGUFFile {
    /// Refuses a vision transformer without a part that llama.cpp's clip.cpp takes for optional while it
    /// loads, as others need it not, and for given when it computes.
    ///
    /// - Throws: `.engine` naming the tensor that is not there.
    func validateVision() throws(LMStudioError) {
        let names = Set(tensors.map(\.name))
        let end = ".attn_out.weight"
        let layers = names.filter { $0.hasPrefix("v.blk.") && $0.hasSuffix(end) }
            .map { $0.dropLast(end.count) }
        // What reads images into the layers is a network of its own in some.
        let hasEntry = names.contains { $0.hasPrefix("v.sam.") }
        if !layers.isEmpty, !hasEntry, !names.contains("v.patch_embd.weight") {
            throw lack("v.patch_embd.weight")
        }
        for layer in layers.sorted() where !names.contains("\(layer).attn_qkv.weight") {
            for part in ["q", "k", "v"] where !names.contains("\(layer).attn_\(part).weight") {
                throw lack("\(layer).attn_\(part).weight")
            }
        }
    }

    private func lack(_ tensor: String) -> LMStudioError {
        failure(
            "it lacks the tensor \(tensor.quoted); get the file again, or leave it out to load without images"
        )
    }
}
