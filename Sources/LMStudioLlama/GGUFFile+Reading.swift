import LMStudioCore

extension GGUFFile {
    // Far beyond any model, near enough to keep a hostile file from taking minutes or all memory.
    private static let maximumStrings: UInt64 = 1 << 24
    private static let maximumKeyLength: UInt64 = 1 << 16
    private static let maximumNameLength: UInt64 = 63
    private static let maximumTextLength: UInt64 = 1 << 18
    private static let maximumText = 1 << 24

    // MARK: Metadata

    /// Reads all metadata but the contents of arrays.
    static func readValues(
        _ reader: inout GGUFReader,
        count: UInt64
    ) throws(LMStudioError) -> [String: GGUFValue] {
        var values: [String: GGUFValue] = [:]
        var textCount = 0
        for index in 0..<count {
            let place = reader.position
            guard let key = try reader.string("metadata key \(index)", limit: maximumKeyLength),
                !key.isEmpty
            else {
                throw reader.failure("metadata key \(index) at byte \(place) has no sound name")
            }
            let value = try readValue(&reader, key: key)
            textCount += key.utf8.count
            if case .string(let text) = value { textCount += text.utf8.count }
            guard textCount <= maximumText else {
                throw reader.failure("its metadata hold more text than any model's")
            }
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
            return try reader.string(what, limit: maximumTextLength).map(GGUFValue.string)
                ?? .longString
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

    /// What tensors are aligned to, bytes: a power of two.
    static func alignment(
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

    /// Reads the list of tensors.
    static func readTensors(
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
