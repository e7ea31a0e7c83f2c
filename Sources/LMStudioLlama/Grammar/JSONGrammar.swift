import LMStudioCore
import LMStudioWire

/// The rules of JSON's own values, each made when it is first asked for.
struct JSONGrammar {
    var builder = GrammarBuilder()
    private var rules: [String: Int] = [:]

    /// White space between tokens: none, a space, or a new line and what indents it.
    ///
    /// It is bounded, so that a model cannot write nothing else.
    static let space = GrammarNode.choice([
        .empty, .text(" "),
        .sequence([
            .repeated(.text("\n"), min: 1, max: 2),
            .repeated(.characters(of: " \t"), min: 0, max: 20),
        ]),
    ])

    /// A digit or more of a whole number, without a leading zero.
    private static let whole = GrammarNode.choice([
        .text("0"),
        .sequence([
            .characters(CharacterRanges("1"..."9")),
            .repeated(.characters(.digits), min: 0, max: 15),
        ]),
    ])

    static let integer = GrammarNode.sequence([.optional(.text("-")), whole])

    static let number = GrammarNode.sequence([
        integer,
        .optional(
            .sequence([.text("."), .repeated(.characters(.digits), min: 1, max: 16)])
        ),
        .optional(
            .sequence([
                .characters(of: "eE"), .optional(.characters(of: "+-")),
                .repeated(.characters(.digits), min: 1, max: 2),
            ])
        ),
    ])

    /// Characters that stand for themselves in a string.
    static let plain = CharacterRanges([0...0x1F, 0x7F...0x7F]).union(CharacterRanges(of: "\"\\"))
        .inverted

    /// One character of a string: as it is, or escaped; never half a surrogate pair.
    static let character = GrammarNode.choice([
        .characters(plain),
        .sequence([.text("\\"), .characters(of: "\"\\/bfnrt")]),
        .sequence([
            .text("\\u"),
            .choice([
                .sequence([
                    .characters(hexadecimal.subtracting(CharacterRanges(of: "dD"))),
                    .repeated(.characters(hexadecimal), min: 3, max: 3),
                ]),
                .sequence([
                    .characters(of: "dD"), .characters(CharacterRanges("0"..."7")),
                    .repeated(.characters(hexadecimal), min: 2, max: 2),
                ]),
            ]),
        ]),
    ])

    static let hexadecimal = CharacterRanges("0"..."9").union(CharacterRanges("a"..."f"))
        .union(CharacterRanges("A"..."F"))

    /// A rule by name, defined by `make` when it is first asked for; it may refer to itself.
    mutating func rule(
        _ name: String,
        _ make: (inout JSONGrammar) throws(LMStudioError) -> GrammarNode
    ) throws(LMStudioError) -> GrammarNode {
        if let rule = known(name) { return rule }
        let rule = announce(name)
        let node = try make(&self)
        try builder.define(rule, node)
        return .rule(rule)
    }

    /// A rule that is announced; `nil` if there is none of that name.
    func known(_ name: String) -> GrammarNode? {
        rules[name.exact].map { .rule($0) }
    }

    /// Announces a rule by name, which is to be defined in the builder.
    mutating func announce(_ name: String) -> Int {
        let rule = builder.addRule(name)
        rules[name.exact] = rule
        return rule
    }

    /// Finishes the grammar of one value; `reason`: the error if there is none, where it is known.
    mutating func finish(
        _ value: GrammarNode,
        reason: LMStudioError? = nil
    ) throws(LMStudioError) -> Grammar {
        let root = try builder.addRule("root", value)
        return try builder.finish(root: root, reason: reason)
    }

    mutating func space() throws(LMStudioError) -> GrammarNode {
        try rule("space") { _ throws(LMStudioError) in Self.space }
    }

    mutating func character() throws(LMStudioError) -> GrammarNode {
        try rule("character") { _ throws(LMStudioError) in Self.character }
    }

    /// A string of so many characters.
    mutating func string(min: Int = 0, max: Int? = nil) throws(LMStudioError) -> GrammarNode {
        let character = try character()
        return .sequence([.text("\""), .repeated(character, min: min, max: max), .text("\"")])
    }

    /// Any value.
    mutating func value() throws(LMStudioError) -> GrammarNode {
        try rule("value") { json throws(LMStudioError) in
            .choice([
                try json.object(), try json.array(of: try json.value()), try json.string(),
                Self.number, .text("true"), .text("false"), .text("null"),
            ])
        }
    }

    /// Any object.
    mutating func object() throws(LMStudioError) -> GrammarNode {
        try object([], others: (name: try string(), value: try value()))
    }

    /// An array of so many values.
    mutating func array(
        of value: GrammarNode,
        min: Int = 0,
        max: Int? = nil
    ) throws(LMStudioError) -> GrammarNode {
        try array([], others: value, min: min, max: max)
    }

    /// A value that is to stand in several places: a rule, so that arrays of arrays do not double.
    private mutating func shared(_ value: GrammarNode) throws(LMStudioError) -> GrammarNode {
        if case .rule = value { return value }
        return .rule(try builder.addRule("item", value))
    }

