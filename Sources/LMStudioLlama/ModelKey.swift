import LMStudioCore

/// The names of models, formed from their paths as LM Studio forms them.
enum ModelKey {
    /// A model file of the store, before it has a name.
    struct Candidate: Sendable, Hashable {
        /// Path in the store.
        var path: String
        /// What it is for.
        var domain: ModelDomain
        /// How its weights are stored, if its metadata say so.
        var quantization: ModelInfo.Quantization?
        /// Size of all its files, bytes.
        var sizeBytes: Int64
    }

    /// The name of a model, and the one it shares with its variants.
    struct Name: Sendable, Hashable {
        /// The model's own name: `key`, `key@q8_0`, `publisher/key`.
        var key: String
        /// The name without the variant.
        var plain: String
        /// Whether the plain name means this variant.
        var isPreferred: Bool
    }

    /// The parts of a path in the store: `publisher/repository/…/file`; what is missing is made up.
    struct Place: Sendable, Hashable {
        /// The first directory, or `local`.
        var publisher: String
        /// The second directory, or the only one, or the file's name without its quantization.
        var repository: String
        /// The file's name without `.gguf` and the number of a split.
        var stem: String

        init(path: String) {
            let parts = path.split(separator: "/").map(String.init)
            let stem = ModelKey.stem(fileName: parts.last ?? "")
            self.stem = stem
            publisher = parts.count > 2 ? parts[0] : "local"
            repository = parts.count > 2 ? parts[1] : parts.count == 2 ? parts[0] : stem
        }
    }

    /// The name to show: the repository's without suffixes, words apart.
    static func displayName(path: String) -> String {
        let place = Place(path: path)
        let words = bare(place.repository).split { $0 == "-" || $0 == "_" || $0 == " " }
        return words.isEmpty ? place.repository : words.joined(separator: " ")
    }

    /// A repository's or file's name without `-GGUF` and quantizations at its end.
    static func bare(_ name: String) -> String {
        var name = name
        while true {
            if let cut = removing(suffix: "gguf", from: name) {
                name = cut
            } else if let split = splitQuantization(name) {
                name = split.name
            } else {
                return name
            }
        }
    }

    /// The quantization at the end of a file's name, in upper case: `Q4_K_M`.
    static func quantization(fileName: String) -> String? {
        splitQuantization(stem(fileName: fileName))?.quantization
    }

    /// A file's name without `.gguf` and the number of a split.
    static func stem(fileName: String) -> String {
        if let split = SplitName(fileName: fileName) { return split.prefix }
        return fileName.lowercased().hasSuffix(".gguf") ? String(fileName.dropLast(5)) : fileName
    }

    /// Cuts a word and the separator before it off a name; `nil` if nothing would be left.
    private static func removing(suffix: String, from name: String) -> String? {
        guard name.lowercased().hasSuffix(suffix) else { return nil }
        let rest = name.dropLast(suffix.count)
        guard let separator = rest.last, isSeparator(separator), rest.count > 1 else { return nil }
        return String(rest.dropLast())
    }

    private static func splitQuantization(_ name: String) -> (name: String, quantization: String)? {
        // The first separator after which only a quantization follows: `Q4_K_M` rather than `M`.
        for index in name.indices.dropFirst() where isSeparator(name[index]) {
            let word = name[name.index(after: index)...].uppercased()
            if isQuantization(word) { return (String(name[..<index]), word) }
        }
        return nil
    }

    private static func isSeparator(_ character: Character) -> Bool {
        character == "-" || character == "." || character == "_" || character == " "
    }

    /// Whether an upper-case word names a quantization, as `Q4_K_M`, `UD-IQ2_XXS` and `BF16` do.
    private static func isQuantization(_ word: String) -> Bool {
        if word.hasPrefix("UD-") || word.hasPrefix("I1-") {
            return isQuantization(String(word.dropFirst(3)))
        }
        if wholeWords.contains(word) { return true }
        let parts = word.split(separator: "_", omittingEmptySubsequences: false)
        guard let first = parts.first, kinds.contains(String(first)) else { return false }
        return parts.dropFirst().allSatisfy { details.contains(String($0)) }
    }

    private static let wholeWords: Set = [
        "F16", "F32", "BF16", "FP16", "FP32", "MXFP4", "MXFP4_MOE", "NVFP4",
    ]
    private static let kinds = Set((1...8).flatMap { ["Q\($0)", "IQ\($0)"] } + ["TQ1", "TQ2"])
    private static let details: Set = [
        "0", "1", "4", "8", "K", "S", "M", "L", "XS", "XXS", "XL", "XXL", "NL",
    ]
}
