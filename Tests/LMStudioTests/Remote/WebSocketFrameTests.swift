import NIOCore
import Testing

@testable import LMStudio

/// What a client writes, and what it makes of what it reads.
@Suite struct WebSocketFrameTests {
    @Test(arguments: [0, 1, 3, 7, 8, 9, 15, 16, 17, 125])
    func everyByteIsMasked(count: Int) {
        let payload = (0..<count).map { UInt8($0) }
        var buffer = ByteBuffer(bytes: [0xff])
        WebSocketFrameWriter.write(payload, as: .text, mask: 0x0102_0304, into: &buffer)
        let key: [UInt8] = [1, 2, 3, 4]
        let header: [UInt8] = [0xff, 0x81, 0x80 | UInt8(count)] + key
        let masked = payload.enumerated().map { $1 ^ key[$0 % 4] }
        #expect(Array(buffer.readableBytesView) == header + masked)
    }
}
