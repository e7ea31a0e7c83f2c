/// Makes text of the bytes of tokens: whole characters only, and nothing of a stop string.
///
/// A token may end in the middle of a character, and a stop string may be spread over tokens. What
/// could still become either is held back until it is decided.
struct TextAssembler {
    private let stopStrings: [[UInt8]]
    private var held: [UInt8] = []
    /// Index into the stop strings of the one that was found.
    private(set) var matchedStop: Int?

    init(stopStrings: [String] = []) {
        self.stopStrings = stopStrings.map { Array($0.utf8) }
    }

    /// Takes a token's bytes and returns the text that is certain now; empty if none is.
    ///
    /// Once `matchedStop` is set, the text before the stop string was returned and no more follows.
    mutating func append(_ bytes: some Collection<UInt8>) -> String {
        guard matchedStop == nil else { return "" }
        let searched = held.count
        held.append(contentsOf: bytes)
        if let (position, index) = firstStop(after: searched) {
            matchedStop = index
            held.removeSubrange(position...)
            return flush()
        }
        return take(Self.wholeCharacters(in: held, upTo: held.count - partialStopLength()))
    }

    /// Whether the bytes until now are whole characters.
    var isWhole: Bool { Self.wholeCharacters(in: held, upTo: held.count) == held.count }

    /// Returns what is held back; bytes that are no UTF-8 become U+FFFD.
    mutating func flush() -> String {
        take(held.count)
    }

    private mutating func take(_ count: Int) -> String {
        guard count > 0 else { return "" }
        let text = String(decoding: held[..<count], as: UTF8.self)
        held.removeFirst(count)
        return text
    }

    /// The first stop string that ends after the first `searched` bytes; of two at one place the longer.
    private func firstStop(after searched: Int) -> (position: Int, index: Int)? {
        var found: (position: Int, index: Int)?
        for (index, stop) in stopStrings.enumerated() where held.count >= stop.count {
            let earliest = max(0, searched - stop.count + 1)
            guard
                let position = (earliest...max(earliest, held.count - stop.count))
                    .first(where: { held[$0...].starts(with: stop) })
            else { continue }
            if let best = found {
                let isBetter =
                    position < best.position
                    || position == best.position && stop.count > stopStrings[best.index].count
                guard isBetter else { continue }
            }
            found = (position, index)
        }
        return found
    }

    /// Length of the longest end of what is held that a stop string begins with.
    private func partialStopLength() -> Int {
        var longest = 0
        for stop in stopStrings {
            var length = min(stop.count - 1, held.count)
            while length > longest {
                if stop.starts(with: held[(held.count - length)...]) { longest = length }
                length -= 1
            }
        }
        return longest
    }

    /// The largest count ≤ `limit` that does not cut a character.
    private static func wholeCharacters(in bytes: [UInt8], upTo limit: Int) -> Int {
        // A character is at most 4 bytes, so an unfinished one begins in the last 3.
        for back in 1...3 where back <= limit {
            let byte = bytes[limit - back]
            if byte & 0xC0 == 0x80 { continue }
            let length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1
            return length > back ? limit - back : limit
        }
        return limit
    }
}
