import LMStudioCore

/// Makes a grammar of rules, within bounds of time and memory.
struct GrammarBuilder {
    /// Most elements of a grammar once repetitions are written out.
    static let sizeLimit = 400_000
    /// Most times that something is repeated by number.
    static let repetitionLimit = 20_000

    /// Rule → alternatives → elements; see ``Grammar/elements``.
    private var rules: [[[Int32]]] = []
    private var names: [String?] = []
    private var sets: [CharacterRanges] = []
    private var setNumbers: [CharacterRanges: Int32] = [:]
    private var size = 0

    /// Announces a rule, which is to be defined later.
    mutating func addRule(_ name: String?) -> Int {
        rules.append([])
        names.append(name)
        return rules.count - 1
    }

    /// Announces and defines a rule.
    mutating func addRule(_ name: String?, _ node: GrammarNode) throws(LMStudioError) -> Int {
        let rule = addRule(name)
        try define(rule, node)
        return rule
    }

    /// Says what a rule stands for; an earlier definition is forgotten.
    mutating func define(_ rule: Int, _ node: GrammarNode) throws(LMStudioError) {
        let nodes = if case .choice(let nodes) = node { nodes } else { [node] }
        var alternatives: [[Int32]] = []
        for node in nodes {
            var elements: [Int32] = []
            try append(node, to: &elements)
            try grow(by: 2)
            alternatives.append(elements)
        }
        rules[rule] = alternatives
    }

    private mutating func grow(by count: Int) throws(LMStudioError) {
        size += count
        guard size <= Self.sizeLimit else {
            throw LMStudioError(
                .invalidArgument,
                "the form of the answer takes a grammar of more than \(Self.sizeLimit) elements; "
                    + "use fewer or smaller repetitions"
            )
        }
    }

    private mutating func append(
        _ node: GrammarNode,
        to elements: inout [Int32]
    ) throws(LMStudioError) {
        switch node {
        case .text(let text):
            for scalar in text.unicodeScalars {
                try append(.characters(CharacterRanges(scalar...scalar)), to: &elements)
            }
        case .characters(let set):
            try grow(by: 1)
            elements.append(number(of: set))
        case .rule(let rule):
            try grow(by: 1)
            elements.append(Grammar.element(ofRule: rule))
        case .sequence(let nodes):
            for node in nodes { try append(node, to: &elements) }
        case .choice(let nodes):
            if nodes.count == 1 { return try append(nodes[0], to: &elements) }
            try append(.rule(try addRule(nil, node)), to: &elements)
        case .repeated(let node, let min, let max):
            try append(node, from: min, to: max, to: &elements)
        }
    }

    private mutating func append(
        _ node: GrammarNode,
        from min: Int,
        to max: Int?,
        to elements: inout [Int32]
    ) throws(LMStudioError) {
        let count = max ?? min
        guard min <= Self.repetitionLimit, count <= Self.repetitionLimit else {
            throw LMStudioError(
                .invalidArgument,
                "something is to be repeated \(Swift.max(min, count)) times; "
                    + "at most \(Self.repetitionLimit) times are possible"
            )
        }
        guard count >= min else {
            throw LMStudioError(
                .invalidArgument,
                "something is to be repeated at least \(min) and at most \(count) times"
            )
        }
        var piece: [Int32] = []
        try append(node, to: &piece)
        if piece.count != 1 {
            if max == 0 || piece.isEmpty { return }
            let rule = addRule(nil)
            rules[rule] = [piece]
            try grow(by: 2)
            piece = [Grammar.element(ofRule: rule)]
        }
        try grow(by: min + 3 * (max.map { $0 - min } ?? 1))
        for _ in 0..<min { elements += piece }
        if let max {
            guard max > min else { return }
            var rest: [Int32] = []
            for _ in min..<max {
                let rule = addRule(nil)
                rules[rule] = [piece + rest, []]
                rest = [Grammar.element(ofRule: rule)]
            }
            elements += rest
        } else {
            let rule = addRule(nil)
            rules[rule] = [piece + [Grammar.element(ofRule: rule)], []]
            elements.append(Grammar.element(ofRule: rule))
        }
    }

    private mutating func number(of set: CharacterRanges) -> Int32 {
        if let number = setNumbers[set] { return number }
        let number = Int32(sets.count)
        sets.append(set)
        setNumbers[set] = number
        return number
    }

    /// The grammar whose texts are those of a rule.
    ///
    /// - Parameters:
    ///   - root: the rule.
    ///   - reason: the error if no text ends, where more is known of it.
    /// - Returns: the grammar.
    /// - Throws: `.invalidArgument` if no text ends, or a rule begins with itself.
    func finish(root: Int, reason: LMStudioError? = nil) throws(LMStudioError) -> Grammar {
        let analysis = GrammarAnalysis(rules: rules, sets: sets)
        guard analysis.canEnd[root] else {
            if let reason { throw reason }
            let name = names[root].map { " (rule \($0.quoted))" } ?? ""
            throw LMStudioError(
                .invalidArgument,
                "no text fits the form of the answer\(name): each would go on without end, "
                    + "or needs a character that there is not"
            )
        }
        if let rule = analysis.leftRecursiveRules().first {
            let name = rule.lazy.compactMap { names[$0] }.first ?? "a group"
            throw LMStudioError(
                .invalidArgument,
                "the grammar's rule \(name.quoted) begins with itself (left recursion); "
                    + "write it with a repetition: \"*\" or \"+\""
            )
        }
        return Grammar(rules: analysis.rules, sets: sets, root: root)
    }
}
