import LMStudioCore
import LMStudioTesting
import Testing

@testable import LMStudioLlama

/// The reader and all checks return or throw whatever the bytes are: a trap would end the test run.
@Suite struct GGUFFileDamageTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    /// Whether a file passes all checks.
    @discardableResult
    private func accepts(_ bytes: [UInt8]) throws -> Bool {
        let path = try directory.write(bytes, to: "model.gguf")
        do {
            let file = try GGUFFile(path: path)
            try file.validateTensors()
            try file.validateHyperparameters()
            try file.validateVocabulary()
            return true
        } catch {
            #expect(error.code == .engine)
            return false
        }
    }

    private static let tiny = TinyModel().bytes()
    private static let header = TinyModel().writer().header().count

    @Test func aFileCutOffAnywhereIsRefused() throws {
        for count in Array(0..<1_500) + Array(stride(from: 1_500, to: Self.header, by: 37)) + [
            Self.header
        ] {
            #expect(try !accepts(Array(Self.tiny.prefix(count))), "\(count) bytes")
        }
        #expect(try !accepts(Array(Self.tiny.dropLast())))
        #expect(try accepts(Self.tiny))
    }

    @Test(arguments: 0..<16)
    func flippedBitsDoNoHarm(_ seed: Int) throws {
        var state = UInt64(seed)
        for _ in 0..<64 {
            var bytes = Self.tiny
            for _ in 0..<(1 + seed % 4) {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                bytes[Int(state >> 33) % Self.header] ^= 1 << UInt8(state >> 30 & 7)
            }
            try accepts(bytes)
        }
    }

    @Test(arguments: [UInt64.max, UInt64(Int64.max), 1 << 63, 1 << 40, 0])
    func hugeNumbersDoNoHarm(_ number: UInt64) throws {
        // Lengths are not aligned, so each place is tried: those of the first strings, then here and there.
        for place in Array(0..<400) + Array(stride(from: 401, to: Self.header - 8, by: 211)) {
            var bytes = Self.tiny
            withUnsafeBytes(of: number.littleEndian) {
                bytes.replaceSubrange(place..<(place + 8), with: $0)
            }
            try accepts(bytes)
        }
    }

    @Test func aFileOfZerosOrOnesIsRefused() throws {
        #expect(try !accepts([UInt8](repeating: 0, count: 4_096)))
        #expect(
            try !accepts(Array("GGUF".utf8) + [3, 0, 0, 0] + [UInt8](repeating: 0, count: 4_096))
        )
        #expect(
            try !accepts(Array("GGUF".utf8) + [3, 0, 0, 0] + [UInt8](repeating: 255, count: 4_096))
        )
    }
}
