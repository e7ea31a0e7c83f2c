import CLMStudio
import CLlama
import LMStudioCore

/// A saved cache: whose it is, the tokens, and llama.cpp's bytes for them.
///
/// | bytes | what, numbers little-endian |
/// |---|---|
/// | 8 | `LMSCACHE` |
/// | 4, 4 | version of this form; number of tokens |
/// | 8, 8 | bytes of the description; bytes of the state |
/// | 8 | checksum of all but this |
/// | … | description: UTF-8, the model and the settings in a line each |
/// | … | tokens, 4 bytes each |
/// | … | state |
struct CacheFile {
    /// Whose state it is.
    let owner: CacheOwner
    let state: SequenceState

    private static let magic: [UInt8] = Array("LMSCACHE".utf8)
    private static let version: UInt32 = 1
    private static let headerCount = 40
    private static let longestDescription = 4096
    /// What llama.cpp writes beside the cells, at most: some bytes for each cell and layer.
    private static let bytesBesideCells = 1 << 20
    private static let bytesPerToken = 64

    /// Writes it, over what is there.
    ///
    /// - Throws: `.invalidArgument` if that is not possible.
    func write(to path: String) throws(LMStudioError) {
        let description = Array(owner.description.utf8)
        var header = Self.magic
        Self.append(Self.version, to: &header)
        Self.append(UInt32(state.tokens.count), to: &header)
        Self.append(UInt64(description.count), to: &header)
        Self.append(UInt64(state.bytes.count), to: &header)
        let tokens = state.tokens.flatMap { token in
            withUnsafeBytes(of: token.littleEndian) { Array($0) }
        }
        let sum = Self.sum(header, description, tokens, state.bytes)
        Self.append(sum, to: &header)
        try BinaryFile.write([header, description, tokens, state.bytes], to: path)
    }

    private static func append(_ number: some FixedWidthInteger, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: number.littleEndian) { bytes += $0 }
    }

    private static func sum(_ pieces: [UInt8]...) -> UInt64 {
        var sum = Checksum()
        for piece in pieces { sum.add(piece) }
        return sum.value
    }

    /// Why a file is of no use.
    struct Refusal: Error {
        let reason: String
    }

    /// Reads a file that is to be an instance's own; nothing of it is believed before it is checked.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - owner: the instance's.
    ///   - length: tokens that the instance can hold.
    ///   - cellBytes: bytes that it needs for each of them.
    /// - Returns: the state, whose bytes only llama.cpp can judge.
    /// - Throws: why it is of no use.
    static func read(
        _ path: String,
        for owner: CacheOwner,
        length: Int,
        cellBytes: Int
    ) throws(Refusal) -> SequenceState {
        guard !path.utf8.contains(0), let file = BinaryFile(path: path) else {
            throw Refusal(reason: "there is no such file, or it cannot be read")
        }
        guard let header = file.read(UInt8.self, count: headerCount, at: 0),
            header.starts(with: magic)
        else { throw Refusal(reason: "it is no saved cache") }
        func number<Number: FixedWidthInteger>(_ offset: Int, _ type: Number.Type) -> Number {
            header.withUnsafeBytes {
                Number(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: Number.self))
            }
        }
        guard number(8, UInt32.self) == version else {
            throw Refusal(reason: "another version of this library wrote it")
        }
        let tokenCount = UInt64(number(12, UInt32.self))
        let (descriptionCount, stateCount) = (number(16, UInt64.self), number(24, UInt64.self))
        let largestState =
            tokenCount * UInt64(cellBytes + bytesPerToken) + UInt64(bytesBesideCells)
        guard descriptionCount <= longestDescription, stateCount <= largestState,
            file.size == UInt64(headerCount) + descriptionCount + tokenCount * 4 + stateCount
        else { throw Refusal(reason: "its size is wrong") }
        guard tokenCount <= length else {
            throw Refusal(reason: "it has \(tokenCount) tokens, more than the context of \(length)")
        }
        let place = UInt64(headerCount)
        guard let description = file.read(UInt8.self, count: Int(descriptionCount), at: place),
            let tokens = file.read(
                UInt8.self,
                count: Int(tokenCount) * 4,
                at: place + descriptionCount
            ),
            let bytes = file.read(
                UInt8.self,
                count: Int(stateCount),
                at: place + descriptionCount + tokenCount * 4
            ),
            sum(Array(header.dropLast(8)), description, tokens, bytes) == number(32, UInt64.self)
        else { throw Refusal(reason: "it is damaged") }
        if let difference = owner.difference(from: String(decoding: description, as: UTF8.self)) {
            throw Refusal(reason: difference)
        }
        return SequenceState(tokens: numbers(tokens), bytes: bytes)
    }

    private static func numbers(_ bytes: [UInt8]) -> [Int32] {
        bytes.withUnsafeBytes { bytes in
            stride(from: 0, to: bytes.count, by: 4).map {
                Int32(littleEndian: bytes.loadUnaligned(fromByteOffset: $0, as: Int32.self))
            }
        }
    }
}

