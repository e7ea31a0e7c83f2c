import LMStudioCore

extension GGUFFile {
    /// Refuses weights of types that llama.cpp can store but not compute with, over which it would
    /// end the process.
    ///
    /// Only to be called for architectures that are known to have nothing but ordinary weights.
    ///
    /// - Throws: `.engine` naming the tensor.
    func validateWeights() throws(LMStudioError) {
        for tensor in tensors {
            let isVector = tensor.name.hasSuffix("_norm.weight") || tensor.name.hasSuffix(".bias")
            guard isVector ? tensor.type == 0 : !Self.uncomputable.contains(tensor.type) else {
                throw failure(
                    "tensor \(tensor.name.quoted) has type \(tensor.type), with which nothing can be computed; "
                        + "the file is damaged or badly converted"
                )
            }
        }
    }

    // ggml's q8_1, q8_K, i8, i16, i32, i64, f64.
    private static let uncomputable: Set<UInt32> = [9, 15, 24, 25, 26, 27, 28]
}
