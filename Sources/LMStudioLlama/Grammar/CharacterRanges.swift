/// A set of characters: ranges of Unicode scalars, rising, that do not touch.
struct CharacterRanges: Sendable, Hashable {
    private(set) var ranges: [ClosedRange<UInt32>] = []

    /// Every character there is; surrogates are none.
    static let all = CharacterRanges([0...0xD7FF, 0xE000...0x10FFFF])
    static let digits = CharacterRanges("0"..."9")

    /// Makes a set of ranges in any order; what is no character is left out.
    init(_ ranges: [ClosedRange<UInt32>]) {
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            add(range.lowerBound, min(range.upperBound, 0x10FFFF))
        }
    }

    init(_ range: ClosedRange<Unicode.Scalar>) {
        self.init([range.lowerBound.value...range.upperBound.value])
    }

    /// The characters of a text.
    init(of text: String) {
        self.init(text.unicodeScalars.map { $0.value...$0.value })
    }

    private mutating func add(_ low: UInt32, _ high: UInt32) {
        guard low <= high else { return }
        if let last = ranges.last, low <= last.upperBound &+ 1 {
            ranges[ranges.count - 1] = last.lowerBound...max(last.upperBound, high)
        } else {
            ranges.append(low...high)
        }
    }

    var isEmpty: Bool { ranges.isEmpty }

    func contains(_ scalar: UInt32) -> Bool {
        var (low, high) = (0, ranges.count)
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound < scalar { low = middle + 1 } else { high = middle }
        }
        return low < ranges.count && ranges[low].lowerBound <= scalar
    }

    func union(_ other: CharacterRanges) -> CharacterRanges {
        CharacterRanges(ranges + other.ranges)
    }

    func subtracting(_ other: CharacterRanges) -> CharacterRanges {
        var rest: [ClosedRange<UInt32>] = []
        for range in ranges {
            var low = range.lowerBound
            for cut in other.ranges
            where cut.upperBound >= low && cut.lowerBound <= range.upperBound {
                if cut.lowerBound > low { rest.append(low...cut.lowerBound - 1) }
                low = cut.upperBound + 1
            }
            if low <= range.upperBound { rest.append(low...range.upperBound) }
        }
        return CharacterRanges(rest)
    }

    func intersection(_ other: CharacterRanges) -> CharacterRanges {
        subtracting(Self.all.subtracting(other))
    }

    /// All characters but these.
    var inverted: CharacterRanges { Self.all.subtracting(self) }
}