/// The model and the settings that a state depends on.
struct CacheOwner: Hashable {
    /// Stands for the weights.
    let model: String
    /// What else changes the state, the library's version included.
    let settings: String

    /// As it stands in the file.
    var description: String { "\(model)\n\(settings)" }

    /// Describes a loaded instance.
    ///
    /// - Throws: `.engine` if the model's files cannot be read.
    init(of instance: ModelInstance) throws(LMStudioError) {
        model = try Self.fingerprint(of: instance.order.stored.files)
        let config = instance.loadConfig
        func text(_ value: (some Any)?) -> String { value.map { "\($0)" } ?? "default" }
        settings = [
            "version \(LMS_VERSION_STRING)", "state \(cllama_state_version())",
            "contextLength \(text(config.contextLength))",
            "unified \(config.useUnifiedKVCache ?? true)",
            "parallel \(config.useUnifiedKVCache ?? true ? "any" : text(config.maxParallelPredictions))",
            "keys \((config.keyCacheType ?? .f16).rawValue)",
            "values \((config.valueCacheType ?? .f16).rawValue)",
            "flashAttention \(text(config.flashAttention))",
            "ropeFrequencyBase \(config.ropeFrequencyBase ?? 0)",
            "ropeFrequencyScale \(config.ropeFrequencyScale ?? 0)",
            "offloadKVCacheToGpu \(config.offloadKVCacheToGPU ?? true)",
            "gpuLayers \(instance.model.gpuLayers)",
            "numExperts \(config.expertCount ?? 0)",
            "numCpuExpertLayersRatio \(config.cpuExpertLayersRatio ?? 0)",
        ].joined(separator: ";")
    }

    /// Why a state with another description is of no use; `nil` if it is the same.
    func difference(from other: String) -> String? {
        if other == description { return nil }
        guard other.hasPrefix("\(model)\n") else { return "it is of another model" }
        // Characters: to split at strings takes the regular expressions along.
        let theirs = Set(other.dropFirst(model.count + 1).split { $0 == ";" })
        let mine = settings.split { $0 == ";" }.filter { !theirs.contains($0) }
        return "it was saved with other load options than \(mine.joined(separator: ", "))"
    }

    /// Bytes that are looked at of files that are larger.
    private static let largestWhole: UInt64 = 256 << 20
    private static let pieceCount = 1 << 16

    /// A sum over the sizes and bytes of files; of large ones over pieces all through them.
    private static func fingerprint(of files: [String]) throws(LMStudioError) -> String {
        var sum = Checksum()
        for path in files {
            guard let file = BinaryFile(path: path) else {
                throw LMStudioError(.engine, "cannot read \(path), which the model was loaded from")
            }
            sum.add(file.size)
            let piece = UInt64(pieceCount)
            let step = max(piece, file.size / (largestWhole / piece))
            for offset in stride(from: 0, to: file.size, by: UInt64.Stride(step)) {
                let count = Int(min(piece, file.size - offset))
                guard let bytes = file.read(UInt8.self, count: count, at: offset) else {
                    throw LMStudioError(.engine, "cannot read \(path) at byte \(offset)")
                }
                sum.add(bytes)
            }
        }
        return "model \(String(sum.value, radix: 16))"
    }
}
