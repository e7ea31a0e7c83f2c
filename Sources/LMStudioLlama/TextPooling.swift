import LMStudioCore

/// How an embedding model sums up a text, as its file says.
struct TextPooling: Sendable, Hashable {
    /// llama.cpp's number of it.
    let type: Int32
    /// Whether a text may be read in pieces, one after the other; otherwise it must be read at once.
    let readsPieces: Bool

    private static let mean = 1
    private static let last = 3
    private static let rank = 4

    /// Reads it from a header.
    ///
    /// A model that sums up nothing is taken to mean the average of its tokens' vectors, as the
    /// sentence-transformers package does.
    ///
    /// - Throws: `.unsupported` if the model gives marks to texts rather than vectors, or is of an
    ///   architecture that this engine does not embed with.
    init(_ header: GGUFFile) throws(LMStudioError) {
        let metadata = header.metadata
        guard metadata.poolingType != Self.rank, metadata.architecture != "t5encoder" else {
            let reason =
                metadata.poolingType == Self.rank
                ? "it ranks texts and gives no vectors"
                : "models of the architecture \(metadata.architecture) are not supported"
            throw LMStudioError(
                .unsupported,
                "cannot embed with \(header.path): \(reason); take another embedding model",
                details: LMStudioErrorDetails(
                    title: "cannot embed with this model: \(reason)",
                    display: .engineDoesNotSupportFeature("embedding")
                )
            )
        }
        let pooling = metadata.poolingType.flatMap { $0 == 0 ? nil : $0 } ?? Self.mean
        type = Int32(pooling)
        readsPieces = pooling == Self.last && !metadata.isEncoder && header.isCausal
    }
}

extension GGUFFile {
    /// Whether a token looks at those before it only.
    fileprivate var isCausal: Bool {
        values["\(metadata.architecture).attention.causal"].map {
            if case .bool(let flag) = $0 { flag } else { true }
        } ?? true
    }
}
