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
        guard scanner.frame(), scanner.json.isAtEnd(), scanner.seen.isSuperset(of: .required) else {
            return nil
        }
        return (scanner.channel, scanner.fragment)
    }

    /// The members that were read.
    private struct Members: OptionSet {
        let rawValue: UInt16

        static let frameType = Members(rawValue: 1)
        static let channel = Members(rawValue: 2)
        static let message = Members(rawValue: 4)
        static let messageType = Members(rawValue: 8)
        static let fragment = Members(rawValue: 16)
        static let content = Members(rawValue: 32)
        static let tokensCount = Members(rawValue: 64)
        static let containsDrafted = Members(rawValue: 128)
        static let reasoningType = Members(rawValue: 256)
        static let isStructural = Members(rawValue: 512)
        /// All but the last, which not every server sends.
        static let required = Members(rawValue: 511)
    }

    private var json: JSONParser
    private var seen: Members = []
    private var channel = 0
    private var fragment = PredictionFragment(content: "", tokensCount: 0)

    private init(json: JSONParser) {
        self.json = json
    }

    private mutating func frame() -> Bool {
        guard json.take(UInt8(ascii: "{")) else { return false }
        repeat {
            if take(.frameType, "\"type\"") {
                guard value("\"channelSend\"") else { return false }
            } else if take(.channel, "\"channelId\"") {
                guard let number = json.plainInteger() else { return false }
                channel = number
            } else if take(.message, "\"message\"") {
                guard message() else { return false }
            } else {
                return false
            }
        } while json.take(UInt8(ascii: ","))
        return json.take(UInt8(ascii: "}"))
    }

    private mutating func message() -> Bool {
        guard json.take(UInt8(ascii: "{")) else { return false }
        repeat {
            if take(.messageType, "\"type\"") {
                guard value("\"fragment\"") else { return false }
            } else if take(.fragment, "\"fragment\"") {
                guard fragmentObject() else { return false }
            } else {
                return false
            }
        } while json.take(UInt8(ascii: ","))
        return json.take(UInt8(ascii: "}"))
    }

    private mutating func fragmentObject() -> Bool {
        guard json.take(UInt8(ascii: "{")) else { return false }
        repeat {
            if take(.content, "\"content\"") {
                guard json.next() == UInt8(ascii: "\""), let text = try? json.string() else {
                    return false
                }
                fragment.content = text
            } else if take(.tokensCount, "\"tokensCount\"") {
                guard let number = json.plainInteger() else { return false }
                fragment.tokensCount = number
            } else if take(.containsDrafted, "\"containsDrafted\"") {
                guard let flag = bool() else { return false }
                fragment.containsDrafted = flag
            } else if take(.reasoningType, "\"reasoningType\"") {
                guard reasoningType() else { return false }
            } else if take(.isStructural, "\"isStructural\"") {
                guard bool() != nil else { return false }
            } else {
                return false
            }
        } while json.take(UInt8(ascii: ","))
        return json.take(UInt8(ascii: "}"))
    }

    /// Takes a member's name and its colon, once.
    @inline(__always)
    private mutating func take(_ member: Members, _ name: StaticString) -> Bool {
        seen.isDisjoint(with: member) && takeNew(member, name)
    }

    private mutating func takeNew(_ member: Members, _ name: StaticString) -> Bool {
        guard value(name), json.take(UInt8(ascii: ":")) else { return false }
        seen.formUnion(member)
        return true
    }

    /// Takes a string that needs no unescaping.
    @inline(__always)
    private mutating func value(_ quoted: StaticString) -> Bool {
        json.next() == UInt8(ascii: "\"") && json.take(quoted)
    }

    @inline(__always)
    private mutating func bool() -> Bool? {
        switch json.next() {
        case UInt8(ascii: "f")?: json.take("false") ? false : nil
        case UInt8(ascii: "t")?: json.take("true") ? true : nil
        default: nil
        }
    }

    @inline(__always)
    private mutating func reasoningType() -> Bool {
        if value("\"none\"") {
            fragment.reasoningType = .none
        } else if value("\"reasoning\"") {
            fragment.reasoningType = .reasoning
        } else if value("\"reasoningStartTag\"") {
            fragment.reasoningType = .reasoningStartTag
        } else if value("\"reasoningEndTag\"") {
            fragment.reasoningType = .reasoningEndTag
        } else {
            return false
        }
        return true
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
