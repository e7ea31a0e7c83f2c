import LMStudioCore

/// Matches text against a grammar, character by character, and remembers each step it took.
///
/// A state is the set of all stacks that the rules allow at a place; stacks share their tails, and
/// equal states have one number, so that most characters cost one look into a table. It belongs to
/// one thread. Work and memory are bounded: an ambiguous grammar may have more stacks than atoms.
final class GrammarMachine {
    let grammar: Grammar
    /// Number of the state in which nothing fits.
    static let dead: Int32 = 0

    /// Most stacks that one character, or one look at the vocabulary, may go through.
    private static let workLimit = 1_000_000
    /// Table sizes at which what nobody needs is forgotten.
    private static let sizeLimit = 4_000_000

    /// An element, and the stack beneath it.
    private struct Node {
        let element: Int32
        let parent: Int32
    }

    /// Stacks by number; 0 is the empty one: the text may end.
    private var nodes: [Node] = []
    private var nodeNumbers: [UInt64: Int32] = [:]
    /// The stacks of each state, rising.
    private var states: [[Int32]] = []
    private var stateNumbers: [[Int32]: Int32] = [:]
    private var stackCount = 0
    /// State after a state and a class of characters; −1: not known yet.
    private var transitions: [Int32] = []
    private let classCount: Int
    /// Class of each ASCII character.
    private let classes: [Int]
    private var work = 0
    private(set) var start: Int32 = 0
    /// Those whose states are kept.
    private var cursors: [ObjectIdentifier: Unowned] = [:]

    private struct Unowned {
        unowned let cursor: GrammarCursor
    }

    /// Which tokens fit after a state, as bits.
    private var masks: [Int32: [UInt64]] = [:]
    private static let maskLimit = 64

    /// Makes a machine.
    ///
    /// - Throws: `.invalidArgument` if the grammar is too ambiguous to begin with.
    init(_ grammar: Grammar) throws(LMStudioError) {
        self.grammar = grammar
        classCount = grammar.boundaries.count
        classes = (0..<128).map { grammar.characterClass(of: $0) }
        clear()
        start = try begin()
    }

    private func clear() {
        nodes = [Node(element: Grammar.end, parent: 0)]
        nodeNumbers = [:]
        states = []
        stateNumbers = [:]
        transitions = []
        masks = [:]
        stackCount = 0
        _ = number(ofState: [])
    }

    private func begin() throws(LMStudioError) -> Int32 {
        work = 0
        let first = grammar.alternatives(of: grammar.root).map { push($0, onto: 0) }
        return number(ofState: try expand(first))
    }

    // MARK: States

    /// Whether the text may end in a state.
    func mayEnd(_ state: Int32) -> Bool { states[Int(state)].first == 0 }

    /// Whether the text must end in a state.
    func mustEnd(_ state: Int32) -> Bool { states[Int(state)] == [0] }

    /// Allows as much work again as one step may take.
    func beginStep() { work = 0 }

    /// The state after a character.
    func step(_ state: Int32, _ scalar: UInt32) throws(LMStudioError) -> Int32 {
        let number = scalar < 128 ? classes[Int(scalar)] : grammar.characterClass(of: scalar)
        return try step(state, class: number)
    }

    /// The state after any character of a class.
    func step(_ state: Int32, class number: Int) throws(LMStudioError) -> Int32 {
        let place = Int(state) * classCount + number
        let known = transitions[place]
        if known >= 0 { return known }
        // A new state takes a row of the table.
        try spend(states[Int(state)].count + classCount / 8)
        let scalar = grammar.boundaries[number]
        var next: [Int32] = []
        for node in states[Int(state)] where node != 0 {
            let (element, parent) = (nodes[Int(node)].element, nodes[Int(node)].parent)
            let set = Int(grammar.elements[Int(element)])
            if grammar.sets[set].contains(scalar) { next.append(push(element + 1, onto: parent)) }
        }
        let result = next.isEmpty ? Self.dead : self.number(ofState: try expand(next))
        transitions[place] = result
        return result
    }

