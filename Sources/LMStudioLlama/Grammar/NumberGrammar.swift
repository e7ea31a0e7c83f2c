import LMStudioCore

/// The texts of the numbers between two bounds, without exponents.
struct NumberGrammar {
    /// A bound: a number of at most 15 digits before the point.
    struct Bound {
        var isNegative: Bool
        var whole: Int
        /// Digits after the point, the last of them not 0.
        var fraction: [UInt8]
        /// Whether the number itself is beyond the bound.
        var isExclusive: Bool

        /// Reads a number; `nil` if it is too large.
        init?(_ value: Double, isExclusive: Bool) {
            guard value.magnitude < 1e15 else { return nil }
            self.isExclusive = isExclusive
            isNegative = value < 0
            whole = Int(value.magnitude)
            // The shortest text that reads the same: "0.1", "12.5", "1e-05".
            let parts = value.magnitude.description.split(separator: "e")
            let digits = parts[0].split(separator: ".")
            let exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
            fraction = []
            if exponent < 0 {
                fraction = Array(repeating: 0, count: -exponent - 1)
                fraction += digits.joined().utf8.map { $0 - UInt8(ascii: "0") }
            } else if exponent == 0, digits.count > 1 {
                fraction = digits[1].utf8.map { $0 - UInt8(ascii: "0") }
            }
            fraction = Array(fraction.prefix(NumberGrammar.precision))
            while fraction.last == 0 { fraction.removeLast() }
        }

        private init(whole: Int) {
            (isNegative, self.whole, fraction, isExclusive) = (false, whole, [], false)
        }

        static let zero = Bound(whole: 0)
        static let large = Bound(whole: 999_999_999_999_999)

        /// The bound of the number's opposite.
        var opposite: Bound {
            var bound = self
            bound.isNegative.toggle()
            return bound
        }

        /// The number, to compare with 0.
        var isZero: Bool { whole == 0 && fraction.isEmpty }
    }

    /// Most digits after the point.
    static let precision = 16

    // MARK: Whole numbers

    /// Whole numbers between two; `nil`: without a bound there.
    static func integers(from low: Int?, to high: Int?) -> GrammarNode {
        let large = 999_999_999_999_999
        let (low, high) = (max(low ?? -large, -large), min(high ?? large, large))
        var nodes: [GrammarNode] = []
        if low < 0, low <= high {
            nodes.append(.sequence([.text("-"), positives(from: max(1, -high), to: -low)]))
        }
        if low <= 0, high >= 0 { nodes.append(.text("0")) }
        if high > 0 { nodes.append(positives(from: max(1, low), to: high)) }
        return .choice(nodes)
    }

    /// Whole numbers > 0 between two.
    private static func positives(from low: Int, to high: Int) -> GrammarNode {
        var nodes: [GrammarNode] = []
        var least = 1
        while least <= high {
            let (from, to) = (max(low, least), min(high, least * 10 - 1))
            if from <= to { nodes.append(digits(from: digits(from)[...], to: digits(to)[...])) }
            least *= 10
        }
        return .choice(nodes)
    }

    private static func digits(_ value: Int) -> [UInt8] {
        String(value).utf8.map { $0 - UInt8(ascii: "0") }
    }

    /// Numbers of as many digits as two others, and between them.
    private static func digits(
        from low: ArraySlice<UInt8>,
        to high: ArraySlice<UInt8>
    ) -> GrammarNode {
        guard let first = low.first, let last = high.first else { return .empty }
        let rest = low.count - 1
        if low.allSatisfy({ $0 == 0 }), high.allSatisfy({ $0 == 9 }) {
            return .repeated(.characters(.digits), min: low.count, max: low.count)
        }
        if first == last {
            return .sequence([
                digit(first...last), digits(from: low.dropFirst(), to: high.dropFirst()),
            ])
        }
        let (zeros, nines) = (
            ArraySlice(repeating: UInt8(0), count: rest),
            ArraySlice(repeating: UInt8(9), count: rest)
        )
        var nodes = [
            GrammarNode.sequence([digit(first...first), digits(from: low.dropFirst(), to: nines)]),
            .sequence([digit(last...last), digits(from: zeros, to: high.dropFirst())]),
        ]
        if first + 1 < last {
            nodes.append(
                .sequence([
                    digit(first + 1...last - 1),
                    .repeated(.characters(.digits), min: rest, max: rest),
                ])
            )
        }
        return .choice(nodes)
    }

