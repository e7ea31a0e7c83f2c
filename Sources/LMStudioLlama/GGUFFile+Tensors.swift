import CLlama
import LMStudioCore

extension GGUFFile {
    /// An error about this file.
    func failure(_ problem: String) -> LMStudioError {
        LMStudioError(.engine, "cannot use model file \(path): \(problem)")
    }

    /// Refuses tensors that llama.cpp could not read from this file.
    ///
    /// - Throws: `.engine` naming the tensor: unknown type, a row that is not whole blocks, data that
    ///   are not where those of the tensor before end, or that the file does not hold.
    func validateTensors() throws(LMStudioError) {
        var expected: UInt64 = 0
        for tensor in tensors {
            let what = "tensor \(tensor.name.quoted)"
            let bytes = try byteCount(of: tensor)
            guard tensor.offset == expected else {
                throw failure(
                    "the data of \(what) begin at byte \(tensor.offset) of the tensors' data, \(expected) was expected"
                )
            }
            let (end, overflow) = dataOffset.addingReportingOverflow(tensor.offset)
            let (last, overflows) = end.addingReportingOverflow(bytes)
            guard !overflow, !overflows, last <= UInt64(Int64.max) else {
                throw failure("the data of \(what) are impossibly large")
            }
            guard last <= size else {
                throw failure(
                    "it ends in the middle of the data of \(what): it has \(size) bytes, at least \(last) are needed; "
                        + "the download may be incomplete: get the file again"
                )
            }
            expected = (tensor.offset + bytes + metadata.alignment - 1) & ~(metadata.alignment - 1)
        }
    }

    /// Bytes a tensor's data take.
    private func byteCount(of tensor: Tensor) throws(LMStudioError) -> UInt64 {
        let row = tensor.dimensions.first ?? 1
        // Each block length divides this one.
        guard cllama_type_bytes(tensor.type, 1 << 16, 1) > 0 else {
            throw failure(
                "tensor \(tensor.name.quoted) has the unknown type \(tensor.type); the file may need a newer llama.cpp"
            )
        }
        guard tensor.elementCount > 0 else { return 0 }
        let bytes = cllama_type_bytes(tensor.type, row, tensor.elementCount / row)
        guard bytes > 0 else {
            throw failure(
                "the rows of tensor \(tensor.name.quoted) have \(row) elements, which are not whole blocks of its type or are too many"
            )
        }
        return bytes
    }
}
