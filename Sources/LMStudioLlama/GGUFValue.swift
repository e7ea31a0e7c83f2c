/// The type of a metadata value in a GGUF file; raw values as in the file.
enum GGUFType: UInt32, Sendable {
    case uint8, int8, uint16, int16, uint32, int32, float32, bool, string, array, uint64, int64,
        float64

    /// Bytes a value takes; `nil` where they vary.
    var size: UInt64? {
        switch self {
        case .uint8, .int8, .bool: 1
        case .uint16, .int16: 2
        case .uint32, .int32, .float32: 4
        case .uint64, .int64, .float64: 8
        case .string, .array: nil
        }
    }
}

/// A metadata value in a GGUF file.
enum GGUFValue: Sendable, Hashable {
    /// A whole number of any width.
    case integer(Int128, GGUFType)
    case float(Double)
    case bool(Bool)
    case string(String)
    /// A string too long to be kept.
    case longString
    /// An array, which stays in the file: its first element is `offset` bytes from the start.
    case array(of: GGUFType, count: UInt64, offset: UInt64)

    /// What it is, for error messages.
    var kind: String {
        switch self {
        case .integer: "a whole number"
        case .float: "a fraction"
        case .bool: "true or false"
        case .string, .longString: "text"
        case .array: "a list"
        }
    }
}
