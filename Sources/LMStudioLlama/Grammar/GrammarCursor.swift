import LMStudioCore

/// How far a text has come in a grammar, byte by byte.
final class GrammarCursor {
    private let machine: GrammarMachine
    /// The machine's number of the state after the last whole character.
    var state: Int32
    /// The character that is begun.
    private var partial = Partial()

    /// A character of which the first bytes are there.
    struct Partial {
        /// Its bits so far.
        var value: UInt32 = 0
        /// Bytes that are still to come.
        var missing: UInt8 = 0
        /// Least value that needs so many bytes.
        var least: UInt32 = 0
    }

    /// A place in the middle of a token.
    struct Place {
        var state: Int32
        var partial: Partial
    }

    /// Stands at the beginning of a text.
    init(_ machine: GrammarMachine) {
        self.machine = machine
        state = machine.start
        machine.add(self)
    }

    deinit {
        machine.remove(self)
    }

    /// Whether the text may end here.
    var mayEnd: Bool { partial.missing == 0 && machine.mayEnd(state) }

    /// Whether the text must end here.
    var mustEnd: Bool { partial.missing == 0 && machine.mustEnd(state) }

    /// Whether some bytes, at least one, may follow.
    func allows(_ bytes: UnsafeRawBufferPointer) throws(LMStudioError) -> Bool {
        guard bytes.count > 0 else { return false }
        machine.beginStep()
        return try place(after: bytes) != nil
    }

    /// Goes on by some bytes.
    ///
    /// - Returns: whether they fit; otherwise it stays where it is.
    func accept(_ bytes: UnsafeRawBufferPointer) throws(LMStudioError) -> Bool {
        machine.beginStep()
        guard let place = try place(after: bytes) else { return false }
        (state, partial) = (place.state, place.partial)
        try machine.forgetIfLarge()
        return true
    }

    /// Goes on by some bytes; otherwise like `accept(_:)` of a buffer.
    func accept(_ bytes: [UInt8]) throws(LMStudioError) -> Bool {
        try bytes.withUnsafeBytes { bytes in
            Result { () throws(LMStudioError) in try accept(bytes) }
        }.get()
    }

    /// Which tokens of a vocabulary may follow, as bits.
    func mask(_ vocabulary: TokenTexts) throws(LMStudioError) -> [UInt64] {
        machine.beginStep()
        guard partial.missing == 0 else { return try makeMask(vocabulary) }
        return try machine.mask(after: state) { () throws(LMStudioError) in
            try makeMask(vocabulary)
        }
    }

    private func makeMask(_ vocabulary: TokenTexts) throws(LMStudioError) -> [UInt64] {
        var mask = try vocabulary.fitting(from: Place(state: state, partial: partial)) {
            place,
            byte throws(LMStudioError) in
            try self.place(after: byte, from: place)
        }
        if mayEnd { vocabulary.addEnds(to: &mask) }
        return mask
    }

    private func place(after bytes: UnsafeRawBufferPointer) throws(LMStudioError) -> Place? {
        var place = Place(state: state, partial: partial)
        for byte in bytes {
            guard let next = try self.place(after: byte, from: place) else { return nil }
            place = next
        }
        return place
    }

    private func place(after byte: UInt8, from place: Place) throws(LMStudioError) -> Place? {
        var partial = place.partial
        if partial.missing == 0 {
            switch byte {
            case 0..<0x80: return try whole(UInt32(byte), from: place.state)
            case 0xC2..<0xE0: partial = Partial(value: UInt32(byte & 0x1F), missing: 1, least: 0x80)
            case 0xE0..<0xF0:
                partial = Partial(value: UInt32(byte & 0x0F), missing: 2, least: 0x800)
            case 0xF0..<0xF5:
                partial = Partial(value: UInt32(byte & 0x07), missing: 3, least: 0x10000)
            default: return nil
            }
        } else {
            guard byte & 0xC0 == 0x80 else { return nil }
            partial.value = partial.value << 6 | UInt32(byte & 0x3F)
            partial.missing -= 1
        }
        let bits = 6 * UInt32(partial.missing)
        let low = max(partial.value << bits, partial.least)
        let high = min(partial.value << bits | (1 << bits - 1), 0x10FFFF)
        guard low <= high else { return nil }
        if partial.missing == 0 { return try whole(partial.value, from: place.state) }
        guard try machine.fits(place.state, from: low, to: high) else { return nil }
        return Place(state: place.state, partial: partial)
    }

    private func whole(_ scalar: UInt32, from state: Int32) throws(LMStudioError) -> Place? {
        let next = try machine.step(state, scalar)
        return next == GrammarMachine.dead ? nil : Place(state: next, partial: Partial())
    }
}
