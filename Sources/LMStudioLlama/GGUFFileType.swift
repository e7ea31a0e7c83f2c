import LMStudioCore

/// How most weights of a file are stored: llama.cpp's `llama_ftype`.
struct GGUFFileType: Sendable, Hashable {
    /// The name: `Q4_K_M`.
    let name: String
    /// Bits a weight takes, rounded down, 1…32.
    let bits: Int

    /// The type of a number in `general.file_type`; `nil` for one that is not known.
    init?(number: Int) {
        guard let known = Self.names[number & ~Self.guessed] else { return nil }
        (name, bits) = known
    }

    var quantization: ModelInfo.Quantization { .init(name: name, bits: bits) }

    /// A flag: the number was derived from the tensors.
    private static let guessed = 1024

    private static let names: [Int: (String, Int)] = [
        0: ("F32", 32), 1: ("F16", 16), 2: ("Q4_0", 4), 3: ("Q4_1", 4), 7: ("Q8_0", 8),
        8: ("Q5_0", 5),
        9: ("Q5_1", 5), 10: ("Q2_K", 2), 11: ("Q3_K_S", 3), 12: ("Q3_K_M", 3), 13: ("Q3_K_L", 3),
        14: ("Q4_K_S", 4), 15: ("Q4_K_M", 4), 16: ("Q5_K_S", 5), 17: ("Q5_K_M", 5), 18: ("Q6_K", 6),
        19: ("IQ2_XXS", 2), 20: ("IQ2_XS", 2), 21: ("Q2_K_S", 2), 22: ("IQ3_XS", 3),
        23: ("IQ3_XXS", 3),
        24: ("IQ1_S", 1), 25: ("IQ4_NL", 4), 26: ("IQ3_S", 3), 27: ("IQ3_M", 3), 28: ("IQ2_S", 2),
        29: ("IQ2_M", 2), 30: ("IQ4_XS", 4), 31: ("IQ1_M", 1), 32: ("BF16", 16),
        33: ("Q4_0_4_4", 4),
        34: ("Q4_0_4_8", 4), 35: ("Q4_0_8_8", 4), 36: ("TQ1_0", 1), 37: ("TQ2_0", 2),
        38: ("MXFP4", 4),
        39: ("NVFP4", 4), 40: ("Q1_0", 1), 41: ("Q2_0", 2),
    ]
}
