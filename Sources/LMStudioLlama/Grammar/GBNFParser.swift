import LMStudioCore

/// Reads a grammar in llama.cpp's GBNF (its grammars/README.md).
///
/// Of two definitions of a rule the last counts, which is noted. Tokens (`<think>`) are not supported.
struct GBNFParser {
    /// Most bytes of a grammar's text.
    static let lengthLimit = 256 * 1024
    /// Groups within each other.
    static let depthLimit = 50
    /// Repetitions of one item: `a*?+`.
    private static let repetitionsLimit = 4

    private let text: [Unicode.Scalar]
    private var position = 0
    private var builder = GrammarBuilder()
    private var rules: [String: Int] = [:]
    /// Where each rule is first used.
    private var uses: [String: Int] = [:]
    private var defined: Set<String> = []
    /// What is odd, for people.
    private var notes: [String] = []

    /// Reads a grammar, whose texts are those of its rule `root`.
    ///
    /// - Returns: the grammar, and a note for each of a few rules that are defined twice.
    /// - Throws: `.invalidArgument` naming line and column.
    static func parse(_ text: String) throws(LMStudioError) -> (grammar: Grammar, notes: [String]) {
        guard text.utf8.count <= lengthLimit else {
            throw LMStudioError(
                .invalidArgument,
                "the grammar has \(text.utf8.count) bytes; at most \(lengthLimit) are possible"
            )
        }
        var parser = GBNFParser(text)
        return (try parser.grammar(), parser.notes)
    }

    private init(_ text: String) {
        self.text = Array(text.unicodeScalars)
    }

    private mutating func grammar() throws(LMStudioError) -> Grammar {
        skipSpace(andLines: true)
        while position < text.count { try rule() }
        let missing = uses.filter { !defined.contains($0.key) }.min { $0.value < $1.value }
        if let (name, place) = missing {
            throw failure("there is no rule \(name.quoted)", at: place)
        }
        guard let root = rules["root"], defined.contains("root") else {
            throw failure("there is no rule \"root\", which stands for the whole text")
        }
        return try builder.finish(root: root)
    }

    private func failure(_ reason: String, at place: Int? = nil) -> LMStudioError {
        LMStudioError(
            .invalidArgument,
            "the grammar is wrong in \(line(at: place ?? position)): \(reason)"
        )
    }

    /// A place, for people.
    private func line(at place: Int) -> String {
        let before = text[..<min(place, text.count)]
        let line = before.count { $0 == "\n" } + 1
        let column = before.count - (before.lastIndex(of: "\n").map { $0 + 1 } ?? 0) + 1
        return "line \(line), column \(column)"
    }

    // MARK: Rules

    private mutating func rule() throws(LMStudioError) {
        let start = position
        let name = try name()
        skipSpace(andLines: false)
        guard take("::=") else { throw failure("after the rule's name \(name.quoted) lacks ::=") }
        skipSpace(andLines: true)
        let node = try choice(depth: 0)
        guard position == text.count || isLineEnd else {
            throw failure("\(excerpt) is no part of a rule")
        }
        try builder.define(number(of: name), node)
        if !defined.insert(name).inserted, notes.count < 5 {
            notes.append(
                "the grammar's rule \(name.quoted) is defined again in \(line(at: start)); the last definition counts"
            )
        }
        skipSpace(andLines: true)
    }

    private mutating func number(of name: String) -> Int {
        if let number = rules[name] { return number }
        let number = builder.addRule(name)
        rules[name] = number
        return number
    }

    private mutating func choice(depth: Int) throws(LMStudioError) -> GrammarNode {
        guard depth <= Self.depthLimit else {
            throw failure("groups are nested deeper than \(Self.depthLimit)")
        }
        var nodes = [try sequence(depth: depth)]
        while take("|") {
            skipSpace(andLines: true)
            nodes.append(try sequence(depth: depth))
        }
        return nodes.count == 1 ? nodes[0] : .choice(nodes)
    }

    private mutating func sequence(depth: Int) throws(LMStudioError) -> GrammarNode {
        var nodes: [GrammarNode] = []
        while position < text.count, let node = try item(depth: depth) {
            skipSpace(andLines: depth > 0)
            nodes.append(try repeated(node, depth: depth))
        }
        return nodes.count == 1 ? nodes[0] : .sequence(nodes)
    }

    /// The next item; `nil` if the sequence ends here.
    private mutating func item(depth: Int) throws(LMStudioError) -> GrammarNode? {
        let start = position
        switch text[position] {
        case "\"": return try literal()
        case "[": return try characters()
        case "(":
            position += 1
            skipSpace(andLines: true)
            let node = try choice(depth: depth + 1)
            guard take(")") else { throw failure("a group lacks \")\"") }
            // A group is one thing for a repetition, even where it is a sequence.
            return node
        case ".":
            position += 1
            return .characters(.all)
        case "<", "!": throw failure("tokens (<…>) are not supported")
        case "*", "+", "?", "{": throw failure("there is nothing that \(excerpt) could repeat")
        case let scalar where Self.isNamePart(scalar):
            let name = try name()
            if uses[name] == nil { uses[name] = start }
            return .rule(number(of: name))
        default: return nil
        }
    }

