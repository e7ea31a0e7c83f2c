import LMStudioCore

/// Reads JSON from bytes, as RFC 8259 has it.
///
/// Of members with the same name the last one counts. An escaped half of a surrogate pair, which
/// the RFC leaves open, becomes U+FFFD: a server that cuts a text there must not lose the rest.
struct JSONParser {
    /// Arrays and objects within each other.
    static let depthLimit = 512

    /// What is wrong, and at which byte.
    struct Failure: Error {
        let reason: String
        let position: Int
    }

    private let bytes: UnsafeRawBufferPointer
    private var keepsOrder: Bool
    var position = 0

    /// Reads bytes; `keepsOrder`: whether objects keep the order of their members.
    init(_ bytes: UnsafeRawBufferPointer, keepsOrder: Bool = false) {
        self.bytes = bytes
        self.keepsOrder = keepsOrder
    }

    /// The one value that the bytes are the text of.
    mutating func document() throws(Failure) -> JSONValue {
        let value = try value(depth: 0)
        guard isAtEnd() else { throw failure("more follows the value") }
        return value
    }

    private mutating func value(depth: Int) throws(Failure) -> JSONValue {
        guard let byte = next() else { throw failure("it ends where a value should be") }
        switch byte {
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "{"):
            return keepsOrder ? try orderedObject(depth: depth + 1) : try object(depth: depth + 1)
        case UInt8(ascii: "["): return try array(depth: depth + 1)
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        default: throw failure("there is no value")
        }
    }

    private mutating func word(
        _ word: StaticString,
        _ value: JSONValue
    ) throws(Failure) -> JSONValue {
        guard take(word) else { throw failure("there is no value") }
        return value
    }

    private mutating func array(depth: Int) throws(Failure) -> JSONValue {
        try open(depth)
        var values: [JSONValue] = []
        if take(UInt8(ascii: "]")) { return .array(values) }
        repeat {
            values.append(try value(depth: depth))
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "]")) else { throw failure("an array lacks \",\" or \"]\"") }
        return .array(values)
    }

    private mutating func object(depth: Int) throws(Failure) -> JSONValue {
        try open(depth)
        var members: [String: JSONValue] = [:]
        if take(UInt8(ascii: "}")) { return .object(members) }
        repeat {
            let name = try memberName()
            keepsOrder = Self.ordered.contains(name)
            members[name] = try value(depth: depth)
            keepsOrder = false
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "}")) else { throw failure("an object lacks \",\" or \"}\"") }
        return .object(members)
    }

    /// Members whose objects keep their order.
    private static let ordered: Set = ["jsonSchema", "json_schema", "parameters", "arguments"]

    private mutating func orderedObject(depth: Int) throws(Failure) -> JSONValue {
        try open(depth)
        var members: [JSONValue.Member] = []
        var places: [String: Int] = [:]
        if take(UInt8(ascii: "}")) { return .ordered(members) }
        repeat {
            let member = JSONValue.Member(name: try memberName(), value: try value(depth: depth))
            let name = member.name.exact
            if let place = places[name] {
                members[place] = member
            } else {
                places[name] = members.count
                members.append(member)
            }
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "}")) else { throw failure("an object lacks \",\" or \"}\"") }
        return .ordered(members)
    }

    private mutating func memberName() throws(Failure) -> String {
        guard next() == UInt8(ascii: "\"") else {
            throw failure("an object's member lacks its name")
        }
        let name = try string()
        guard take(UInt8(ascii: ":")) else { throw failure("a member lacks \":\"") }
        return name
    }

    private mutating func open(_ depth: Int) throws(Failure) {
        guard depth <= Self.depthLimit else {
            throw failure("it is nested deeper than \(Self.depthLimit)")
        }
        position += 1
    }

    // MARK: Bytes

    /// The next byte, which stays.
    var byte: UInt8? {
        position < bytes.count ? bytes[position] : nil
    }

    /// Whether nothing but white space is left.
    mutating func isAtEnd() -> Bool {
        next() == nil
    }

    /// The next byte that is not white space, which stays.
    @inline(__always)
    mutating func next() -> UInt8? {
        while position < bytes.count {
            let byte = bytes[position]
            guard byte <= UInt8(ascii: " ") else { return byte }
            guard byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 else { return byte }
            position &+= 1
        }
        return nil
    }

    /// Takes a byte if it comes next, after white space.
    @inline(__always)
    mutating func take(_ byte: UInt8) -> Bool {
        guard next() == byte else { return false }
        position &+= 1
        return true
    }

    /// Takes some bytes if they come at once.
    @inline(__always)
    mutating func take(_ text: StaticString) -> Bool {
        guard bytes.holds(text, at: position) else { return false }
        position &+= text.utf8CodeUnitCount
        return true
    }

    func failure(_ reason: String) -> Failure {
        Failure(reason: reason, position: position)
    }

    // MARK: Numbers

    private mutating func number() throws(Failure) -> JSONValue {
        let start = position
        let isNegative = take("-")
        let (whole, isExact) = try digits()
        guard whole.count == 1 || bytes[whole.lowerBound] != UInt8(ascii: "0") else {
            throw failure("a number begins with 0")
        }
        var isWhole = true
        if take(".") {
            isWhole = false
            _ = try digits()
        }
        if take("e") || take("E") {
            isWhole = false
            if !take("-") { _ = take("+") }
            _ = try digits()
        }
        if isWhole, let magnitude = isExact {
            if !isNegative, let value = Int64(exactly: magnitude) { return .integer(value) }
            if isNegative, magnitude <= Int64.min.magnitude {
                return .integer(Int64(truncatingIfNeeded: 0 &- magnitude))
            }
        }
        let text = String(decoding: bytes.part(from: start, to: position), as: UTF8.self)
        guard let value = Double(text), value.isFinite else {
            throw failure("a number is too large")
        }
        return isWhole && keepsOrder ? .digits(text) : .number(value)
    }

    /// At least one digit; their value if it is below 2⁶⁴.
    private mutating func digits() throws(Failure) -> (place: Range<Int>, value: UInt64?) {
        let start = position
        var value: UInt64? = 0
        while position < bytes.count {
            let digit = bytes[position] &- UInt8(ascii: "0")
            guard digit < 10 else { break }
            if let known = value {
                let (tens, isTooLarge) = known.multipliedReportingOverflow(by: 10)
                let (sum, isTooLargeToo) = tens.addingReportingOverflow(UInt64(digit))
                value = isTooLarge || isTooLargeToo ? nil : sum
            }
            position &+= 1
        }
        guard position > start else { throw failure("a number lacks a digit") }
        return (start..<position, value)
    }

    // MARK: Strings

    /// The string that begins with the quote here.
    mutating func string() throws(Failure) -> String {
        position &+= 1
        let start = position
        let run = JSONText.plainRun(bytes, from: start)
        position = run.end
        guard byte == UInt8(ascii: "\"") else { return try escapedString(from: start) }
        let text = JSONText.string(bytes.part(from: start, to: run.end), isASCII: run.isASCII)
        guard let text else { throw failure("the string before is not UTF-8") }
        position &+= 1
        return text
    }

    /// The rest of a string whose bytes from `start` on are plain until here.
    private mutating func escapedString(from start: Int) throws(Failure) -> String {
        var unescaped: [UInt8] = []
        unescaped.reserveCapacity(2 * (position &- start) &+ 32)
        unescaped.append(contentsOf: bytes.part(from: start, to: position))
        while byte != UInt8(ascii: "\"") {
            guard byte != nil else { throw failure("a string lacks its end") }
            guard take("\\") else {
                throw failure("a string holds a control character that is not escaped")
            }
            try escape(into: &unescaped)
            let end = JSONText.plainRun(bytes, from: position).end
            unescaped.append(contentsOf: bytes.part(from: position, to: end))
            position = end
        }
        let isASCII = unescaped.allSatisfy { $0 < 0x80 }
        let text = unescaped.withUnsafeBytes { JSONText.string($0, isASCII: isASCII) }
        guard let text else { throw failure("the string before is not UTF-8") }
        position &+= 1
        return text
    }

    private mutating func escape(into text: inout [UInt8]) throws(Failure) {
        guard position < bytes.count else { throw failure("a string lacks its end") }
        let letter = bytes[position]
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(letter)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0c)
        case UInt8(ascii: "n"): text.append(0x0a)
        case UInt8(ascii: "r"): text.append(0x0d)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            position &+= 1
            text.append(contentsOf: String(try scalar()).utf8)
            return
        default: throw failure("there is no such escape")
        }
        position &+= 1
    }

    /// The character of `\u` and four digits, or of a pair of these.
    private mutating func scalar() throws(Failure) -> Character {
        let first = try fourDigits()
        if let scalar = Unicode.Scalar(first) { return Character(scalar) }
        guard UTF16.isLeadSurrogate(first), position &+ 1 < bytes.count,
            bytes[position] == UInt8(ascii: "\\"), bytes[position &+ 1] == UInt8(ascii: "u")
        else { return "\u{fffd}" }
        let second = position
        position &+= 2
        let trail = try fourDigits()
        guard UTF16.isTrailSurrogate(trail) else {
            position = second
            return "\u{fffd}"
        }
        let value = 0x10000 + (UInt32(first & 0x3ff) << 10) + UInt32(trail & 0x3ff)
        return Unicode.Scalar(value).map { Character($0) } ?? "\u{fffd}"
    }

    private mutating func fourDigits() throws(Failure) -> UInt16 {
        var value: UInt16 = 0
        for _ in 0..<4 {
            guard position < bytes.count,
                let digit = Character(Unicode.Scalar(bytes[position])).hexDigitValue
            else { throw failure("\\u needs four hexadecimal digits") }
            value = value << 4 | UInt16(digit)
            position &+= 1
        }
        return value
    }
}
