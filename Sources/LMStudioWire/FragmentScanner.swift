package import LMStudioCore

/// Reads the frames that streams are made of, without a JSON tree.
package struct FragmentScanner {
    /// Reads `{"type":"channelSend","channelId":…,"message":{"type":"fragment","fragment":{…}}}`.
    ///
    /// The members may come in any order and with spaces between them.
    ///
    /// - Parameter bytes: the whole text of a WebSocket message.
    /// - Returns: the channel and the fragment; `nil` for any other frame, and for one with a member
    ///   that is unknown, missing, given twice or of an unusual form: read these as JSON.
    package static func scan(
        _ bytes: UnsafeRawBufferPointer
    ) -> (channel: Int, fragment: PredictionFragment)? {
        var scanner = FragmentScanner(json: JSONParser(bytes))
        guard let frame = scanner.frame(), scanner.json.isAtEnd() else { return nil }
        return frame
    }

    private var json: JSONParser

    private init(json: JSONParser) {
        self.json = json
    }

    private mutating func frame() -> (channel: Int, fragment: PredictionFragment)? {
        var channel: Int?
        var fragment: PredictionFragment?
        var isChannelSend = false
        guard json.take(UInt8(ascii: "{")) else { return nil }
        repeat {
            if channel == nil, name("\"channelId\"") {
                channel = json.plainInteger()
                guard channel != nil else { return nil }
            } else if fragment == nil, name("\"message\"") {
                fragment = message()
                guard fragment != nil else { return nil }
            } else if !isChannelSend, name("\"type\"") {
                guard value("\"channelSend\"") else { return nil }
                isChannelSend = true
            } else {
                return nil
            }
        } while json.take(UInt8(ascii: ","))
        guard json.take(UInt8(ascii: "}")), isChannelSend, let channel, let fragment else {
            return nil
        }
        return (channel, fragment)
    }

    private mutating func message() -> PredictionFragment? {
        var fragment: PredictionFragment?
        var isFragment = false
        guard json.take(UInt8(ascii: "{")) else { return nil }
        repeat {
            if fragment == nil, name("\"fragment\"") {
                fragment = self.fragment()
                guard fragment != nil else { return nil }
            } else if !isFragment, name("\"type\"") {
                guard value("\"fragment\"") else { return nil }
                isFragment = true
            } else {
                return nil
            }
        } while json.take(UInt8(ascii: ","))
        return json.take(UInt8(ascii: "}")) && isFragment ? fragment : nil
    }

    private mutating func fragment() -> PredictionFragment? {
        var content: String?
        var tokensCount: Int?
        var containsDrafted: Bool?
        var isStructural: Bool?
        var reasoningType: PredictionFragment.ReasoningType?
        guard json.take(UInt8(ascii: "{")) else { return nil }
        repeat {
            if content == nil, name("\"content\"") {
                guard json.next() == UInt8(ascii: "\"") else { return nil }
                content = try? json.string()
                guard content != nil else { return nil }
            } else if tokensCount == nil, name("\"tokensCount\"") {
                tokensCount = json.plainInteger()
                guard tokensCount != nil else { return nil }
            } else if containsDrafted == nil, name("\"containsDrafted\"") {
                containsDrafted = bool()
                guard containsDrafted != nil else { return nil }
            } else if reasoningType == nil, name("\"reasoningType\"") {
                reasoningType = self.reasoningType()
                guard reasoningType != nil else { return nil }
            } else if isStructural == nil, name("\"isStructural\"") {
                isStructural = bool()
                guard isStructural != nil else { return nil }
            } else {
                return nil
            }
        } while json.take(UInt8(ascii: ","))
        guard json.take(UInt8(ascii: "}")), let content, let tokensCount, let containsDrafted,
            let reasoningType
        else { return nil }
        return PredictionFragment(
            content: content,
            tokensCount: tokensCount,
            containsDrafted: containsDrafted,
            reasoningType: reasoningType
        )
    }

    /// Takes a member's name and its colon.
    @inline(__always)
    private mutating func name(_ quoted: StaticString) -> Bool {
        value(quoted) && json.take(UInt8(ascii: ":"))
    }

    /// Takes a string that needs no unescaping.
    @inline(__always)
    private mutating func value(_ quoted: StaticString) -> Bool {
        json.next() == UInt8(ascii: "\"") && json.take(quoted)
    }

    private mutating func bool() -> Bool? {
        switch json.next() {
        case UInt8(ascii: "f")?: json.take("false") ? false : nil
        case UInt8(ascii: "t")?: json.take("true") ? true : nil
        default: nil
        }
    }

    private mutating func reasoningType() -> PredictionFragment.ReasoningType? {
        if value("\"none\"") { return .some(.none) }
        if value("\"reasoning\"") { return .reasoning }
        if value("\"reasoningStartTag\"") { return .reasoningStartTag }
        if value("\"reasoningEndTag\"") { return .reasoningEndTag }
        return nil
    }
}

extension JSONParser {
    /// A whole number of at most 18 digits, without sign, point and exponent; otherwise `nil`.
    mutating func plainInteger() -> Int? {
        guard let first = next()?.digit else { return nil }
        var value = first
        var count = 1
        position &+= 1
        while let digit = byte?.digit, count < 18 {
            guard value > 0 else { return nil }
            value = value &* 10 &+ digit
            count &+= 1
            position &+= 1
        }
        switch byte {
        case UInt8(ascii: ",")?, UInt8(ascii: "}")?, UInt8(ascii: " ")?: return value
        default: return nil
        }
    }
}

extension UInt8 {
    /// The digit that it is the ASCII letter of.
    fileprivate var digit: Int? {
        let digit = self &- UInt8(ascii: "0")
        return digit < 10 ? Int(digit) : nil
    }
}
