import LMStudioCore
import LMStudioTesting
import Testing

@testable import LMStudioLlama

@Suite struct ImageHeaderTests {
    private static let bmp: [UInt8] =
        Array("BM".utf8) + [UInt8](repeating: 0, count: 12) + [40, 0, 0, 0, 5, 1, 0, 0]
        + [0xFE, 0xFF, 0xFF, 0xFF] + [UInt8](repeating: 0, count: 28)

    /// A segment that is passed over, a filling byte, and a progressive frame.
    private static let jpeg: [UInt8] = [
        0xFF, 0xD8, 0xFF, 0xE0, 0, 6, 1, 2, 3, 4, 0xFF, 0xFF, 0xC2, 0, 11, 8, 1, 2, 3, 4, 1, 0,
    ]

    @Test(arguments: [
        (TestImage.header(width: 640, height: 2), 640, 2),
        (Array("GIF89a".utf8) + [1, 2, 3, 4], 513, 1027),
        (bmp, 261, 2),
        (jpeg, 772, 258),
    ])
    func theSizeIsRead(bytes: [UInt8], width: Int, height: Int) throws {
        let header = try ImageHeader(bytes, name: "x")
        #expect(header.width == width)
        #expect(header.height == height)
    }

    @Test(arguments: WebPSample.all)
    func theSizeOfAWebPIsRead(sample: WebPSample) throws {
        let header = try ImageHeader(sample.bytes, name: "x")
        #expect([header.width, header.height] == [8, 6])
    }

    /// The bits above a side's own are others' matter.
    @Test(arguments: [
        ("VP8L", [0x2F, 0xFE, 0xBF, 0x01, 0xF0], 16_383, 7),
        ("VP8 ", [0, 0, 0, 0x9D, 1, 0x2A, 0x01, 0xC1, 0x02, 0x40], 257, 2),
        ("VP8X", [0, 0, 0, 0, 0x00, 0x10, 0, 0x0F, 0, 0], 4097, 16),
    ])
    func eachFormOfAWebPHasSidesOfItsOwn(
        form: String,
        content: [UInt8],
        width: Int,
        height: Int
    ) throws {
        let bytes = Array("RIFF1234WEBP\(form)1234".utf8) + content
        let header = try ImageHeader(bytes, name: "x")
        #expect([header.width, header.height] == [width, height])
    }

    @Test func aWebPMayNotSayThatItIsHuge() {
        let bytes = Array("RIFF1234WEBPVP8X1234".utf8) + [0, 0, 0, 0, 255, 255, 255, 255, 255, 255]
        let error = #expect(throws: LMStudioError.self) { try ImageHeader(bytes, name: "x") }
        #expect(error?.message.contains("16777216 × 16777216 pixels") == true)
    }

    @Test(arguments: [[], [0xFF, 0xD8, 0xFF], Array("GIF89a".utf8), Array("BM".utf8), [1, 2, 3]])
    func theBeginningOfOneIsNone(bytes: [UInt8]) {
        let error = #expect(throws: LMStudioError.self) { try ImageHeader(bytes, name: "x.png") }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains("x.png") == true)
    }

    @Test func noBeginningOfAFileIsReadBeyond() {
        let others = [TestImage.png(), Self.jpeg, Self.bmp, Array("GIF89a".utf8) + [1, 0, 1, 0]]
        for whole in others + WebPSample.all.map(\.bytes) {
            for count in 0..<min(whole.count, 64) {
                _ = try? ImageHeader(Array(whole.prefix(count)), name: "x")
            }
        }
    }

    @Test func aFileThatIsTooLongIsRefused() {
        let header = TestImage.header(width: 4, height: 4)
        let bytes = header + [UInt8](repeating: 0, count: ImageHeader.maximumBytes)
        let error = #expect(throws: LMStudioError.self) { try ImageHeader(bytes, name: "x") }
        #expect(error?.message.contains("bytes") == true)
    }

    @Test(arguments: [(100, 50, 40, [40, 20]), (1, 300, 30, [1, 30]), (30, 30, 30, [])])
    func anImageIsFittedIntoASquare(width: Int, height: Int, side: Int, size: [Int]) throws {
        let header = try ImageHeader(TestImage.header(width: width, height: height), name: "x")
        let fitted = header.fitted(into: side).map { [$0.width, $0.height] } ?? []
        #expect(fitted == size)
    }
}
