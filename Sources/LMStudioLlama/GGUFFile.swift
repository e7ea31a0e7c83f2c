import LMStudioCore

/// The header of a GGUF file, version 2 or 3: metadata and the list of tensors, without their data.
///
/// The reader trusts nothing: each size is held against that of the file before it is used, and
/// arrays are passed over. `validate()` goes further, before the file is given to llama.cpp.
struct GGUFFile: Sendable {
    /// The file, as it was named.
    let path: String
    /// Its size, bytes.
    let size: UInt64
    /// All metadata but the contents of arrays.
    let values: [String: GGUFValue]
    /// The tensors, in the order of the file.
    let tensors: [Tensor]
    /// Where the data of the tensors begin, bytes from the start of the file.
    let dataOffset: UInt64
    /// What the metadata say about the model.
    let metadata: GGUFMetadata

    /// An entry of the list of tensors.
    struct Tensor: Sendable {
        var name: String
        /// 0…4 lengths, that of a row first.
        var dimensions: [UInt64]
        /// ggml's number of the element type.
        var type: UInt32
        /// Where its data begin, bytes from `dataOffset`.
        var offset: UInt64
        /// Product of the dimensions, below 2⁶³.
        var elementCount: UInt64
    }

    // Far beyond any model, near enough to keep a hostile file from taking minutes or all memory.
    private static let maximumKeys: UInt64 = 1 << 16
    private static let maximumTensors: UInt64 = 1 << 17

    /// Reads the header of a file.
    ///
    /// - Throws: `.invalidArgument` if there is no such file or it is a directory; `.engine` if it
    ///   cannot be read or is not a sound GGUF header, saying what is wrong and where.
    init(path: String) throws(LMStudioError) {
        var reader = try GGUFReader(path: path)
        let counts = try Self.readPreamble(&reader)
        let values = try Self.readValues(&reader, count: counts.keys)
        let alignment = try Self.alignment(values, reader)
        self.tensors = try Self.readTensors(&reader, count: counts.tensors)
        self.path = path
        self.size = reader.size
        self.values = values
        // The position is at most the file's size, below 2⁶³, and the alignment below 2³².
        self.dataOffset = (reader.position + alignment - 1) & ~(alignment - 1)
        self.metadata = try GGUFMetadata(
            values,
            tensors: tensors,
            alignment: alignment,
            failure: { reader.failure($0) }
        )
    }

    private static func readPreamble(
        _ reader: inout GGUFReader
    ) throws(LMStudioError) -> (tensors: UInt64, keys: UInt64) {
        guard reader.size >= 4 else {
            throw reader.failure("it is not a GGUF file (it has only \(reader.size) bytes)")
        }
        let magic = try reader.number("the mark", as: UInt32.self)
        guard magic == 0x4655_4747 else {
            throw reader.failure("it is not a GGUF file (it begins with \(describe(magic)))")
        }
        let version = try reader.number("the version", as: UInt32.self)
        switch version {
        case 2, 3: break
        case 1:
            throw reader.failure(
                "GGUF version 1 is too old: convert the model again, or get a newer file"
            )
        case _ where version & 0xffff == 0:
            throw reader.failure("it is made for big-endian machines")
        default: throw reader.failure("its GGUF version is \(version), but only 2 and 3 are known")
        }
        let tensors = try reader.number("the number of tensors", as: UInt64.self)
        let keys = try reader.number("the number of metadata keys", as: UInt64.self)
        // The shortest entries there can be: 24 bytes for a tensor, 14 for a key.
        guard tensors <= min(maximumTensors, reader.size / 24),
            keys <= min(maximumKeys, reader.size / 14)
        else {
            throw reader.failure(
                "it says at byte 8 that it holds \(tensors) tensors and \(keys) metadata keys, which its "
                    + "\(reader.size) bytes have no room for; the download may be incomplete, or the file is damaged"
            )
        }
        return (tensors, keys)
    }

    private static func describe(_ magic: UInt32) -> String {
        let bytes = withUnsafeBytes(of: magic.littleEndian) { Array($0) }
        if bytes.allSatisfy({ (0x20..<0x7f).contains($0) }) {
            return "\"\(String(decoding: bytes, as: UTF8.self))\""
        }
        return "the bytes "
            + bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: " ")
    }
}
