import LMStudioCore
import LMStudioWire
import Testing

/// Base64, through the files that come in it.
@Suite struct Base64Tests {
    // The vectors of RFC 4648, section 10, and all 64 letters.
    @Test(arguments: [
        ("", ""), ("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9vYg==", "foob"),
        ("Zm9vYmE=", "fooba"), ("Zm9vYmFy", "foobar"),
    ])
    func vectorsDecode(text: String, content: String) throws {
        let file = try UploadedFiles(maximumBytes: 100).add(base64: text, name: "x.bin")
        #expect(file.bytes == Array(content.utf8))
    }

    @Test func everyLetterCounts() throws {
        let text = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        let file = try UploadedFiles(maximumBytes: 100).add(base64: text, name: "x.bin")
        #expect(file.bytes.count == 48)
        #expect(file.bytes.prefix(3) == [0x00, 0x10, 0x83])
        #expect(file.bytes.suffix(3) == [0xf3, 0xdf, 0xbf])
    }

    @Test(arguments: ["Zg", "Zg=", "Z===", "====", "Zh==", "Zm9=", "Zm 9", "Zm9v\n", "Zm9-", "Zé=="])
    func otherTextsAreRefused(text: String) {
        #expect(throws: LMStudioError.self) {
            try UploadedFiles(maximumBytes: 100).add(base64: text, name: "x.bin")
        }
    }
}
