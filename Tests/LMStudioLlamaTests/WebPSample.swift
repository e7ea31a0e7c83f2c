import Testing

@testable import LMStudioWire

/// WebP files of eight by six pixels, as Pillow writes them.
struct WebPSample: Sendable, CustomTestStringConvertible {
    var name: String
    var bytes: [UInt8]
    /// Whether its pixels are those of `TestImage.png(width: 8, height: 6)`, beside what it says of
    /// their transparency.
    var isExact: Bool

    var testDescription: String { name }

    private init(_ name: String, isExact: Bool = false, _ base64: String) {
        self.name = name
        bytes = Base64.decode(base64) ?? []
        self.isExact = isExact
    }

    static let all = [lossy, lossless, lossyAlpha, losslessAlpha, animation]

    static let lossy = WebPSample(
        "lossy",
        "UklGRioAAABXRUJQVlA4IB4AAABwAQCdASoIAAYADMDOJZACdAFAAAD+5jnYmhjhLgA="
    )

    static let lossless = WebPSample(
        "lossless",
        isExact: true,
        "UklGRjAAAABXRUJQVlA4TCMAAAAvB0ABALmM6H/sIqL/AUVt20A9uZQ/xr2GYA4mICZg1Bu/AQA="
    )

    static let lossyAlpha = WebPSample(
        "lossy with alpha",
        "UklGRmQAAABXRUJQVlA4WAoAAAAQAAAABwAABQAAQUxQSCAAAAABLzAoERG+ASEbSTqFU3iFV3iF99fqRPQ/Blsd"
            + "3OpVH1ZQOCAeAAAAcAEAnQEqCAAGAAzAziWQAnQBQAAA/uY10onauAAA"
    )

    static let losslessAlpha = WebPSample(
        "lossless with alpha",
        isExact: true,
        "UklGRjQAAABXRUJQVlA4TCgAAAAvB0ABELmM6H/sIqL/AUVt20A9uZQ/xr2GYA4mQCCQwrZ5AkbVjX8D"
    )

    /// Its second picture is the first one's negative.
    static let animation = WebPSample(
        "animation",
        isExact: true,
        "UklGRqoAAABXRUJQVlA4WAoAAAACAAAABwAABQAAQU5JTQYAAAAAAAAAAABBTk1GPAAAAAAAAAAAAAcAAAUAAAAAAAJWUDhM"
            + "IwAAAC8HQAEAuYzof+wiov8BRW3bQD25lD/GvYZgDiYgJmDUG78BAEFOTUY6AAAAAAAAAAAABwAABQAAAAAAAFZQOEwhAAAA"
            + "LwdAAQC5jOh/7CKy/wEibZv5Nzgxo0dXsPn9jwlQNm8AAA=="
    )
}
