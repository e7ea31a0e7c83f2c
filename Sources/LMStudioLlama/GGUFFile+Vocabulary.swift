import LMStudioCore

extension GGUFFile {
    /// Refuses a vocabulary over which llama.cpp would end the process: none at all, a token that is
    /// there twice, or a first token to be added that does not exist.
    ///
    /// - Throws: `.engine`.
    func validateVocabulary() throws(LMStudioError) {
        guard case .string(let model) = values["tokenizer.ggml.model"],
            case .array(.string, let count, let offset) = values["tokenizer.ggml.tokens"]
        else {
            throw failure(
                "it has no vocabulary (metadata key \"tokenizer.ggml.tokens\"), so it cannot read text"
            )
        }
        guard model != "none", model != "no_vocab" else {
            throw failure(
                "it has no vocabulary (\"tokenizer.ggml.model\" is \(model.quoted)), so it cannot read text"
            )
        }
        try validateUniqueness(count: count, offset: offset)
        try validateFirstToken(model, count: count)
    }

    private func validateUniqueness(count: UInt64, offset: UInt64) throws(LMStudioError) {
        let what = "the vocabulary"
        var reader = try GGUFReader(path: path)
        reader.seek(to: offset)
        var places: [Int: UInt64] = [:]
        places.reserveCapacity(Int(count))
        for _ in 0..<count {
            let place = reader.position
            let hash = try reader.withString(what, limit: .max) { bytes in
                var hasher = Hasher()
                hasher.combine(bytes: bytes)
                return hasher.finalize()
            }
            guard let hash, let twin = places.updateValue(place, forKey: hash) else { continue }
            let next = reader.position
            reader.seek(to: twin)
            let first = try reader.withString(what, limit: .max) { Array($0) }
            reader.seek(to: place)
            let second = try reader.withString(what, limit: .max) { Array($0) }
            reader.seek(to: next)
            guard let first, !first.isEmpty, first == second else { continue }
            throw failure(
                "its vocabulary holds token \(String(decoding: first, as: UTF8.self).quoted) twice, again at byte \(place)"
            )
        }
    }

    /// llama.cpp puts a first token before a text; which one, unless the file says so, depends on the tokenizer.
    private func validateFirstToken(_ model: String, count: UInt64) throws(LMStudioError) {
        let defaults: [String: (token: UInt64, isAdded: Bool)] = [
            "llama": (1, true), "bert": (101, true), "gpt2": (11, false), "t5": (.max, false),
            "gemma4": (.max, false),
        ]
        guard let usual = defaults[model] else { return }
        var isAdded = usual.isAdded
        if model != "bert", case .bool(let flag) = values["tokenizer.ggml.add_bos_token"] {
            isAdded = flag
        }
        var tokens = [usual.token]
        if case .integer(let token, _) = values["tokenizer.ggml.bos_token_id"] {
            tokens.append(UInt64(clamping: token))
        }
        guard isAdded, !tokens.contains(where: { $0 < count }) else { return }
        throw failure(
            "it wants a first token before each text, but does not say which (metadata key \"tokenizer.ggml.bos_token_id\")"
        )
    }
}
