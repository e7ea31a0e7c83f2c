import LMStudioCore

extension StoredModel {
    /// Refuses files over which llama.cpp would end the process, and explains what it would only refuse.
    ///
    /// To be called before loading. It reads all headers, which takes milliseconds.
    ///
    /// - Returns: the number of the model's layers.
    /// - Throws: `.engine` naming the file and what is wrong; `.modelNotFound` if a part is missing.
    func validate() throws(LMStudioError) -> Int {
        var isTransformer = false
        var layerCount = 0
        for (index, path) in files.enumerated() {
            guard FileStatus(path: path) != nil else {
                throw LMStudioError(
                    .modelNotFound,
                    "\(path), part \(index + 1) of \(files.count) of model \(info.modelKey), is missing: "
                        + "put it beside the others, or get the model again"
                )
            }
            let file = try GGUFFile(path: path)
            try file.validateTensors()
            try file.validateSplit(index: index, count: files.count)
            if index == 0 {
                try file.validateHyperparameters()
                try file.validateVocabulary()
                isTransformer = file.isTransformer
                layerCount = file.layerCount
            }
            if isTransformer { try file.validateWeights() }
        }
        return layerCount
    }

    /// Whether the model can tell so many tokens apart: some have learned their positions, one by one, and
    /// llama.cpp would read past the last.
    ///
    /// - Throws: `.engine` if the header cannot be read.
    func tellsApart(_ length: Int) throws(LMStudioError) -> Bool {
        guard length > info.maxContextLength else { return true }
        return try !GGUFFile(path: file).tensors.contains { $0.name == "position_embd.weight" }
    }

    /// Refuses a context of more tokens than the model can tell apart.
    ///
    /// - Throws: `.invalidArgument` naming both numbers; `.engine` if the header cannot be read.
    func checkPositions(for length: Int) throws(LMStudioError) {
        guard try !tellsApart(length) else { return }
        throw LMStudioError(
            .invalidArgument,
            "contextLength \(length) is more than the \(info.maxContextLength) tokens that \"\(info.modelKey)\" "
                + "can tell apart; give at most \(info.maxContextLength)"
        )
    }
}

extension GGUFFile {
    /// Refuses a file that is not the part of a split model that its name says.
    fileprivate func validateSplit(index: Int, count: Int) throws(LMStudioError) {
        guard metadata.splitCount == count, metadata.splitIndex == index else {
            throw failure(
                "its metadata say that it is part \(metadata.splitIndex + 1) of \(metadata.splitCount), "
                    + "its name that it is part \(index + 1) of \(count)"
            )
        }
        guard index > 0 else { return }
        // llama.cpp reads the number of a further part without looking at its type.
        guard case .integer(_, .uint16) = values["split.no"] else {
            throw failure("its metadata key \"split.no\" has the wrong type")
        }
    }
}