    /// Whether a character between two fits.
    func fits(_ state: Int32, from low: UInt32, to high: UInt32) throws(LMStudioError) -> Bool {
        for number in grammar.characterClass(of: low)...grammar.characterClass(of: high)
        where try step(state, class: number) != Self.dead {
            return true
        }
        return false
    }

    private func spend(_ count: Int) throws(LMStudioError) {
        work += count
        guard work <= Self.workLimit else {
            throw LMStudioError(
                .invalidArgument,
                "the grammar is too ambiguous: a token may take more than \(Self.workLimit) steps"
            )
        }
    }

    // MARK: Stacks

    /// The stack with an element on top; where the alternative ends there, the stack itself.
    private func push(_ element: Int32, onto parent: Int32) -> Int32 {
        guard grammar.elements[Int(element)] != Grammar.end else { return parent }
        let key = UInt64(UInt32(bitPattern: element)) << 32 | UInt64(UInt32(bitPattern: parent))
        if let number = nodeNumbers[key] { return number }
        let number = Int32(nodes.count)
        nodes.append(Node(element: element, parent: parent))
        nodeNumbers[key] = number
        return number
    }

    /// All stacks with a character on top, or empty, that some stacks stand for; rising.
    private func expand(_ stacks: [Int32]) throws(LMStudioError) -> [Int32] {
        var open = stacks
        var seen = Set(stacks)
        var result: [Int32] = []
        while let node = open.popLast() {
            try spend(1)
            let (place, parent) = (nodes[Int(node)].element, nodes[Int(node)].parent)
            let element = node == 0 ? 0 : grammar.elements[Int(place)]
            if element >= 0 {
                result.append(node)
                continue
            }
            let rest = push(place + 1, onto: parent)
            for alternative in grammar.alternatives(of: Grammar.rule(of: element)) {
                let next = push(alternative, onto: rest)
                if seen.insert(next).inserted { open.append(next) }
            }
        }
        return result.sorted()
    }

    private func number(ofState stacks: [Int32]) -> Int32 {
        if let number = stateNumbers[stacks] { return number }
        let number = Int32(states.count)
        states.append(stacks)
        stateNumbers[stacks] = number
        stackCount += stacks.count
        transitions.append(contentsOf: repeatElement(stacks.isEmpty ? 0 : -1, count: classCount))
        return number
    }

    // MARK: Masks

    /// The tokens that fit after a state, made by `make` where they are not known yet.
    func mask(
        after state: Int32,
        _ make: () throws(LMStudioError) -> [UInt64]
    ) throws(LMStudioError) -> [UInt64] {
        if let mask = masks[state] { return mask }
        let mask = try make()
        if masks.count >= Self.maskLimit { masks = [:] }
        masks[state] = mask
        return mask
    }

    // MARK: Forgetting

    /// Keeps a cursor's state from now on.
    func add(_ cursor: GrammarCursor) {
        cursors[ObjectIdentifier(cursor)] = Unowned(cursor: cursor)
    }

    func remove(_ cursor: GrammarCursor) {
        cursors[ObjectIdentifier(cursor)] = nil
    }

    /// Forgets what no cursor needs, once the tables have grown large.
    func forgetIfLarge() throws(LMStudioError) {
        guard nodes.count + stackCount + transitions.count > Self.sizeLimit else { return }
        let kept = cursors.values.map { entry in
            (entry.cursor, states[Int(entry.cursor.state)].map { elements(of: $0) })
        }
        clear()
        start = try begin()
        for (cursor, stacks) in kept {
            let nodes = stacks.map { $0.reversed().reduce(Int32(0)) { push($1, onto: $0) } }
            cursor.state = number(ofState: nodes.sorted())
        }
    }

    /// A stack's elements, the topmost first.
    private func elements(of stack: Int32) -> [Int32] {
        var elements: [Int32] = []
        var node = stack
        while node != 0 {
            elements.append(nodes[Int(node)].element)
            node = nodes[Int(node)].parent
        }
        return elements
    }
}
