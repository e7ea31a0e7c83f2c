import LMStudioCore

/// What the metadata of a GGUF file say about the model.
struct GGUFMetadata: Sendable, Hashable {
    /// The architecture's name, as `llama`; empty in further parts of a split model.
    var architecture: String
    /// The name its makers gave it; `general.name`.
    var name: String?
    /// The size for people, as `135M`; `general.size_label`.
    var sizeLabel: String?
    /// What the file is: `model`, `adapter`, `mmproj`, `imatrix`…; `general.type`, `nil` in older files.
    var type: String?
    /// How most weights are stored.
    var fileType: GGUFFileType?
    /// Longest context the model was trained for, tokens.
    var contextLength: Int
    /// How an embedding model sums up a text; 0: not at all.
    var poolingType: Int?
    /// Whether there is a chat template.
    var hasChatTemplate: Bool
    /// Whether the chat template knows tools.
    var mentionsTools: Bool
    /// Number of files the model is split into, ≥ 1.
    var splitCount: Int
    /// Which of them this is, from 0.
    var splitIndex: Int
    /// Number of tensors in this file.
    var tensorCount: Int
    /// Number of weights in this file.
    var parameterCount: UInt64
    /// Alignment of tensors, bytes.
    var alignment: UInt64

    /// Picks from the metadata what is known.
    ///
    /// - Throws: `.engine` if the architecture is missing, or a key that llama.cpp reads has the wrong type.
    init(
        _ values: [String: GGUFValue],
        tensors: [GGUFFile.Tensor],
        alignment: UInt64,
        failure: (String) -> LMStudioError
    ) throws(LMStudioError) {
        func integer(_ key: String) throws(LMStudioError) -> Int? {
            switch values[key] {
            case nil: return nil
            case .integer(let value, _):
                guard let value = Int(exactly: value), value >= 0 else {
                    throw failure(
                        "its metadata key \(key.quoted) holds the impossible value \(value)"
                    )
                }
                return value
            case .some(let value):
                throw failure(
                    "its metadata key \(key.quoted) holds \(value.kind) instead of a whole number"
                )
            }
        }
        func text(_ key: String) -> String? {
            guard case .string(let value) = values[key] else { return nil }
            let line = String(
                value.unicodeScalars.prefix(200).filter {
                    $0.properties.generalCategory != .control
                }
            )
            return line.isEmpty ? nil : line
        }
        splitCount = max(try integer("split.count") ?? 1, 1)
        splitIndex = try integer("split.no") ?? 0
        architecture = text("general.architecture") ?? ""
        guard !architecture.isEmpty || splitIndex > 0 else {
            throw failure(
                "it does not name an architecture (metadata key \"general.architecture\")"
            )
        }
        name = text("general.name")
        sizeLabel = text("general.size_label")
        type = text("general.type")
        fileType = try integer("general.file_type").flatMap(GGUFFileType.init(number:))
        contextLength = try integer("\(architecture).context_length") ?? 0
        poolingType = try integer("\(architecture).pooling_type")
        let templates = values.filter {
            $0.key == "tokenizer.chat_template" || $0.key.hasPrefix("tokenizer.chat_template.")
        }
        hasChatTemplate = values["tokenizer.chat_template"] != nil
        mentionsTools = templates.contains { key, value in
            guard case .string(let template) = value else { return false }
            return key.hasSuffix(".tool_use") || Self.contains(template, "tools")
        }
        tensorCount = tensors.count
        parameterCount = tensors.reduce(0) { sum, tensor in
            let (value, overflow) = sum.addingReportingOverflow(tensor.elementCount)
            return overflow ? .max : value
        }
        self.alignment = alignment
    }

    /// Whether a text holds an ASCII word; faster than the general search, templates are long.
    private static func contains(_ text: String, _ word: StaticString) -> Bool {
        var text = text
        return word.withUTF8Buffer { word in
            text.withUTF8 { text in
                guard text.count >= word.count else { return false }
                return (0...(text.count - word.count)).contains { start in
                    word.indices.allSatisfy { text[start + $0] == word[$0] }
                }
            }
        }
    }
}

extension GGUFMetadata {
    /// Whether it is an encoder of images that belongs to a model, not a model.
    var isProjector: Bool { type == "mmproj" || architecture == "clip" }

    /// Whether it is a part for a model (adapter, importance matrix…), not a model.
    var isAccessory: Bool {
        isProjector || type == "adapter" || type == "imatrix" || architecture == "imatrix"
    }

    /// What the model is for.
    var domain: ModelDomain {
        if let poolingType, poolingType != 0 { return .embedding }
        return isEncoder ? .embedding : .llm
    }

    /// Whether all of a text is read at once, and nothing of it is remembered.
    var isEncoder: Bool { Self.encoders.contains(architecture) }

    private static let encoders: Set = [
        "bert", "modern-bert", "nomic-bert", "nomic-bert-moe", "neo-bert", "jina-bert-v2",
        "jina-bert-v3", "eurobert",
        "gemma-embedding", "llama-embed", "t5encoder",
    ]
}
