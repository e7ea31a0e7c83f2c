import LMStudioCore

extension StoredModel {
    /// Refuses files over which llama.cpp would end the process, and explains what it would only refuse.
    ///
    /// To be called before loading; reads all headers, and takes milliseconds.
    ///
    /// - Throws: `.engine` naming the file and what is wrong; `.modelNotFound` if a part is missing.
    func validate() throws(LMStudioError) {
        for (index, path) in files.enumerated() {
            guard FileStatus(path: path) != nil else {
                throw LMStudioError(
                    .modelNotFound,
                    "\(path), part \(index + 1) of \(files.count) of model \(info.modelKey), is missing: "
                        + "put it beside the others, or get the model again")
            }
            let file = try GGUFFile(path: path)
            try file.validateTensors()
            try file.validateSplit(index: index, count: files.count)
            if index == 0 { try file.validateHyperparameters() }
        }
    }
}
