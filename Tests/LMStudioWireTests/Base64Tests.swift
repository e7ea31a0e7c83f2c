import Testing

@testable import LMStudioWire

@Suite struct Base64Tests {
    @Test(arguments: [
        ("", ""), ("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9vYg==", "foob"),
        ("Zm9vYmE=", "fooba"), ("Zm9vYmFy", "foobar"),
    ])
    func textIsDecodedAndEncoded(text: String, content: String) {
        #expect(Base64.decode(text) == Array(content.utf8))
        #expect(Base64.encode(Array(content.utf8)) == text)
    }

    @Test func everyLetterOfTheAlphabetHasItsValue() {
        let text = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        let expected = stride(from: 0, to: 64, by: 4).flatMap { first -> [UInt8] in
            let bits = (0..<4).reduce(0) { $0 << 6 | (first + $1) }
            return [UInt8(bits >> 16), UInt8(bits >> 8 & 0xff), UInt8(bits & 0xff)]
        }
        #expect(Base64.decode(text) == expected)
        #expect(Base64.encode(expected) == text)
    }

    @Test(arguments: [
        "Z", "Zg", "Zg=", "Zm8", "Zm9vY", "=", "====", "Z===", "Zg==Zg==", "Zh==", "Zm9=", "Zm9v\n",
        " Zm9", "Zm-_", "Zmé", "Zg=a", "Zg\0=",
    ])
    func otherTextIsRefused(text: String) {
        #expect(Base64.decode(text) == nil)
    }
}
