import LMStudioCore

/// Reads a regular expression as JSON schemas have them, as the grammar of a JSON string's inside.
///
/// Supported are characters, `.`, sets, `\d \w \s` and their opposites, groups, `|`, repetitions,
/// and `^` and `$` at the ends. Look-around, back references, `\b` and `\p` are not.
struct PatternParser {
    /// Most characters of a pattern.
    static let lengthLimit = 1000
    /// Groups within each other.
    private static let depthLimit = 50

    private let pattern: String
    private let text: [Unicode.Scalar]
    private var position = 0
    /// Any one character of a string.
    private let any: GrammarNode

    /// Reads a pattern.
    ///
    /// - Throws: `.invalidArgument` naming the place of what is wrong or not supported.
    static func parse(_ pattern: String, any: GrammarNode) throws(LMStudioError) -> GrammarNode {
        guard pattern.unicodeScalars.count <= lengthLimit else {
            throw LMStudioError(
                .invalidArgument,
                "the pattern \(pattern.quoted) has more than \(lengthLimit) characters"
            )
        }
        var parser = PatternParser(
            pattern: pattern,
            text: Array(pattern.unicodeScalars),
            any: any
        )
        return try parser.whole()
    }

    private init(pattern: String, text: [Unicode.Scalar], any: GrammarNode) {
        (self.pattern, self.text, self.any) = (pattern, text, any)
    }

    private func failure(_ reason: String) -> LMStudioError {
        LMStudioError(
            .invalidArgument,
            "the pattern \(pattern.quoted) \(reason) (character \(position + 1))"
        )
    }