    private static func digit(_ digits: ClosedRange<UInt8>) -> GrammarNode {
        let zero = UInt32(UInt8(ascii: "0"))
        let range = zero + UInt32(digits.lowerBound)...zero + UInt32(digits.upperBound)
        return .characters(CharacterRanges([range]))
    }

    // MARK: Numbers

    /// Numbers between two bounds; `nil`: without a bound there.
    static func numbers(from low: Bound?, to high: Bound?) -> GrammarNode {
        var nodes: [GrammarNode] = []
        let isLowNegative = low.map { $0.isNegative && !$0.isZero } ?? true
        let isHighNegative = high.map { $0.isNegative && !$0.isZero } ?? false
        if isLowNegative {
            // −0 is left to the numbers ≥ 0.
            var least = isHighNegative ? high?.opposite ?? .zero : .zero
            if !isHighNegative { least.isExclusive = true }
            let numbers = magnitudes(from: least, to: low?.opposite ?? .large)
            nodes.append(.sequence([.text("-"), numbers]))
        }
        if !isHighNegative {
            nodes.append(magnitudes(from: isLowNegative ? .zero : low ?? .zero, to: high ?? .large))
        }
        return .choice(nodes)
    }

    /// Numbers ≥ 0 between two bounds ≥ 0.
    private static func magnitudes(from low: Bound, to high: Bound) -> GrammarNode {
        guard low.whole <= high.whole else { return .choice([]) }
        if low.whole == high.whole {
            return .sequence([
                integers(from: low.whole, to: low.whole), fraction(from: low, to: high),
            ])
        }
        var nodes = [
            GrammarNode.sequence([
                integers(from: low.whole, to: low.whole), fraction(from: low, to: nil),
            ]),
            .sequence([integers(from: high.whole, to: high.whole), fraction(from: nil, to: high)]),
        ]
        if low.whole + 1 < high.whole {
            nodes.append(
                .sequence([
                    integers(from: low.whole + 1, to: high.whole - 1), fraction(from: nil, to: nil),
                ])
            )
        }
        return .choice(nodes)
    }

    /// The point and what follows it, or nothing, where the digits before are those of the bounds.
    private static func fraction(from low: Bound?, to high: Bound?) -> GrammarNode {
        let digits = GrammarNode.sequence([
            .text("."), nextDigit(at: 0, from: low, to: high),
        ])
        return .choice(mayEnd(at: 0, from: low, to: high) ? [.empty, digits] : [digits])
    }

    /// Whether a number may end before a digit, all digits until there being those of the bounds.
    private static func mayEnd(at place: Int, from low: Bound?, to high: Bound?) -> Bool {
        if let low, low.fraction.count > place || low.isExclusive { return false }
        if let high, high.isExclusive, high.fraction.count <= place { return false }
        return true
    }

    /// A digit and the rest; a bound that is `nil` is met by what was before.
    private static func nextDigit(at place: Int, from low: Bound?, to high: Bound?) -> GrammarNode {
        guard place < precision else { return .choice([]) }
        let more = precision - place - 1
        guard low != nil || high != nil else {
            return .repeated(.characters(.digits), min: 1, max: more + 1)
        }
        let least = low.map { $0.fraction.count > place ? $0.fraction[place] : 0 } ?? 0
        let most = high.map { $0.fraction.count > place ? $0.fraction[place] : 0 } ?? 9
        guard least <= most else { return .choice([]) }
        var nodes: [GrammarNode] = []
        for digit in least...most {
            let (low, high) = (digit == least ? low : nil, digit == most ? high : nil)
            guard low != nil || high != nil else { continue }
            let rest = nextDigit(at: place + 1, from: low, to: high)
            let node = mayEnd(at: place + 1, from: low, to: high) ? .optional(rest) : rest
            nodes.append(.sequence([Self.digit(digit...digit), node]))
        }
        let (first, last) = (
            low == nil ? least : least + 1, high == nil ? Int(most) : Int(most) - 1
        )
        if Int(first) <= last {
            nodes.append(
                .sequence([
                    digit(first...UInt8(last)), .repeated(.characters(.digits), min: 0, max: more),
                ])
            )
        }
        return .choice(nodes)
    }
}
