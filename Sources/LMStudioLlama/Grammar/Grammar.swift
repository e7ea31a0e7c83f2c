import LMStudioCore

/// What texts an answer may be: the rules of a context-free grammar, ready to be matched.
///
/// No rule is left-recursive in a way that would need an endless stack, and every alternative can
/// come to an end.
struct Grammar: Sendable {
    /// Alternatives one after the other, each with an `end` after it.
    ///
    /// A number ≥ 0 is a set of characters, one < `end` a rule.
    let elements: [Int32]
    /// Where in `elements` each alternative begins, rule by rule.
    let alternatives: [Int32]
    /// Where in `alternatives` those of each rule begin, and after the last rule the end.
    let ruleStarts: [Int32]
    let sets: [CharacterRanges]
    /// The rule that stands for the whole text.
    let root: Int
    /// Characters at which sets begin or end: those between two of them are all alike.
    let boundaries: [UInt32]

    /// Stands after each alternative.
    static let end: Int32 = -1

    /// The element that stands for a rule.
    static func element(ofRule rule: Int) -> Int32 { -2 - Int32(rule) }

    /// The rule an element stands for.
    static func rule(of element: Int32) -> Int { Int(-2 - element) }

    /// Makes a grammar of rules that a builder has checked.
    init(rules: [[[Int32]]], sets: [CharacterRanges], root: Int) {
        var elements: [Int32] = []
        var alternatives: [Int32] = []
        var ruleStarts: [Int32] = []
        for rule in rules {
            ruleStarts.append(Int32(alternatives.count))
            for alternative in rule {
                alternatives.append(Int32(elements.count))
                elements += alternative
                elements.append(Self.end)
            }
        }
        ruleStarts.append(Int32(alternatives.count))
        self.elements = elements
        self.alternatives = alternatives
        self.ruleStarts = ruleStarts
        self.sets = sets
        self.root = root
        var boundaries: Set<UInt32> = [0]
        for range in sets.lazy.flatMap(\.ranges) {
            boundaries.insert(range.lowerBound)
            boundaries.insert(range.upperBound + 1)
        }
        self.boundaries = boundaries.sorted()
    }

    /// The alternatives of a rule, as places in `elements`.
    func alternatives(of rule: Int) -> ArraySlice<Int32> {
        alternatives[Int(ruleStarts[rule])..<Int(ruleStarts[rule + 1])]
    }

    /// The number of the class of characters that one is in.
    func characterClass(of scalar: UInt32) -> Int {
        var (low, high) = (0, boundaries.count)
        while low < high {
            let middle = (low + high) / 2
            if boundaries[middle] <= scalar { low = middle + 1 } else { high = middle }
        }
        return low - 1
    }
}
