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

    // Far beyond any model, near enough to keep a hostile file from taking minutes.
    private static let maximumKeys: UInt64 = 1 << 16
    private static let maximumTensors: UInt64 = 1 << 20
    private static let maximumStrings: UInt64 = 1 << 24
    private static let maximumKeyLength: UInt64 = 1 << 16
    private static let maximumNameLength: UInt64 = 63
    private static let maximumText: UInt64 = 1 << 18

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

    // MARK: Metadata

    private static func readValues(
        _ reader: inout GGUFReader,
        count: UInt64
    ) throws(LMStudioError) -> [String: GGUFValue] {
        var values: [String: GGUFValue] = [:]
        for index in 0..<count {
            let place = reader.position
            guard let key = try reader.string("metadata key \(index)", limit: maximumKeyLength),
                !key.isEmpty
            else {
                throw reader.failure("metadata key \(index) at byte \(place) has no sound name")
            }
            let value = try readValue(&reader, key: key)
            guard values.updateValue(value, forKey: key) == nil else {
                throw reader.failure(
                    "it holds metadata key \(key.quoted) twice, again at byte \(place)"
                )
            }
        }
        return values
    }

    private static func readValue(
        _ reader: inout GGUFReader,
        key: String
    ) throws(LMStudioError) -> GGUFValue {
        let what = "metadata key \(key.quoted)"
        let type = try readType(&reader, what)
        switch type {
        case .uint8: return .integer(Int128(try reader.number(what, as: UInt8.self)), type)
        case .int8: return .integer(Int128(try reader.number(what, as: Int8.self)), type)
        case .uint16: return .integer(Int128(try reader.number(what, as: UInt16.self)), type)
        case .int16: return .integer(Int128(try reader.number(what, as: Int16.self)), type)
        case .uint32: return .integer(Int128(try reader.number(what, as: UInt32.self)), type)
        case .int32: return .integer(Int128(try reader.number(what, as: Int32.self)), type)
        case .uint64: return .integer(Int128(try reader.number(what, as: UInt64.self)), type)
        case .int64: return .integer(Int128(try reader.number(what, as: Int64.self)), type)
        case .float32: return .float(Double(Float(bitPattern: try reader.number(what))))
        case .float64: return .float(Double(bitPattern: try reader.number(what)))
        case .bool: return .bool(try reader.number(what, as: UInt8.self) != 0)
        case .string:
            return try reader.string(what, limit: maximumText).map(GGUFValue.string) ?? .longString
        case .array: return try skipArray(&reader, what)
        }
    }

    private static func readType(
        _ reader: inout GGUFReader,
        _ what: String
    ) throws(LMStudioError) -> GGUFType {
        let number = try reader.number(what, as: UInt32.self)
        guard let type = GGUFType(rawValue: number) else {
            throw reader.failure(
                "\(what) has the unknown type \(number) at byte \(reader.position - 4)"
            )
        }
        return type
    }

    private static func skipArray(
        _ reader: inout GGUFReader,
        _ what: String
    ) throws(LMStudioError) -> GGUFValue {
        let type = try readType(&reader, what)
        let count = try reader.number(what, as: UInt64.self)
        let offset = reader.position
        if let size = type.size {
            let (bytes, overflow) = count.multipliedReportingOverflow(by: size)
            try reader.skip(overflow ? .max : bytes, what)
        } else if type == .string {
            guard count <= min(maximumStrings, reader.remaining / 8) else {
                throw reader.failure(
                    "\(what) says at byte \(offset - 8) that it holds \(count) texts, which the file's "
                        + "\(reader.size) bytes have no room for; the download may be incomplete, or the file is damaged"
                )
            }
            try reader.skipStrings(count, what)
        } else {
            throw reader.failure(
                "\(what) at byte \(offset) is a list of lists, which no model needs"
            )
        }
        return .array(of: type, count: count, offset: offset)
    }

    private static func alignment(
        _ values: [String: GGUFValue],
        _ reader: borrowing GGUFReader
    ) throws(LMStudioError) -> UInt64 {
        switch values["general.alignment"] {
        case nil: return 32
        case .integer(let value, .uint32) where value > 0 && value & (value - 1) == 0:
            return UInt64(value)
        default: throw reader.failure("its general.alignment is not a power of two")
        }
    }

    // MARK: Tensors

    private static func readTensors(
        _ reader: inout GGUFReader,
        count: UInt64
    ) throws(LMStudioError) -> [Tensor] {
        var tensors: [Tensor] = []
        var names: Set<String> = []
        for index in 0..<count {
            let place = reader.position
            guard let name = try reader.string("tensor \(index)", limit: maximumNameLength) else {
                throw reader.failure("the name of tensor \(index) at byte \(place) is too long")
            }
            guard names.insert(name).inserted else {
                throw reader.failure("it holds tensor \(name.quoted) twice, again at byte \(place)")
            }
            tensors.append(try readTensor(&reader, name: name))
        }
        return tensors
    }

    private static func readTensor(
        _ reader: inout GGUFReader,
        name: String
    ) throws(LMStudioError) -> Tensor {
        let what = "tensor \(name.quoted)"
        let count = try reader.number(what, as: UInt32.self)
        guard count <= 4 else {
            throw reader.failure(
                "\(what) has \(count) dimensions at byte \(reader.position - 4), at most 4 are possible"
            )
        }
        var dimensions: [UInt64] = []
        for _ in 0..<count { dimensions.append(try reader.number(what)) }
        // Lengths of zero are left out, so that an overflow cannot hide behind one.
        let product = dimensions.filter { $0 > 0 }.reduce(UInt64(1)) { product, length in
            let (value, overflow) = product.multipliedReportingOverflow(by: length)
            return overflow ? .max : value
        }
        guard product <= UInt64(Int64.max) else {
            throw reader.failure(
                "\(what) before byte \(reader.position) has impossible dimensions \(dimensions)"
            )
        }
        return Tensor(
            name: name,
            dimensions: dimensions,
            type: try reader.number(what),
            offset: try reader.number(what),
            elementCount: dimensions.contains(0) ? 0 : product
        )
    }
}
