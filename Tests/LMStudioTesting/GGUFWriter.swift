/// Writes GGUF files, sound ones and, by its overrides, others.
package struct GGUFWriter: Sendable {
    /// A metadata value.
    package enum Value: Sendable {
        case uint8(UInt8), int8(Int8), uint16(UInt16), int16(Int16), uint32(UInt32), int32(Int32),
            float32(Float)
        case bool(Bool), string(String), uint64(UInt64), int64(Int64), float64(Double)
        case strings([String]), float32s([Float]), int32s([Int32]), uint32s([UInt32])
        /// Any type number, with the bytes that follow it.
        case raw(type: UInt32, bytes: [UInt8])
    }

    /// A tensor with its data.
    package struct Tensor: Sendable {
        /// Its name.
        package var name: String
        /// Lengths, that of a row first.
        package var dimensions: [UInt64]
        /// ggml's number of the element type; 0: f32.
        package var type: UInt32
        /// The data.
        package var bytes: [UInt8]

        /// Makes a tensor.
        package init(_ name: String, _ dimensions: [UInt64], type: UInt32 = 0, bytes: [UInt8]) {
            self.name = name
            self.dimensions = dimensions
            self.type = type
            self.bytes = bytes
        }
    }

    /// The format's version.
    package var version: UInt32 = 3
    /// The metadata, in the order of the file.
    package var metadata: [(key: String, value: Value)]
    /// The tensors, in the order of the file.
    package var tensors: [Tensor]
    /// Numbers written in place of the true ones.
    package var claimedTensorCount: UInt64?
    package var claimedKeyCount: UInt64?
    /// What data are aligned to, bytes; to be written into the metadata by whoever changes it.
    package var alignment = 32

    /// Makes a file's content.
    package init(metadata: [(key: String, value: Value)] = [], tensors: [Tensor] = []) {
        self.metadata = metadata
        self.tensors = tensors
    }

    /// Sets a metadata value, in place of one of that key if there is one; `nil` takes it out.
    package mutating func set(_ key: String, _ value: Value?) {
        let index = metadata.firstIndex { $0.key == key }
        switch (index, value) {
        case (let index?, let value?): metadata[index].value = value
        case (let index?, nil): metadata.remove(at: index)
        case (nil, let value?): metadata.append((key, value))
        case (nil, nil): break
        }
    }

    /// The header: all but the tensors' data.
    package func header() -> [UInt8] {
        var bytes = Bytes()
        bytes.append("GGUF".utf8)
        bytes.append(version)
        bytes.append(claimedTensorCount ?? UInt64(tensors.count))
        bytes.append(claimedKeyCount ?? UInt64(metadata.count))
        for (key, value) in metadata {
            bytes.append(string: key)
            bytes.append(value: value)
        }
        var offset = 0
        for tensor in tensors {
            bytes.append(string: tensor.name)
            bytes.append(UInt32(tensor.dimensions.count))
            for dimension in tensor.dimensions { bytes.append(dimension) }
            bytes.append(tensor.type)
            bytes.append(UInt64(offset))
            offset += padded(tensor.bytes.count)
        }
        return bytes.all
    }

    /// The whole file.
    package func bytes() -> [UInt8] {
        var all = header()
        for tensor in tensors {
            all.append(contentsOf: repeatElement(0, count: padded(all.count) - all.count))
            all += tensor.bytes
        }
        return all
    }

    private func padded(_ count: Int) -> Int {
        (count + alignment - 1) / alignment * alignment
    }
}

extension GGUFWriter {
    /// Little-endian bytes of numbers, for tensors and raw values.
    package static func bytes(of numbers: [Float]) -> [UInt8] {
        numbers.flatMap { number in
            withUnsafeBytes(of: number.bitPattern.littleEndian) { Array($0) }
        }
    }
}

/// Bytes to which values are added as GGUF writes them.
private struct Bytes {
    var all: [UInt8] = []

    mutating func append(_ bytes: some Sequence<UInt8>) { all.append(contentsOf: bytes) }

    mutating func append(_ number: some FixedWidthInteger) {
        withUnsafeBytes(of: number.littleEndian) { all.append(contentsOf: $0) }
    }

    mutating func append(string: String) {
        append(UInt64(string.utf8.count))
        append(string.utf8)
    }

    mutating func append(value: GGUFWriter.Value) {
        switch value {
        case .uint8(let number): append(type: 0, number)
        case .int8(let number): append(type: 1, number)
        case .uint16(let number): append(type: 2, number)
        case .int16(let number): append(type: 3, number)
        case .uint32(let number): append(type: 4, number)
        case .int32(let number): append(type: 5, number)
        case .float32(let number): append(type: 6, number.bitPattern)
        case .bool(let flag): append(type: 7, UInt8(flag ? 1 : 0))
        case .string(let text):
            append(UInt32(8))
            append(string: text)
        case .uint64(let number): append(type: 10, number)
        case .int64(let number): append(type: 11, number)
        case .float64(let number): append(type: 12, number.bitPattern)
        case .strings(let texts):
            append(arrayOf: 8, count: texts.count)
            for text in texts { append(string: text) }
        case .float32s(let numbers):
            append(arrayOf: 6, count: numbers.count)
            append(GGUFWriter.bytes(of: numbers))
        case .int32s(let numbers):
            append(arrayOf: 5, count: numbers.count)
            for number in numbers { append(number) }
        case .uint32s(let numbers):
            append(arrayOf: 4, count: numbers.count)
            for number in numbers { append(number) }
        case .raw(let type, let bytes):
            append(type)
            append(bytes)
        }
    }

    private mutating func append(type: UInt32, _ number: some FixedWidthInteger) {
        append(type)
        append(number)
    }

    private mutating func append(arrayOf type: UInt32, count: Int) {
        append(UInt32(9))
        append(type)
        append(UInt64(count))
    }
}
