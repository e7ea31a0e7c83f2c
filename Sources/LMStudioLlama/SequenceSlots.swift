/// The slots sequences run in, and what the context still holds of those that ran there.
///
/// A slot is one of llama.cpp's sequences. When a prediction ends its cells stay, and a later one that
/// begins with the same tokens goes on from them. Cells of idle slots go when room is needed, those
/// first that were left first.
struct SequenceSlots {
    private struct Slot {
        /// What an idle slot's cells hold.
        var tokens: [Int32] = []
        /// First tokens whose cells may belong to other slots too.
        var sharedCount = 0
        /// What its cells can be taken back to though the model cannot.
        var checkpoints: [Checkpoint] = []
        var isTaken = false
        /// Larger the later it was left.
        var leftAt = 0
    }

    /// Where a sequence may run, and what it finds there.
    struct Place {
        let slot: Int
        /// Tokens it need not read.
        var count: Int
        /// The slot whose cells it shares; `nil`: they lie in its own.
        var source: Int?
        /// What the slot is taken back to; `nil`: its model does that.
        var checkpoint: Checkpoint?
        /// Cells that a running sequence has anyway.
        var borrowedCount = 0
    }

    private var slots: [Slot]
    private var departures = 0

    init(count: Int) {
        slots = [Slot](repeating: Slot(), count: count)
    }

    /// Cells of idle slots, shared ones counted in each.
    var idleCount: Int { slots.reduce(0) { $0 + $1.tokens.count } }

    /// Finds the free slot in which the fewest of a sequence's tokens must be read; the last one always is.
    ///
    /// - Returns: `nil` if no slot is free.
    func place(
        for tokens: [Int32],
        beside running: [TokenSequence],
        in context: LlamaContext
    ) -> Place? {
        let wanted = tokens.dropLast()
        var best = (slot: -1, count: 0, lost: 0, isIdle: true)
        var checkpoint: Checkpoint?
        for (index, slot) in slots.enumerated() where !slot.isTaken {
            let common = Self.common(slot.tokens[...], wanted)
            let isDirect = context.canTakeBack(index, to: common, of: slot.tokens.count)
            let saved =
                isDirect ? nil : slot.checkpoints.lazy.compactMap { $0.limited(to: common) }.last
            let count = isDirect ? common : saved?.counts.upperBound ?? 0
            let lost = slot.tokens.count - count
            guard count > best.count || count == best.count && count > 0 && lost < best.lost else {
                continue
            }
            best = (index, count, lost, true)
            checkpoint = saved
        }
        for sequence in running {
            let held = sequence.sharable
            let count = context.sharablePrefix(Self.common(held, wanted), of: held.count)
            if count > best.count {
                best = (sequence.slot, count, 0, false)
                checkpoint = nil
            }
        }
        if best.count > 0, best.isIdle, best.lost <= best.count {
            return Place(slot: best.slot, count: best.count, checkpoint: checkpoint)
        }
        guard let free = oldest(except: best.isIdle ? best.slot : -1) else {
            return best.isIdle && best.slot >= 0
                ? Place(slot: best.slot, count: best.count, checkpoint: checkpoint) : nil
        }
        let total = best.count + best.lost
        guard best.count > 0,
            context.sharablePrefix(best.count, of: total) > 0
                || checkpoint != nil && context.isUnified
        else {
            return Place(slot: free, count: 0)
        }
        return Place(
            slot: free,
            count: best.count,
            source: best.slot,
            checkpoint: checkpoint,
            borrowedCount: best.isIdle ? 0 : best.count
        )
    }

