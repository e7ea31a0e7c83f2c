/// What can be said of a grammar's rules without a text; all in time linear in their size.
struct GrammarAnalysis {
    /// The rules, without the alternatives that can never end.
    private(set) var rules: [[[Int32]]]
    /// Whether a rule has a text that ends.
    let canEnd: [Bool]
    /// Whether a rule may stand for nothing.
    private let canBeEmpty: [Bool]

    init(rules: [[[Int32]]], sets: [CharacterRanges]) {
        let canEnd = Self.derivable(rules) { !sets[Int($0)].isEmpty }
        self.canEnd = canEnd
        self.rules = rules.map { alternatives in
            alternatives.filter { elements in
                elements.allSatisfy { element in
                    element >= 0
                        ? !sets[Int(element)].isEmpty : canEnd[Grammar.rule(of: element)]
                }
            }
        }
        canBeEmpty = Self.derivable(rules) { _ in false }
    }

    /// Rules that have an alternative of nothing but rules that have one, and sets that `fits` takes.
    private static func derivable(_ rules: [[[Int32]]], _ fits: (Int32) -> Bool) -> [Bool] {
        var isDerivable = [Bool](repeating: false, count: rules.count)
        /// Rules an alternative still waits for, and the rule it is one of.
        var waiting: [(count: Int, rule: Int)] = []
        var uses = [[Int]](repeating: [], count: rules.count)
        var found: [Int] = []
        for (rule, alternatives) in rules.enumerated() {
            for elements in alternatives where elements.allSatisfy({ $0 < 0 || fits($0) }) {
                var count = 0
                for element in elements where element < 0 {
                    uses[Grammar.rule(of: element)].append(waiting.count)
                    count += 1
                }
                if count == 0 { found.append(rule) }
                waiting.append((count, rule))
            }
        }
        while let rule = found.popLast() {
            guard !isDerivable[rule] else { continue }
            isDerivable[rule] = true
            for use in uses[rule] {
                waiting[use].count -= 1
                if waiting[use].count == 0 { found.append(waiting[use].rule) }
            }
        }
        return isDerivable
    }

    /// The rules that a rule may begin with, and whether it may also end with them there.
    private func firsts(of rule: Int) -> [(rule: Int, isLast: Bool)] {
        var firsts: [(rule: Int, isLast: Bool)] = []
        for elements in rules[rule] {
            for (index, element) in elements.enumerated() {
                guard element < 0 else { break }
                let first = Grammar.rule(of: element)
                firsts.append((first, index == elements.count - 1))
                guard canBeEmpty[first] else { break }
            }
        }
        return firsts
    }

    /// Groups of rules that begin with each other, with something to follow each time.
    ///
    /// Where nothing follows, matching needs no stack, so that does no harm: `(a?)*`.
    func leftRecursiveRules() -> [[Int]] {
        var search = ComponentSearch(count: rules.count)
        let edges = rules.indices.map { firsts(of: $0) }
        return search.components { edges[$0].map(\.rule) }.filter { component in
            let members = Set(component)
            return component.contains { rule in
                edges[rule].contains { !$0.isLast && members.contains($0.rule) }
            }
        }
    }
}

/// Strongly connected components of a graph (Tarjan), without recursion.
private struct ComponentSearch {
    private var order: [Int]
    private var lowest: [Int]
    private var isOnStack: [Bool]
    private var stack: [Int] = []
    private var count = 0

    init(count: Int) {
        order = Array(repeating: -1, count: count)
        lowest = order
        isOnStack = Array(repeating: false, count: count)
    }

    mutating func components(_ next: (Int) -> [Int]) -> [[Int]] {
        var components: [[Int]] = []
        for start in order.indices where order[start] < 0 {
            enter(start)
            var path = [(node: start, edges: next(start)[...])]
            while let (node, _) = path.last {
                if let other = path[path.count - 1].edges.popFirst() {
                    if order[other] < 0 {
                        enter(other)
                        path.append((other, next(other)[...]))
                    } else if isOnStack[other] {
                        lowest[node] = min(lowest[node], order[other])
                    }
                    continue
                }
                path.removeLast()
                if let parent = path.last?.node {
                    lowest[parent] = min(lowest[parent], lowest[node])
                }
                if lowest[node] == order[node] { components.append(leave(node)) }
            }
        }
        return components
    }

    private mutating func enter(_ node: Int) {
        order[node] = count
        lowest[node] = count
        count += 1
        stack.append(node)
        isOnStack[node] = true
    }

    private mutating func leave(_ node: Int) -> [Int] {
        var component: [Int] = []
        repeat {
            let member = stack.removeLast()
            isOnStack[member] = false
            component.append(member)
        } while component.last != node
        return component
    }
}
