import LMStudioCore

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// A model on disk, and the files it is made of.
struct StoredModel: Sendable, Hashable {
    /// What it is.
    var info: ModelInfo
    /// The file to load, an absolute path; of a split model the first one.
    var file: String
    /// All its files that there should be, absolute paths.
    var files: [String]
    /// The key without the variant: `key` for `key@q8_0`.
    var plainKey: String
    /// The file beside it that lets it see images, an absolute path; `nil`: there is none.
    var projector: String?
}

/// The models on disk: a directory with `publisher/repository/file.gguf` in it.
///
/// Nothing is kept between calls but a cache of headers, so a new file is seen at once.
struct ModelStore: Sendable {
    /// The directory, an absolute path without a slash at its end; it need not exist.
    let directory: String

    /// The model that `make` fetches, in the store.
    static let starterPath =
        "HuggingFaceTB/SmolLM2-135M-Instruct-GGUF/SmolLM2-135M-Instruct.Q4_1.gguf"
    /// Its key.
    static let starterKey = "smollm2-135m-instruct"

    /// Makes a store of a directory.
    ///
    /// - Parameter directory: `~` is the home directory; `nil` or empty: `LMSTUDIO_MODELS_DIR`, else
    ///   LM Studio's own, `~/.lmstudio/models`.
    init(directory: String? = nil) {
        let chosen = [directory, getenv("LMSTUDIO_MODELS_DIR").map { String(cString: $0) }]
            .compactMap(\.self).first { !$0.isEmpty }
        self.directory = DiskPath.absolute(chosen ?? "~/.lmstudio/models")
    }

    /// The usable models, sorted by key; a directory that does not exist holds none.
    ///
    /// - Throws: `.invalidArgument` if the store is not a directory.
    func scan() throws(LMStudioError) -> [StoredModel] {
        try survey().models
    }

    /// The model to take when none is named: the only one of its kind, else the starter model, which
    /// is a language model.
    ///
    /// - Throws: `.modelNotFound` listing the keys, or saying where models were looked for.
    func defaultModel(for domain: ModelDomain = .llm) throws(LMStudioError) -> StoredModel {
        let survey = try survey()
        let models = survey.models.filter { $0.info.domain == domain }
        guard let first = models.first else {
            throw domain == .llm ? noModels(survey) : noEmbeddingModels
        }
        if models.allSatisfy({ $0.plainKey == first.plainKey }), let only = Self.preferred(models) {
            return only
        }
        if let starter = models.first(where: { $0.info.path == Self.starterPath })
            ?? Self.preferred(models.filter { $0.plainKey == Self.starterKey })
        {
            return starter
        }
        throw LMStudioError(
            .modelNotFound,
            "no model was named and there are several: \(Self.list(models)); name one of them"
        )
    }

    private var noEmbeddingModels: LMStudioError {
        LMStudioError(
            .modelNotFound,
            "there is no embedding model in \(directory); put a .gguf file of one into "
                + "\(directory)/PUBLISHER/REPOSITORY/, or set LMSTUDIO_MODELS_DIR to a directory with one"
        )
    }

    /// Of variants of one model the one that its plain key means.
    static func preferred(_ models: [StoredModel]) -> StoredModel? {
        models.max { ModelKey.isBetter($1.candidate, than: $0.candidate) }
    }

    /// Keys for an error message, at most twenty.
    static func list(_ models: [StoredModel]) -> String {
        let keys = models.map(\.info.modelKey)
        return keys.prefix(20).joined(separator: ", ")
            + (keys.count > 20 ? " and \(keys.count - 20) more" : "")
    }

    /// The error when there is no model at all.
    func noModels(_ survey: Survey) -> LMStudioError {
        let problems = survey.problems
        let first = problems.first.map {
            "; \(problems.count) of its files cannot be used, the first: \($0.message)"
        }
        return LMStudioError(
            .modelNotFound,
            "there is no language model in \(directory)\(first ?? ""). Run `make demo`, which fetches a small one, put a .gguf "
                + "file into \(directory)/PUBLISHER/REPOSITORY/, or set LMSTUDIO_MODELS_DIR to a directory with models"
        )
    }
}

extension StoredModel {
    /// Takes the file beside it that lets it see images.
    mutating func take(projector: String?) {
        self.projector = projector
        info.vision = projector != nil
    }

    /// What its place among its variants depends on.
    var candidate: ModelKey.Candidate {
        .init(
            path: info.path,
            domain: info.domain,
            quantization: info.quantization,
            sizeBytes: info.sizeBytes
        )
    }
}
