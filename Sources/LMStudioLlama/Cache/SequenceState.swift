import CLlama
import Synchronization

/// What a sequence has read, copied out of its slot.
struct SequenceState: Sendable, Hashable {
    /// Its tokens, in order.
    var tokens: [Int32]
    /// llama.cpp's bytes for them.
    var bytes: [UInt8]
}

/// A state that is to be put into a slot.
final class SequenceRestore: Sendable {
    private enum Progress {
        case begun
        case awaited(CheckedContinuation<Bool, Never>)
        case ended(Bool)
    }

    let state: SequenceState
    private let progress = Mutex(Progress.begun)

    init(_ state: SequenceState) {
        self.state = state
    }

    /// Waits for the end; to be called once.
    ///
    /// - Returns: whether a slot has the state; `false` as soon as the task is cancelled.
    func wait() async -> Bool {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let outcome = progress.withLock { progress -> Bool? in
                    if case .ended(let outcome) = progress { return outcome }
                    progress = .awaited(continuation)
                    return nil
                }
                if let outcome { continuation.resume(returning: outcome) }
            }
        } onCancel: {
            end(false)
        }
    }

    /// Whether nobody waits for a slot any more.
    var hasEnded: Bool {
        progress.withLock { if case .ended = $0 { true } else { false } }
    }

    /// Says whether a slot has it; the first word counts.
    func end(_ isHeld: Bool) {
        let waiting = progress.withLock { progress -> CheckedContinuation<Bool, Never>? in
            switch progress {
            case .ended: return nil
            case .begun:
                progress = .ended(isHeld)
                return nil
            case .awaited(let continuation):
                progress = .ended(isHeld)
                return continuation
            }
        }
        waiting?.resume(returning: isHeld)
    }
}

extension LlamaContext {
    /// Copies what a sequence that has left its slot has left there; `nil` if that is nothing.
    func state(of sequence: TokenSequence) -> SequenceState? {
        let count = Int(cllama_sequence_length(pointer, Int32(sequence.slot)))
        guard count > 0, count <= sequence.tokens.count,
            let bytes = copy(
                sequence.slot,
                size: cllama_sequence_state_size,
                save: cllama_sequence_save
            )
        else { return nil }
        return SequenceState(tokens: Array(sequence.tokens.prefix(count)), bytes: bytes)
    }

    /// Copies something of a sequence out of llama.cpp; `nil` if it fails, or there is nothing.
    func copy(
        _ sequence: Int,
        size: (OpaquePointer?, Int32) -> Int,
        save: (OpaquePointer?, Int32, UnsafeMutablePointer<UInt8>?, Int) -> Int
    ) -> [UInt8]? {
        let size = size(pointer, Int32(sequence))
        guard size > 0 else { return nil }
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, written in
            written = save(pointer, Int32(sequence), buffer.baseAddress, buffer.count)
        }
        return bytes.count == size ? bytes : nil
    }

    /// Puts a state into an empty sequence.
    ///
    /// - Returns: `false` if there is no room for it, or it is of another kind; the sequence is empty.
    func restore(_ state: SequenceState, to sequence: Int) -> Bool {
        cllama_sequence_restore(
            pointer,
            Int32(sequence),
            state.bytes,
            state.bytes.count,
            Int32(state.tokens.count)
        )
    }
}