    private var next: Unicode.Scalar? { position < text.count ? text[position] : nil }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard next == scalar else { return false }
        position += 1
        return true
    }

    /// The alternatives of the whole pattern; each is anchored or found anywhere.
    private mutating func whole() throws(LMStudioError) -> GrammarNode {
        var nodes: [GrammarNode] = []
        repeat {
            var node = take("^") ? [] : [GrammarNode.any(any)]
            node.append(try sequence(depth: 0))
            if !take("$") { node.append(.any(any)) }
            nodes.append(.sequence(node))
        } while take("|")
        switch next {
        case nil: return .choice(nodes)
        case ")": throw failure("has a \")\" too many")
        default: throw failure("has a \"$\" in the middle, which is not supported")
        }
    }

    private mutating func sequence(depth: Int) throws(LMStudioError) -> GrammarNode {
        var nodes: [GrammarNode] = []
        while let scalar = next, scalar != "|", scalar != ")", scalar != "$" {
            nodes.append(try repeated(try item(depth: depth)))
        }
        return .sequence(nodes)
    }

    private mutating func item(depth: Int) throws(LMStudioError) -> GrammarNode {
        let scalar = text[position]
        position += 1
        switch scalar {
        case ".": return Self.inside(CharacterRanges(of: "\n\r\u{2028}\u{2029}").inverted)
        case "[": return Self.inside(try set())
        case "\\": return Self.inside(try escape(inSet: false))
        case "(":
            guard depth < Self.depthLimit else {
                throw failure("has groups nested deeper than \(Self.depthLimit)")
            }
            try groupKind()
            var nodes = [try sequence(depth: depth + 1)]
            while take("|") { nodes.append(try sequence(depth: depth + 1)) }
            guard next != "$" else {
                throw failure(
                    "has a \"$\" in a group, which is not supported: put it behind the group"
                )
            }
            guard take(")") else { throw failure("has a group that lacks \")\"") }
            return .choice(nodes)
        case "^":
            throw failure("has a \"^\" behind the beginning or in a group, which is not supported")
        case "*", "+", "?":
            position -= 1
            throw failure("has nothing for \"\(scalar)\" to repeat")
        default: return Self.inside(CharacterRanges(scalar...scalar))
        }
    }

    /// Takes what says that a group is not to be remembered, or by what name.
    private mutating func groupKind() throws(LMStudioError) {
        guard take("?") else { return }
        if take(":") { return }
        _ = take("P")
        guard take("<"), next != "=", next != "!" else {
            throw failure("has a kind of group that is not supported")
        }
        while let scalar = next, scalar != ">", scalar != ")" { position += 1 }
        guard take(">") else { throw failure("has a group whose name lacks \">\"") }
    }

    private mutating func repeated(_ node: GrammarNode) throws(LMStudioError) -> GrammarNode {
        let result: GrammarNode
        switch next {
        case "*": result = .any(node)
        case "+": result = .repeated(node, min: 1, max: nil)
        case "?": result = .optional(node)
        case "{":
            guard let (min, max, end) = numbers() else { return node }
            guard min <= max ?? min else {
                throw failure("has a repetition from \(min) to \(max ?? 0)")
            }
            guard max ?? min <= GrammarBuilder.repetitionLimit else {
                throw failure("repeats something more than \(GrammarBuilder.repetitionLimit) times")
            }
            position = end - 1
            result = .repeated(node, min: min, max: max)
        default: return node
        }
        position += 1
        // As few as possible, or as many: the texts are the same.
        _ = take("?")
        if next == "*" || next == "+" || next == "{" && numbers() != nil {
            throw failure("repeats a repetition")
        }
        return result
    }

    /// The numbers of `{2}`, `{2,}` or `{2,5}` here, and the place after it; `nil` if it is none.
    private func numbers() -> (min: Int, max: Int?, end: Int)? {
        guard let close = text[position...].firstIndex(of: "}") else { return nil }
        let inner = String(String.UnicodeScalarView(text[position + 1..<close]))
        let parts = inner.split(separator: ",", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), !parts[0].isEmpty,
            parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } })
        else { return nil }
        let min = Int(parts[0]) ?? .max
        if parts.count == 1 { return (min, min, close + 1) }
        return (min, parts[1].isEmpty ? nil : Int(parts[1]) ?? .max, close + 1)
    }

    // MARK: Characters

    private mutating func set() throws(LMStudioError) -> CharacterRanges {
        let isInverted = take("^")
        var set = CharacterRanges([])
        while !take("]") {
            let low = try member()
            var range = low
            if next == "-", position + 1 < text.count, text[position + 1] != "]",
                let first = low.single
            {
                position += 1
                let high = try member()
                guard let last = high.single, first <= last else {
                    throw failure("has a range whose ends are in the wrong order")
                }
                range = CharacterRanges([first...last])
            }
            set = set.union(range)
        }
        return isInverted ? set.inverted : set
    }

    private mutating func member() throws(LMStudioError) -> CharacterRanges {
        guard let scalar = next else { throw failure("has a set that lacks \"]\"") }
        position += 1
        return scalar == "\\" ? try escape(inSet: true) : CharacterRanges(scalar...scalar)
    }

    private static let word = CharacterRanges("a"..."z").union(CharacterRanges("A"..."Z"))
        .union(.digits).union(CharacterRanges(of: "_"))
    private static let space = CharacterRanges(
        of: " \t\n\r\u{B}\u{C}\u{A0}\u{2028}\u{2029}\u{FEFF}"
    )

    private mutating func escape(inSet: Bool) throws(LMStudioError) -> CharacterRanges {
        guard let letter = next else { throw failure("ends with a \"\\\"") }
        position += 1
        switch letter {
        case "d": return .digits
        case "D": return CharacterRanges.digits.inverted
        case "w": return Self.word
        case "W": return Self.word.inverted
        case "s": return Self.space
        case "S": return Self.space.inverted
        case "t": return CharacterRanges(of: "\t")
        case "n": return CharacterRanges(of: "\n")
        case "r": return CharacterRanges(of: "\r")
        case "f": return CharacterRanges(of: "\u{C}")
        case "v": return CharacterRanges(of: "\u{B}")
        case "0": return CharacterRanges(of: "\0")
        case "b" where inSet: return CharacterRanges(of: "\u{8}")
        case "x": return try hexadecimal(digits: 2)
        case "u": return try hexadecimal(digits: 4)
        case "a"..."z", "A"..."Z", "1"..."9":
            throw failure("has \\\(letter), which is not supported")
        default: return CharacterRanges(letter...letter)
        }
    }

    private mutating func hexadecimal(digits: Int) throws(LMStudioError) -> CharacterRanges {
        let end = min(position + digits, text.count)
        let digitText = String(String.UnicodeScalarView(text[position..<end]))
        guard digitText.utf8.count == digits, let value = UInt32(digitText, radix: 16),
            let scalar = Unicode.Scalar(value)
        else {
            throw failure("has an escape that lacks \(digits) hexadecimal digits of a character")
        }
        position = end
        return CharacterRanges(scalar...scalar)
    }

    /// A character of a set, as a JSON string holds it.
    private static func inside(_ set: CharacterRanges) -> GrammarNode {
        var nodes = [GrammarNode.characters(set.intersection(JSONGrammar.plain))]
        for (scalar, escape) in [
            ("\"", "\\\""), ("\\", "\\\\"), ("\n", "\\n"), ("\t", "\\t"), ("\r", "\\r"),
            ("\u{8}", "\\b"), ("\u{C}", "\\f"),
        ] where set.contains(Unicode.Scalar(scalar).map(\.value) ?? 0) {
            nodes.append(.text(escape))
        }
        return .choice(nodes)
    }
}

extension CharacterRanges {
    /// The only character, if there is but one.
    fileprivate var single: UInt32? {
        ranges.count == 1 && ranges[0].lowerBound == ranges[0].upperBound
            ? ranges[0].lowerBound : nil
    }
}
