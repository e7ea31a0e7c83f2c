import LMStudioCore

/// The bytes of all tokens of a vocabulary, in their order, so that those that begin alike are read
/// once.
final class TokenTexts: Sendable {
    private let count: Int
    /// Tokens with text, sorted by it.
    private let order: [Int32]
    /// All texts one after the other, and where each begins, in that order.
    private let bytes: [UInt8]
    private let starts: [Int]
    /// Bytes that each has in common with the one before.
    private let shared: [Int]
    /// Tokens that end an answer.
    private let ends: [Int32]
    /// Where each token stands in that order; −1: it has no text.
    private let places: [Int32]

    /// Makes a table.
    ///
    /// - Parameters:
    ///   - texts: the bytes of each token, in the order of their numbers; empty: it has no text.
    ///   - ends: the tokens that end an answer, whose bytes count for nothing.
    init(_ texts: [[UInt8]], ends: [Int32]) {
        count = texts.count
        self.ends = ends
        let marks = Set(ends.map { Int($0) })
        let order = texts.indices.filter { !texts[$0].isEmpty && !marks.contains($0) }
            .sorted { texts[$0].lexicographicallyPrecedes(texts[$1]) }
        var bytes: [UInt8] = []
        var starts = [0]
        var shared: [Int] = []
        var last: [UInt8] = []
        for token in order {
            let text = texts[token]
            shared.append(zip(last, text).prefix { $0 == $1 }.count)
            bytes += text
            starts.append(bytes.count)
            last = text
        }
        var places = [Int32](repeating: -1, count: texts.count)
        for (place, token) in order.enumerated() { places[token] = Int32(place) }
        self.places = places
        self.order = order.map { Int32($0) }
        self.bytes = bytes
        self.starts = starts
        self.shared = shared
    }

    /// Whether a token ends an answer.
    func isEnd(_ token: Int32) -> Bool { ends.contains(token) }

    /// Hands a token's bytes to `body`; none if it has no text.
    func withBytes<Value>(
        of token: Int32,
        _ body: (UnsafeRawBufferPointer) throws(LMStudioError) -> Value
    ) throws(LMStudioError) -> Value {
        let place = Int(places[Int(token)])
        guard place >= 0 else { return try body(UnsafeRawBufferPointer(start: nil, count: 0)) }
        let range = starts[place]..<starts[place + 1]
        return try bytes.withUnsafeBytes { all -> Result<Value, LMStudioError> in
            Result { () throws(LMStudioError) in
                try body(UnsafeRawBufferPointer(rebasing: all[range]))
            }
        }.get()
    }

    /// Adds the tokens that end an answer.
    func addEnds(to mask: inout [UInt64]) {
        for token in ends { mask[Int(token) / 64] |= 1 << (UInt64(token) % 64) }
    }

    /// The tokens whose bytes fit one after the other, as bits.
    ///
    /// - Parameters:
    ///   - start: the place before a token.
    ///   - next: the place after a byte; `nil` if it does not fit.
    /// - Returns: a bit for each token, the first in the lowest bit.
    /// - Throws: what `next` throws.
    func fitting<Place>(
        from start: Place,
        _ next: (Place, UInt8) throws(LMStudioError) -> Place?
    ) throws(LMStudioError) -> [UInt64] {
        var mask = [UInt64](repeating: 0, count: (count + 63) / 64)
        /// The places after each byte of the text at hand that fits.
        var places = [start]
        /// Bytes of the last text that fit, if not all did.
        var dead = Int.max
        for index in order.indices {
            let common = shared[index]
            // It begins with the very bytes that did not fit.
            if common > dead { continue }
            dead = .max
            places.removeLast(places.count - 1 - min(common, places.count - 1))
            let end = starts[index + 1]
            var place = starts[index] + common
            while place < end, let after = try next(places[places.count - 1], bytes[place]) {
                places.append(after)
                place += 1
            }
            if place < end {
                dead = place - starts[index]
            } else {
                let token = Int(order[index])
                mask[token / 64] |= 1 << (UInt64(token) % 64)
            }
        }
        return mask
    }
}