    /// An array that begins with some values, all of them where that many are wanted; others follow.
    ///
    /// `min` is at most the number of those where no others may follow.
    mutating func array(
        _ first: [GrammarNode],
        others: GrammarNode?,
        min: Int = 0,
        max: Int? = nil
    ) throws(LMStudioError) -> GrammarNode {
        let space = try space()
        let comma = GrammarNode.sequence([.text(","), space])
        let count = Swift.min(first.count, max ?? .max)
        // From the end: what may follow after so many values.
        var rest = GrammarNode.empty
        if let others, max.map({ $0 > count }) ?? true {
            let others = try shared(others)
            let least = Swift.max(min - count, 0)
            let most = max.map { $0 - count }
            if count > 0 {
                rest = .repeated(.sequence([comma, others]), min: least, max: most)
            } else {
                let more = GrammarNode.repeated(
                    .sequence([comma, others]),
                    min: Swift.max(least - 1, 0),
                    max: most.map { $0 - 1 }
                )
                rest = .sequence([others, more])
                if least == 0 { rest = .optional(rest) }
            }
        }
        for index in (0..<count).reversed() {
            rest = .sequence([index > 0 ? comma : .empty, first[index], rest])
            if index >= min, index > 0 { rest = .optional(rest) }
            rest = .rule(try builder.addRule(nil, rest))
        }
        if count > 0, min == 0 { rest = .optional(rest) }
        return .sequence([.text("["), space, rest, space, .text("]")])
    }

    /// A member of an object.
    struct Member {
        var name: String
        var value: GrammarNode
        var isRequired: Bool
    }

    /// An object with some members, in their order; then others, if there may be any.
    mutating func object(
        _ members: [Member],
        others: (name: GrammarNode, value: GrammarNode)?
    ) throws(LMStudioError) -> GrammarNode {
        let space = try space()
        let comma = GrammarNode.sequence([.text(","), space])
        let colon = GrammarNode.sequence([space, .text(":"), space])
        // From the end: what may follow where no member is written yet, and where one is.
        var (first, later) = (GrammarNode.empty, GrammarNode.empty)
        if let others {
            let other = GrammarNode.rule(
                try builder.addRule(nil, .sequence([others.name, colon, others.value]))
            )
            later = .rule(try builder.addRule(nil, .any(.sequence([comma, other]))))
            first = .rule(try builder.addRule(nil, .optional(.sequence([other, later]))))
        }
        for member in members.reversed() {
            let pair = GrammarNode.rule(
                try builder.addRule(
                    nil,
                    .sequence([.text(JSONValue.string(member.name).text), colon, member.value])
                )
            )
            let (begun, continued) = (
                GrammarNode.sequence([pair, later]), GrammarNode.sequence([comma, pair, later])
            )
            let skippedFirst = member.isRequired ? [] : [first]
            let skippedLater = member.isRequired ? [] : [later]
            first = .rule(try builder.addRule(nil, .choice([begun] + skippedFirst)))
            later = .rule(try builder.addRule(nil, .choice([continued] + skippedLater)))
        }
        return .sequence([.text("{"), space, first, space, .text("}")])
    }

    /// A string that is none of some names; it has no escapes of letters, which could spell one.
    mutating func string(
        except names: [String]
    ) throws(LMStudioError) -> GrammarNode {
        let character = GrammarNode.choice([
            .characters(Self.plain), .sequence([.text("\\"), .characters(of: "\"\\/bfnrt")]),
        ])
        let any = GrammarNode.any(
            try rule("simpleCharacter") { _ throws(LMStudioError) in character }
        )
        // Names of other characters may come twice, which is JSON nevertheless.
        let plain = names.map { Array($0.unicodeScalars) }.filter { name in
            name.count <= 256 && name.allSatisfy { Self.plain.contains($0.value) }
        }
        return .sequence([.text("\""), try different(from: plain, at: 0, any: any), .text("\"")])
    }

    /// The rest of a string that begins like some names until `depth`, and is none of them.
    private mutating func different(
        from names: [[Unicode.Scalar]],
        at depth: Int,
        any: GrammarNode
    ) throws(LMStudioError) -> GrammarNode {
        var branches: [Unicode.Scalar: [[Unicode.Scalar]]] = [:]
        for name in names where name.count > depth {
            branches[name[depth], default: []].append(name)
        }
        var nodes: [GrammarNode] = names.contains { $0.count == depth } ? [] : [.empty]
        let taken = CharacterRanges(branches.keys.map { $0.value...$0.value })
        nodes.append(.sequence([.characters(Self.plain.subtracting(taken)), any]))
        nodes.append(.sequence([.text("\\"), .characters(of: "\"\\/bfnrt"), any]))
        for (scalar, names) in branches.sorted(by: { $0.key < $1.key }) {
            let rest = try different(from: names, at: depth + 1, any: any)
            nodes.append(.sequence([.characters(CharacterRanges(scalar...scalar)), rest]))
        }
        return .rule(try builder.addRule(nil, .choice(nodes)))
    }
}
