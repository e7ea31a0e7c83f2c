import LMStudioCore
import LMStudioWire
import Testing

@Suite struct FragmentScannerTests {
    private static let contents = [
        " tok0", "", "a", "1234567", "12345678", "123456789", "a longer text without escapes",
        #"quote \" and \\ and \/ slash"#, #"line\nbreak\ttab\r\b\f"#, #"\u00e9\u0000\u001f"#,
        #"\ud83d\ude00 and \uD83D\uDE00"#, #"\ud83d alone"#, #"\ude00"#, #"\ud83d\u0041"#, "é", "😀",
        "日本語のテキスト", "{\\\"type\\\":\\\"fragment\\\"}", "\u{2028}\u{7f}", "fffffff\\n",
    ]
    private static let layouts: [@Sendable (String, String, String) -> String] = [
        { content, id, reasoning in
            #"{"type":"channelSend","channelId":\#(id),"message":{"type":"fragment","fragment":{"content":"\#(content)","tokensCount":1,"containsDrafted":false,"reasoningType":"\#(reasoning)","isStructural":false}}}"#
        },
        { content, id, reasoning in
            #"{"type": "channelSend", "channelId": \#(id), "message": {"type": "fragment", "fragment": {"content": "\#(content)", "tokensCount": 12, "containsDrafted": true, "reasoningType": "\#(reasoning)", "isStructural": true}}}"#
        },
        { content, id, reasoning in
            #" { "message" : { "fragment" : { "reasoningType" : "\#(reasoning)" , "containsDrafted" : false , "tokensCount" : 0 , "content" : "\#(content)" } , "type" : "fragment" } , "channelId" : \#(id) , "type" : "channelSend" } "#
                + "\n"
        },
        { content, id, reasoning in
            #"{"channelId":\#(id),"message":{"fragment":{"containsDrafted":false,"content":"\#(content)","isStructural":false,"reasoningType":"\#(reasoning)","tokensCount":999999},"type":"fragment"},"type":"channelSend"}"#
        },
    ]

    private func scan(_ text: String) -> (channel: Int, fragment: PredictionFragment)? {
        Array(text.utf8).withUnsafeBytes { FragmentScanner.scan($0) }
    }

    private func decode(_ text: String) throws -> (channel: Int, fragment: PredictionFragment)? {
        guard
            case .channelSend(let id, let message) = ServerFrame(
                try JSONValue(parsing: text, as: "frame")
            ), case .fragment(let fragment) = PredictionMessage(message)
        else { return nil }
        return (id, fragment)
    }

    @Test(arguments: contents, ["none", "reasoning", "reasoningStartTag", "reasoningEndTag"])
    func scanEqualsTheGeneralDecoder(content: String, reasoning: String) throws {
        for layout in Self.layouts {
            for id in ["0", "1", "42", "123456789012345678"] {
                let text = layout(content, id, reasoning)
                let scanned = try #require(scan(text))
                let decoded = try #require(try decode(text))
                #expect(scanned.channel == decoded.channel)
                #expect(scanned.fragment == decoded.fragment)
            }
        }
    }

    @Test func scanTakesNoFrameThatTheGeneralDecoderRefuses() throws {
        let frame = Array(Self.layouts[0](#"a\n é 😀"#, "7", "none").utf8)
        for index in frame.indices {
            for byte in [UInt8(0), 0x20, 0x22, 0x2c, 0x30, 0x5c, 0x7d, 0x80, 0xff] {
                var damaged = frame
                damaged[index] = byte
                let scanned = damaged.withUnsafeBytes { FragmentScanner.scan($0) }
                guard let scanned else { continue }
                let json = try damaged.withUnsafeBytes { try JSONValue(parsing: $0, as: "frame") }
                #expect(json["channelId"] == .integer(Int64(scanned.channel)))
                let fragment = try #require(json["message"]?["fragment"])
                #expect(PredictionFragment(json: fragment) == scanned.fragment)
            }
        }
    }

    @Test func scanRefusesEveryBeginning() {
        let frame = Array(Self.layouts[1]("text", "7", "none").utf8)
        for count in 0..<frame.count {
            let scanned = frame[..<count].withUnsafeBytes { FragmentScanner.scan($0) }
            #expect(scanned == nil)
        }
    }

    private static func fragment(_ members: String) -> String {
        #"{"type":"channelSend","channelId":4,"message":{"type":"fragment","fragment":{\#(members)}}}"#
    }

    private static let plain =
        #""content":"x","tokensCount":1,"containsDrafted":false,"reasoningType":"none""#

    @Test(arguments: [
        fragment(plain + #","tokens":[]"#), fragment(plain + #","content":"y""#),
        fragment(#""content":"x","tokensCount":1,"containsDrafted":false"#),
        fragment(
            #""content":"x","tokensCount":1.0,"containsDrafted":false,"reasoningType":"none""#
        ),
        fragment(#""content":"x","tokensCount":1,"containsDrafted":false,"reasoningType":"new""#),
        fragment(#""content":"x","tokensCount":1,"containsDrafted":null,"reasoningType":"none""#),
        fragment(#""content":null,"tokensCount":1,"containsDrafted":false,"reasoningType":"none""#),
        fragment(#""content":"x","tokensCount":-1,"containsDrafted":false,"reasoningType":"none""#),
        fragment(#""content":"x","tokensCount":01,"containsDrafted":false,"reasoningType":"none""#),
        fragment(plain) + "x", fragment(plain + ","), "", "{}", "[]",
        #"{"type":"channelSend","channelId":4,"message":{"type":"success"}}"#,
        #"{"type":"channelClose","channelId":4}"#, #"{"type":"keepAliveAck"}"#,
        #"{"type":"channelSend","channelId":4,"ackId":1,"message":{"type":"fragment","fragment":{\#(plain)}}}"#,
        #"{"type":"channelSend","channelId":"4","message":{"type":"fragment","fragment":{\#(plain)}}}"#,
        #"{"type":"channelSend","message":{"type":"fragment","fragment":{\#(plain)}}}"#,
        #"{"type":"other","channelId":4,"message":{"type":"fragment","fragment":{\#(plain)}}}"#,
        #"{"type":"channelSend","channelId":4,"message":{"fragment":{\#(plain)}}}"#,
    ])
    func unusualFrameIsLeftToTheGeneralDecoder(text: String) {
        #expect(scan(text) == nil)
    }

    @Test func structuralMarkMayBeMissing() {
        #expect(scan(Self.fragment(Self.plain))?.fragment.content == "x")
    }

    // MARK: Writing

    @Test(arguments: ["", " tok0", "a \"b\" \\ \n\u{0}\u{1f}", "é😀\u{2028}", "</script>"])
    func writerAndScannerAgree(content: String) throws {
        for reasoning in ["none", "reasoning", "reasoningStartTag", "reasoningEndTag"] {
            let fragment = PredictionFragment(
                content: content,
                tokensCount: 12,
                containsDrafted: content.isEmpty,
                reasoningType: try #require(.init(rawValue: reasoning))
            )
            var bytes: [UInt8] = []
            FragmentWriter.append(fragment, channel: 34, to: &bytes)
            let scanned = try #require(bytes.withUnsafeBytes { FragmentScanner.scan($0) })
            #expect(scanned.channel == 34)
            #expect(scanned.fragment == fragment)
            let frame = ServerFrame.channelSend(
                id: 34,
                message: PredictionMessage.fragment(fragment).json
            )
            let written = try bytes.withUnsafeBytes { try JSONValue(parsing: $0, as: "frame") }
            #expect(written == frame.json)
        }
    }
}
