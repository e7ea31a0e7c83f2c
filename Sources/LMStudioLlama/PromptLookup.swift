/// Guesses how a text goes on where it repeats what came before in it.
///
/// It knows at which place the last three tokens stood before, and from there on follows how far the
/// text goes the same way. A guess is ventured only after the model itself has written a good part of
/// the repetition, and the longer that is, the longer the guess. All of it depends on the tokens alone,
/// never on time, and costs a few nanoseconds a token.
struct PromptLookup {
    /// Tokens by which a place is found.
    private static let order = 3
    /// Places that it remembers at most; a power of two.
    private static let placeLimit = 1 << 16
    /// How many repeated tokens must have been written, before guesses turned out wrong.
    private static let usualMatch = 6
    private static let strictestMatch = 48

    /// The token after each place, by the hash of the tokens before it; later places replace earlier ones.
    private var places: [Int32]
    /// Tokens that it has read.
    private var readCount = 0
    /// The place that comes next if the text goes on as it did before.
    private var next = 0
    /// Tokens before that place that are the same as the last ones.
    private var matchCount = 0
    /// How many must be the same before it guesses.
    private var leastMatch = usualMatch

    /// Makes a lookup for texts of up to `length` tokens.
    init(length: Int) {
        var count = 1024
        while count < min(length, Self.placeLimit) { count *= 2 }
        places = [Int32](repeating: 0, count: count)
    }

    /// Guesses the tokens after those of a text.
    ///
    /// - Parameters:
    ///   - tokens: the text, which has grown since the last call.
    ///   - writtenCount: how many of them the model wrote.
    ///   - limit: most tokens to guess.
    /// - Returns: the guess, or nothing.
    mutating func guess(after tokens: [Int32], writtenCount: Int, atMost limit: Int) -> [Int32] {
        read(tokens)
        let match = min(matchCount, writtenCount)
        guard match >= leastMatch, limit > 0 else { return [] }
        // With the token before them they are a multiple of four, which kernels do at once.
        let count = min(limit, match < 12 ? 3 : match < 24 ? 7 : 15)
        let period = tokens.count - next
        return (0..<count).map { tokens[next + $0 % period] }
    }

    /// Learns what became of a guess.
    mutating func settle(rightCount: Int, of count: Int) {
        if rightCount == 0 {
            leastMatch = min(2 * leastMatch, Self.strictestMatch)
        } else if rightCount == count {
            leastMatch = Self.usualMatch
        }
    }

    private mutating func read(_ tokens: [Int32]) {
        while readCount < tokens.count {
            if matchCount > 0, tokens[next] == tokens[readCount] {
                matchCount += 1
                next += 1
            } else {
                matchCount = 0
            }
            readCount += 1
            guard readCount >= Self.order else { continue }
            let slot = slot(of: tokens[(readCount - Self.order)..<readCount])
            if matchCount == 0 {
                next = Int(places[slot])
                matchCount = Self.common(tokens, next, readCount)
            }
            places[slot] = Int32(readCount)
        }
    }

    private func slot(of tokens: ArraySlice<Int32>) -> Int {
        var hash: UInt64 = 0
        for token in tokens {
            hash = (hash ^ UInt64(UInt32(bitPattern: token))) &* 0x9E37_79B9_7F4A_7C15
            hash ^= hash >> 29
        }
        return Int(truncatingIfNeeded: hash >> 32) & (places.count - 1)
    }

    /// How many tokens before two places are the same; 0 if those are too few to be found by.
    private static func common(_ tokens: [Int32], _ first: Int, _ second: Int) -> Int {
        var count = 0
        while count < min(first, strictestMatch),
            tokens[first - 1 - count] == tokens[second - 1 - count]
        {
            count += 1
        }
        return count < order ? 0 : count
    }
}
