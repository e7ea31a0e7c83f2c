/// A piece of a grammar, as its author thinks of it.
indirect enum GrammarNode: Sendable {
    case text(String)
    /// One character of a set.
    case characters(CharacterRanges)
    /// What a rule stands for, by its number.
    case rule(Int)
    case sequence([GrammarNode])
    case choice([GrammarNode])
    /// A piece several times; `max` `nil`: any number of times.
    case repeated(GrammarNode, min: Int, max: Int?)

    static let empty = GrammarNode.sequence([])

    static func optional(_ node: GrammarNode) -> GrammarNode {
        .repeated(node, min: 0, max: 1)
    }

    static func any(_ node: GrammarNode) -> GrammarNode {
        .repeated(node, min: 0, max: nil)
    }

    static func characters(of text: String) -> GrammarNode {
        .characters(CharacterRanges(of: text))
    }
}