    /// Makes a slot ready for a sequence.
    ///
    /// - Parameters:
    ///   - place: where it may run.
    ///   - position: the position behind the place's tokens.
    ///   - context: whose slots these are.
    /// - Returns: how many of its first tokens the slot's cells hold, how many of those may belong to
    ///   other slots too, and what they can be taken back to.
    mutating func take(
        _ place: Place,
        position: Int,
        in context: LlamaContext
    ) -> (count: Int, sharedCount: Int, checkpoints: [Checkpoint]) {
        let isReady =
            if let checkpoint = place.checkpoint {
                context.restore(checkpoint, of: place.source ?? place.slot, to: place.slot)
            } else if let source = place.source {
                context.copy(source, to: place.slot, upTo: position)
            } else {
                context.truncate(place.slot, from: position)
            }
        let count = isReady ? place.count : 0
        var sharedCount = min(slots[place.slot].sharedCount, count)
        if let source = place.source {
            sharedCount = count
            slots[source].sharedCount = max(slots[source].sharedCount, count)
        }
        let checkpoints = slots[place.source ?? place.slot].checkpoints.compactMap {
            $0.limited(to: count)
        }
        slots[place.slot] = Slot(isTaken: true)
        return (count, sharedCount, checkpoints)
    }

    /// Takes a slot back.
    ///
    /// - Parameters:
    ///   - slot: one that was taken.
    ///   - tokens: what its cells hold and a later sequence may go on from.
    ///   - sharedCount: how many of them may belong to other slots too.
    ///   - checkpoints: what they can be taken back to.
    mutating func leave(
        _ slot: Int,
        tokens: ArraySlice<Int32>,
        sharedCount: Int,
        checkpoints: [Checkpoint] = []
    ) {
        departures += 1
        slots[slot] = Slot(
            tokens: Array(tokens),
            sharedCount: sharedCount,
            checkpoints: checkpoints.compactMap { $0.limited(to: tokens.count) },
            leftAt: departures
        )
    }

    /// Empties the free slot that is empty or was left first.
    ///
    /// - Returns: it; `nil` if no slot is free.
    mutating func clearFree(in context: LlamaContext) -> Int? {
        guard let slot = oldest(except: -1) else { return nil }
        context.truncate(slot, from: 0)
        slots[slot] = Slot()
        return slot
    }

    /// Frees the cells of the idle slot that was left first.
    ///
    /// - Returns: `false` if no idle slot has any.
    mutating func dropOldest(in context: LlamaContext) -> Bool {
        let holders = slots.indices.filter { !slots[$0].tokens.isEmpty }
        guard let slot = holders.min(by: { slots[$0].leftAt < slots[$1].leftAt }) else {
            return false
        }
        context.truncate(slot, from: 0)
        slots[slot] = Slot()
        return true
    }

    /// The free slot that is empty or was left first.
    private func oldest(except other: Int) -> Int? {
        slots.indices.filter { !slots[$0].isTaken && $0 != other }
            .min { key($0) < key($1) }
    }

    private func key(_ slot: Int) -> Int {
        slots[slot].tokens.isEmpty ? -1 : slots[slot].leftAt
    }

    /// Shorter beginnings are read anew, which costs next to nothing: so the text of a short prompt at
    /// temperature 0 does not depend on what ran before it.
    private static let leastCommon = 16

    /// Length of the common beginning; 0 if it is not worth its use.
    private static func common(_ left: ArraySlice<Int32>, _ right: ArraySlice<Int32>) -> Int {
        left.withUnsafeBufferPointer { left in
            right.withUnsafeBufferPointer { right in
                let limit = min(left.count, right.count)
                var count = 0
                while count < limit, left[count] == right[count] { count += 1 }
                return count < leastCommon ? 0 : count
            }
        }
    }
}

extension LlamaContext {
    /// How many of the first tokens of `total` another sequence can share.
    ///
    /// Beyond the window of a model that has one, cells that two sequences share are never used again
    /// while both live.
    func sharablePrefix(_ count: Int, of total: Int) -> Int {
        guard isUnified, model.window == 0 || count <= model.window else { return 0 }
        return model.isRecurrent && count < total ? 0 : count
    }
}