    private mutating func repeated(
        _ node: GrammarNode,
        depth: Int
    ) throws(LMStudioError) -> GrammarNode {
        var node = node
        var count = 0
        while true {
            if take("*") {
                node = .any(node)
            } else if take("+") {
                node = .repeated(node, min: 1, max: nil)
            } else if take("?") {
                node = .optional(node)
            } else if take("{") {
                node = try numbered(node)
            } else {
                return node
            }
            count += 1
            guard count <= Self.repetitionsLimit else {
                throw failure("something has more than \(Self.repetitionsLimit) repetitions")
            }
            skipSpace(andLines: depth > 0)
        }
    }

    private mutating func numbered(_ node: GrammarNode) throws(LMStudioError) -> GrammarNode {
        skipSpace(andLines: true)
        let min = try integer()
        var max: Int? = min
        skipSpace(andLines: true)
        if take(",") {
            skipSpace(andLines: true)
            max = position < text.count && text[position] != "}" ? try integer() : nil
            skipSpace(andLines: true)
        }
        guard take("}") else { throw failure("a repetition lacks \"}\"") }
        if let max, max < min {
            throw failure("{\(min),\(max)}: the numbers are in the wrong order")
        }
        guard Swift.max(min, max ?? 0) <= GrammarBuilder.repetitionLimit else {
            throw failure("at most \(GrammarBuilder.repetitionLimit) repetitions are possible")
        }
        return .repeated(node, min: min, max: max)
    }

    private mutating func integer() throws(LMStudioError) -> Int {
        let start = position
        while position < text.count, ("0"..."9").contains(text[position]) { position += 1 }
        guard position > start else { throw failure("\(excerpt) is no number") }
        // A number that does not fit is as good as any that is too large.
        return Int(String(String.UnicodeScalarView(text[start..<position]))) ?? .max
    }

    // MARK: Characters

    private mutating func literal() throws(LMStudioError) -> GrammarNode {
        position += 1
        var literal = String.UnicodeScalarView()
        while !take("\"") { literal.append(try character(of: "a literal lacks its closing quote")) }
        return .text(String(literal))
    }

    private mutating func characters() throws(LMStudioError) -> GrammarNode {
        let lack = "a set of characters lacks \"]\""
        position += 1
        let isInverted = take("^")
        var ranges: [ClosedRange<UInt32>] = []
        while !take("]") {
            let low = try character(of: lack).value
            var high = low
            if position + 1 < text.count, text[position] == "-", text[position + 1] != "]" {
                position += 1
                high = try character(of: lack).value
                guard low <= high else {
                    throw failure("a range's characters are in the wrong order")
                }
            }
            ranges.append(low...high)
        }
        let set = CharacterRanges(ranges)
        return .characters(isInverted ? set.inverted : set)
    }

    private mutating func character(of lack: String) throws(LMStudioError) -> Unicode.Scalar {
        guard position < text.count else { throw failure(lack) }
        let scalar = text[position]
        position += 1
        guard scalar == "\\" else { return scalar }
        guard position < text.count else { throw failure(lack) }
        let letter = text[position]
        position += 1
        switch letter {
        case "x": return try hexadecimal(digits: 2)
        case "u": return try hexadecimal(digits: 4)
        case "U": return try hexadecimal(digits: 8)
        case "t": return "\t"
        case "r": return "\r"
        case "n": return "\n"
        case "\\", "\"", "[", "]", "-": return letter
        default: throw failure("there is no escape \\\(letter)", at: position - 2)
        }
    }

    private mutating func hexadecimal(digits: Int) throws(LMStudioError) -> Unicode.Scalar {
        let end = position + digits
        guard end <= text.count,
            let value = UInt32(String(String.UnicodeScalarView(text[position..<end])), radix: 16),
            let scalar = Unicode.Scalar(value)
        else { throw failure("an escape needs \(digits) hexadecimal digits of a character") }
        position = end
        return scalar
    }

    // MARK: Text

    private static func isNamePart(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "-", "_": true
        default: false
        }
    }

    private mutating func name() throws(LMStudioError) -> String {
        let start = position
        while position < text.count, Self.isNamePart(text[position]) { position += 1 }
        guard position > start else { throw failure("\(excerpt) is no rule's name") }
        return String(String.UnicodeScalarView(text[start..<position]))
    }

    private var isLineEnd: Bool { text[position] == "\n" || text[position] == "\r" }

    /// What comes next, for messages.
    private var excerpt: String {
        String(String.UnicodeScalarView(text[position...].prefix(20))).quoted
    }

    private mutating func skipSpace(andLines: Bool) {
        while position < text.count {
            switch text[position] {
            case " ", "\t": position += 1
            case "\n" where andLines, "\r" where andLines: position += 1
            case "#": while position < text.count, !isLineEnd { position += 1 }
            default: return
            }
        }
    }

    private mutating func take(_ token: String) -> Bool {
        guard text[position...].starts(with: token.unicodeScalars) else { return false }
        position += token.unicodeScalars.count
        return true
    }
}
