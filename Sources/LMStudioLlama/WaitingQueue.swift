/// Predictions that wait for a slot, first come first served.
///
/// One that has ended while it waited is skipped; no operation looks at all that wait.
struct WaitingQueue {
    private var entries: [TokenSequence?] = []
    private var head = 0
    /// Entries that still wait.
    private var count = 0

    mutating func append(_ sequence: TokenSequence) {
        sequence.phase = .waiting
        entries.append(sequence)
        count += 1
    }

    /// Lets one wait before all others.
    mutating func putBack(_ sequence: TokenSequence) {
        sequence.phase = .waiting
        if head == 0 { entries.insert(nil, at: 0) } else { head -= 1 }
        entries[head] = sequence
        count += 1
    }

    /// The one that is next.
    mutating func first() -> TokenSequence? {
        while head < entries.count {
            if let sequence = entries[head], sequence.phase == .waiting { return sequence }
            entries[head] = nil
            head += 1
        }
        entries.removeAll(keepingCapacity: count > 0)
        head = 0
        return nil
    }

    /// Takes out the one that `first()` returned.
    mutating func removeFirst() {
        entries[head] = nil
        head += 1
        count -= 1
        compact()
    }

    /// Takes note that one of them has ended.
    mutating func lose() {
        count -= 1
        compact()
    }

    /// Frees what has gone once it is most of the memory, so that each entry is moved once on average.
    private mutating func compact() {
        guard entries.count > 2 * count + 64 else { return }
        entries = entries.filter { $0?.phase == .waiting }
        head = 0
    }
}
